-- name: counts
-- purpose: pages and rows of all relations, for a twin that cannot take them from a dump
SELECT n.nspname, c.relname, c.relpages, c.reltuples::float8, c.relallvisible
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'i', 'p', 'I') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast');

-- name: set_counts
-- purpose: write them to the twin
UPDATE pg_catalog.pg_class c SET relpages = %s, reltuples = %s, relallvisible = %s
FROM pg_catalog.pg_namespace n
WHERE n.oid = c.relnamespace AND n.nspname = %s AND c.relname = %s;

-- name: files
-- purpose: files of indexes by oid
SELECT i.indexrelid::bigint, pg_catalog.pg_relation_filepath(i.indexrelid)
FROM pg_catalog.pg_index i WHERE i.indexrelid = ANY (%s::oid[]);
