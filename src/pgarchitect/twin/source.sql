-- name: database
-- purpose: encoding and collation of the source's database
SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, 'c', NULL::text
FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database();

-- name: database @15
-- purpose: the same, with the collation provider
SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider::text, daticulocale
FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database();

-- name: database @17
-- purpose: the same, with the locale of any provider
SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider::text, datlocale
FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database();

-- name: settings
-- purpose: settings that plans depend on
SELECT name, setting FROM pg_catalog.pg_settings
WHERE category LIKE 'Query Tuning%'
   OR name IN ('work_mem', 'hash_mem_multiplier', 'TimeZone', 'DateStyle', 'IntervalStyle', 'search_path',
               'default_text_search_config', 'row_security', 'array_nulls', 'transform_null_equals', 'temp_buffers',
               'max_parallel_workers', 'max_parallel_workers_per_gather', 'effective_io_concurrency',
               'default_statistics_target');

-- name: relations
-- purpose: lengths of all relations, and what the planner is told of them
SELECT n.nspname, c.relname, c.relkind::text,
       CASE WHEN c.oid = ANY (%(locked)s::oid[]) THEN c.relpages
            WHEN c.relkind IN ('r', 'm', 'i')
            THEN pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int ELSE 0 END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'm', 'i', 'p', 'I') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND coalesce(i.indrelid, c.oid) <> ALL (%(without)s::oid[]);

-- name: ends
-- purpose: leading B-tree columns with a histogram, whose least and greatest values the planner reads from the index
SELECT DISTINCT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, -1)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = x.relam AND am.amname = 'btree'
JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0]
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid AND c.relkind IN ('r', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
WHERE i.indisvalid AND i.indpred IS NULL AND s.histogram_bounds IS NOT NULL AND i.indcollation[0] = a.attcollation
  AND EXISTS (SELECT FROM pg_catalog.pg_opclass d WHERE d.opcfamily = o.opcfamily AND d.opcdefault)
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND c.oid <> ALL (%(without)s::oid[]) AND i.indexrelid <> ALL (%(locked)s::oid[])
  AND NOT (%(spare)s::boolean
           AND EXISTS (SELECT FROM pg_catalog.pg_index u
                       WHERE u.indrelid = i.indrelid AND u.indkey[0] = i.indkey[0]
                         AND coalesce(pg_catalog.pg_stat_get_numscans(u.indexrelid), 0) = 0))
ORDER BY 1, 2, 3;
