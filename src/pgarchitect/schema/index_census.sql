-- name: indexes
-- purpose: every index of the database that is not the system's, with all that tells two of them apart or protects one
SELECT i.indexrelid::bigint AS oid, i.indrelid::bigint AS table_oid, c.relname AS name,
       pg_catalog.quote_ident(c.relname) AS quoted,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS qualified,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname) AS table_name,
       t.relname AS table_plain,
       c.relkind = 'I' AS partitioned,
       (SELECT h.inhparent::bigint FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid) AS parent,
       i.indisunique AS "unique", i.indisprimary AS "primary", i.indimmediate AS immediate,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
       i.indisvalid AS valid, i.indisready AS ready, i.indisclustered AS clustered,
       i.indisreplident AND t.relreplident = 'i' AS replica_identity,
       EXISTS (SELECT FROM pg_catalog.pg_depend d
               WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid IN (i.indexrelid, i.indrelid)
                 AND d.deptype = 'e') AS of_extension,
       am.amname AS method, i.indnkeyatts::int AS key_count,
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
             FROM pg_catalog.generate_series(1, i.indnatts) k) AS columns,
       i.indkey::int2[] AS numbers, i.indclass::oid[] AS classes, i.indcollation::oid[] AS collations,
       i.indoption::int2[] AS options,
       ARRAY(SELECT coalesce(a.attoptions::text, '') FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = i.indexrelid ORDER BY a.attnum) AS class_options,
       i.indexprs IS NOT NULL AS has_expressions, pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
       ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = i.indrelid
               AND (a.attnum = ANY (i.indkey::int2[])
                    OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                               WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                                 AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
               AND a.attnum > 0 ORDER BY 1) AS touched,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition, coalesce(c.reloptions, '{}') AS storage,
       (SELECT pg_catalog.quote_ident(s.spcname) FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
       pg_catalog.obj_description(i.indexrelid, 'pg_class') AS comment,
       ARRAY(SELECT a.attnum || ' SET STATISTICS ' || a.attstattarget FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0 ORDER BY a.attnum) AS statistics_targets,
       CASE WHEN c.relkind = 'I' THEN 0
            WHEN EXISTS (SELECT FROM pg_catalog.pg_locks l
                         WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock'
                           AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                                             WHERE d.datname = pg_catalog.current_database()))
            THEN c.relpages * pg_catalog.current_setting('block_size')::bigint
            ELSE coalesce(pg_catalog.pg_relation_size(c.oid), 0) END AS size_bytes,
       c.reltuples::float8 AS entries
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 5, 4;

-- name: constraints
-- purpose: constraints that stand on an index: their own, or a foreign key that refers to its columns
SELECT k.conindid::bigint, k.contype::text, pg_catalog.quote_ident(k.conname), k.conrelid::regclass::text
FROM pg_catalog.pg_constraint k
WHERE k.conindid <> 0 AND k.contype IN ('p', 'u', 'x', 'f') AND k.conparentid = 0
ORDER BY k.contype DESC, 3;

-- name: foreign_keys
-- purpose: foreign keys by the table that refers; a delete or a change of key in the other one looks there for rows
SELECT DISTINCT ON (k.conrelid, k.conkey) k.conrelid::bigint, k.conkey, pg_catalog.quote_ident(k.conname),
       k.confrelid::regclass::text
FROM pg_catalog.pg_constraint k
WHERE k.contype = 'f'
ORDER BY k.conrelid, k.conkey, k.conparentid;

-- name: tables
-- purpose: what ANALYZE and the file say of each table that has an index
SELECT c.oid::bigint AS oid, c.relkind::text AS kind, c.reltuples::float8 AS rows, c.relpages AS pages
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'm') AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid);

-- name: at_work
-- purpose: tables that somebody other than autovacuum holds as CREATE INDEX and REINDEX do, concurrently or not
SELECT DISTINCT l.relation::bigint
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'AccessExclusiveLock')
  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker';
