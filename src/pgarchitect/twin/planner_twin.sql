-- name: indexes_named
-- purpose: indexes by name, as plans show it or with the schema, and those of their partitions
WITH RECURSIVE wanted AS (
  SELECT DISTINCT name FROM pg_catalog.unnest(%s::text[]) AS name
), found AS (
  SELECT w.name, c.oid
  FROM wanted w
  JOIN pg_catalog.pg_class c ON c.relkind IN ('i', 'I')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> 'pg_toast'
  WHERE c.relname = w.name
     OR w.name IN (n.nspname || '.' || c.relname, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname))
), tree (name, oid) AS (
  SELECT name, oid FROM found
  UNION
  SELECT t.name, h.inhrelid FROM tree t JOIN pg_catalog.pg_inherits h ON h.inhparent = t.oid
)
SELECT w.name, (SELECT count(*) FROM found f WHERE f.name = w.name),
       ARRAY(SELECT t.oid::bigint FROM tree t WHERE t.name = w.name)
FROM wanted w;
