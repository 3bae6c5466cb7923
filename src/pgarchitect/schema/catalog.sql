-- name: relations
-- purpose: tables and views of these names and the tables beneath the views, none of them the system's
WITH RECURSIVE meant(oid, relkind) AS (
    SELECT c.oid, c.relkind FROM pg_catalog.pg_class c
    WHERE c.relname = ANY(%(names)s) AND c.relkind IN ('r', 'p', 'm', 'v')
    UNION
    SELECT c.oid, c.relkind
    FROM meant v
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid AND v.relkind = 'v'
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                               AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> v.oid
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'm', 'v')
)
SELECT c.oid, n.nspname, c.relname, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       c.relkind::text, c.reltuples::float8, c.relpages, pg_catalog.pg_table_is_visible(c.oid),
       ARRAY(SELECT a.relid::oid FROM pg_catalog.pg_partition_ancestors(c.oid) a WHERE a.relid <> c.oid),
       CASE c.relkind WHEN 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END
FROM meant m
JOIN pg_catalog.pg_class c ON c.oid = m.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\_toast%%' AND n.nspname NOT LIKE 'pg\_temp%%'
ORDER BY c.oid;

-- name: columns
-- purpose: columns of these tables, in their order; sortable: the type under domains and arrays has a B-tree class
WITH RECURSIVE beneath(declared, type) AS (
    SELECT DISTINCT a.atttypid, a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = ANY(%(tables)s)
    UNION
    SELECT b.declared, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
    FROM beneath b JOIN pg_catalog.pg_type t ON t.oid = b.type
    WHERE t.typtype = 'd' OR t.typcategory = 'A' AND t.typelem <> 0
)
SELECT a.attrelid, a.attname, pg_catalog.quote_ident(a.attname),
       pg_catalog.format_type(a.atttypid, a.atttypmod), t.typcategory::text, a.attnotnull,
       EXISTS (SELECT FROM beneath b
               JOIN pg_catalog.pg_type u ON u.oid = b.type AND u.typtype <> 'd' AND NOT (u.typcategory = 'A' AND u.typelem <> 0)
               JOIN pg_catalog.pg_opclass o
                 ON o.opcintype = u.oid
                 OR o.opcintype = CASE u.typtype WHEN 'e' THEN 'anyenum'::regtype WHEN 'r' THEN 'anyrange'::regtype
                                                 WHEN 'm' THEN 'anymultirange'::regtype END
                 OR EXISTS (SELECT FROM pg_catalog.pg_cast k
                            WHERE k.castsource = u.oid AND k.casttarget = o.opcintype
                              AND k.castmethod = 'b' AND k.castcontext = 'i')
               JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod
               WHERE b.declared = a.atttypid AND am.amname = 'btree' AND o.opcdefault),
       ARRAY(SELECT DISTINCT am.amname::text FROM pg_catalog.pg_opclass o
             JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod AND am.amname IN ('hash', 'brin', 'gin', 'gist')
             WHERE o.opcdefault
               AND (o.opcintype IN (a.atttypid, t.typbasetype) OR o.opcintype = CASE t.typtype WHEN 'e' THEN 'anyenum'::regtype
                                                                            WHEN 'r' THEN 'anyrange'::regtype END
                    OR t.typcategory = 'A' AND t.typelem <> 0 AND o.opcintype = 'anyarray'::regtype
                    OR EXISTS (SELECT FROM pg_catalog.pg_cast k
                               WHERE k.castsource IN (a.atttypid, t.typbasetype) AND k.casttarget = o.opcintype
                                 AND k.castmethod = 'b' AND k.castcontext = 'i'))),
       a.attcollation = 0 OR EXISTS (
           SELECT FROM pg_catalog.pg_collation k, pg_catalog.pg_database d
           WHERE k.oid = a.attcollation AND d.datname = pg_catalog.current_database()
             AND CASE k.collprovider WHEN 'd' THEN d.datcollate IN ('C', 'POSIX')
                                                   AND COALESCE(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') = 'c'
                                                   OR pg_catalog.to_jsonb(d) ->> 'datlocprovider' = 'b'
                                     ELSE k.collprovider = 'b' OR k.collcollate IN ('C', 'POSIX') END)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = ANY(%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;

-- name: indexes
-- purpose: indexes of these tables, key by key, as the server spells them; what of a key is not usual; what holds them
SELECT i.indrelid, c.relname, am.amname, i.indisunique, i.indisprimary, i.indisvalid,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true) FROM pg_catalog.generate_series(1, i.indnkeyatts) k),
       i.indoption::int2[],
       pg_catalog.pg_relation_size(i.indexrelid),
       ARRAY(SELECT CASE WHEN o.opcdefault THEN '' ELSE o.opcname::text END
                    || COALESCE((SELECT ' COLLATE ' || pg_catalog.quote_ident(l.collname) FROM pg_catalog.pg_attribute a
                                 JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[k]
                                 WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[k] AND a.attcollation <> l.oid), '')
             FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) k
             JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k] ORDER BY k),
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
             FROM pg_catalog.generate_series(i.indnkeyatts + 1, i.indnatts) k),
       pg_catalog.pg_get_indexdef(i.indexrelid),
       i.indisunique OR i.indisclustered OR i.indisreplident OR c.relispartition OR c.relkind = 'I'
           OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE i.indrelid = ANY(%(tables)s)
ORDER BY i.indrelid, c.relname;

-- name: statistics
-- purpose: what ANALYZE knows of the columns of these tables (rows of real data: stays in memory)
SELECT c.oid, s.attname, s.null_frac, s.n_distinct, s.correlation,
       s.most_common_vals::text::text[], s.most_common_freqs::float8[], s.histogram_bounds::text::text[], s.avg_width
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
WHERE c.oid = ANY(%(tables)s)
ORDER BY s.inherited;

-- name: trigram_class
-- purpose: how the operator class for trigrams of pg_trgm is spelled, if it is installed
SELECT CASE WHEN pg_catalog.pg_opclass_is_visible(o.oid) THEN '' ELSE pg_catalog.quote_ident(n.nspname) || '.' END || o.opcname
FROM pg_catalog.pg_opclass o
JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
WHERE o.opcname = 'gin_trgm_ops';

-- name: relation_names
-- purpose: every name that is taken in the schemas of these tables
SELECT DISTINCT o.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_class o ON o.relnamespace = c.relnamespace
WHERE c.oid = ANY(%(tables)s);
