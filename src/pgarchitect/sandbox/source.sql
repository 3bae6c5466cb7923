-- name: tables
-- purpose: tables with their sizes, and the partitioned table that each belongs to in the end; not those of extensions
WITH RECURSIVE part (oid, root) AS (
  SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  UNION ALL
  SELECT i.inhrelid, part.root
  FROM part
  JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
)
SELECT c.oid::bigint, part.root::bigint, n.nspname, c.relname, c.relkind = 'p',
       CASE WHEN c.relkind = 'p' THEN 0
            WHEN c.reltuples < 0 OR c.reltuples = 0 AND c.relpages = 0 THEN pg_catalog.pg_table_size(c.oid) / 100
            ELSE c.reltuples END::float8,
       pg_catalog.pg_total_relation_size(c.oid),
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
       ARRAY(SELECT a.attname::text
             FROM pg_catalog.pg_index i
             CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
             WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts ORDER BY k.place)
FROM part
JOIN pg_catalog.pg_class c ON c.oid = part.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND c.oid <> ALL (%(without)s::oid[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 3, 4;

-- name: references
-- purpose: foreign keys with the operators that compare their columns; not the copies of a key that partitions have
SELECT k.conname, k.conrelid::bigint, k.confrelid::bigint,
       child.names, parent.names, parent.types,
       ARRAY(SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
             FROM pg_catalog.unnest(k.conpfeqop) WITH ORDINALITY AS each (oid, place)
             JOIN pg_catalog.pg_operator o ON o.oid = each.oid
             JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace ORDER BY each.place),
       child.nullable, coalesce(s.null_frac, 0)::float8, s.n_distinct::float8,
       -- In another spelling than k.conperiod, which servers older than 18 do not know.
       coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false)
FROM pg_catalog.pg_constraint k
CROSS JOIN LATERAL (
  SELECT pg_catalog.array_agg(a.attname::text ORDER BY each.place), pg_catalog.bool_or(NOT a.attnotnull)
  FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS each (number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = each.number
) AS child (names, nullable)
CROSS JOIN LATERAL (
  SELECT pg_catalog.array_agg(a.attname::text ORDER BY each.place),
         pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, NULL) ORDER BY each.place)
  FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS each (number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = each.number
) AS parent (names, types)
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
                               AND pg_catalog.cardinality(child.names) = 1 AND s.attname = child.names[1]
                               AND s.inherited = (c.relkind = 'p')
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY 2, 1;

-- name: unreadable
-- purpose: tables with rows that a policy hides from this role, foreign tables, and a standby's unlogged tables
SELECT c.oid::bigint, n.nspname, c.relname,
       CASE WHEN c.relkind = 'f' THEN 'foreign' WHEN pg_catalog.row_security_active(c.oid) THEN 'policy' ELSE 'unlogged' END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND c.relpersistence <> 't'
  AND (c.relkind = 'f' OR pg_catalog.row_security_active(c.oid)
       OR c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
ORDER BY 2, 3;

-- name: sequences
-- purpose: sequences that this role may read; not those of extensions
SELECT n.nspname, c.relname, pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2;

-- name: roles
-- purpose: roles that row policies name
SELECT DISTINCT r.rolname
FROM pg_catalog.pg_policy p
CROSS JOIN LATERAL pg_catalog.unnest(p.polroles) AS named (oid)
JOIN pg_catalog.pg_roles r ON r.oid = named.oid
WHERE r.rolname NOT LIKE 'pg\_%'
ORDER BY 1;

-- name: rest
-- purpose: bytes of materialised views, of the largest index, and of shared buffers; whether it is a standby
SELECT (SELECT coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::bigint
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'm' AND c.oid <> ALL (%(without)s::oid[])),
       (SELECT coalesce(max(pg_catalog.pg_relation_size(i.indexrelid)), 0)
        FROM pg_catalog.pg_index i
        WHERE i.indrelid >= 16384 AND i.indrelid <> ALL (%(without)s::oid[])),
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')),
       pg_catalog.pg_is_in_recovery();

-- name: join_end
-- purpose: one end of a declared join: its table, whether it has the columns, their types, and whether they are unique
SELECT c.oid::bigint, c.relkind::text,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY (%(columns)s)),
       ARRAY(SELECT pg_catalog.format_type(a.atttypid, NULL)
             FROM pg_catalog.unnest(%(columns)s::text[]) WITH ORDINALITY AS each (name, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = each.name AND NOT a.attisdropped
             ORDER BY each.place),
       EXISTS (SELECT FROM pg_catalog.pg_attribute a
               WHERE a.attrelid = c.oid AND a.attname = ANY (%(columns)s) AND NOT a.attnotnull),
       EXISTS (SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                 AND (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname)
                      FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                      WHERE k.place <= i.indnkeyatts)
                     = ARRAY(SELECT name FROM pg_catalog.unnest(%(columns)s::text[]) AS name ORDER BY name COLLATE "C")),
       (SELECT s.n_distinct::float8 FROM pg_catalog.pg_stats s
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND s.schemaname = n.nspname
        WHERE s.tablename = c.relname AND pg_catalog.cardinality(%(columns)s::text[]) = 1
          AND s.attname = (%(columns)s::text[])[1] AND s.inherited = (c.relkind = 'p')),
       (SELECT s.null_frac::float8 FROM pg_catalog.pg_stats s
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND s.schemaname = n.nspname
        WHERE s.tablename = c.relname AND pg_catalog.cardinality(%(columns)s::text[]) = 1
          AND s.attname = (%(columns)s::text[])[1] AND s.inherited = (c.relkind = 'p'))
FROM pg_catalog.pg_class c
WHERE c.oid = pg_catalog.to_regclass(%(table)s) AND c.relkind IN ('r', 'p');

-- name: sorted_by
-- purpose: the column in whose order a table is stored, more or less, and how much
SELECT s.attname, s.correlation::float8
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
WHERE s.schemaname = %(schema)s AND s.tablename = %(name)s AND NOT s.inherited
  AND pg_catalog.abs(s.correlation) * (1 - s.null_frac) >= %(least)s AND s.n_distinct <> 1
ORDER BY pg_catalog.round((pg_catalog.abs(s.correlation) * (1 - s.null_frac))::numeric, 2) DESC,
         CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * greatest(c.reltuples, 1) ELSE s.n_distinct END DESC, a.attnum
LIMIT 1;
