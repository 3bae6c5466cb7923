-- name: index
-- purpose: whether a table has an index of this name, and whether that is whole
SELECT i.indisvalid, i.indexrelid::regclass::text
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass(%(table)s) AND c.relname = %(name)s;

-- name: relation
-- purpose: whether there is anything of this name
SELECT to_regclass(%(name)s) IS NOT NULL;

-- name: half_rebuilt
-- purpose: what an interrupted REINDEX CONCURRENTLY has left behind
SELECT i.indexrelid::regclass::text
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
  AND (i.indrelid = to_regclass(%(name)s)
       OR i.indrelid = (SELECT x.indrelid FROM pg_catalog.pg_index x WHERE x.indexrelid = to_regclass(%(name)s)));

-- name: partition
-- purpose: whether a partition is still attached, and whether it is half detached
SELECT p.inhdetachpending FROM pg_catalog.pg_inherits p
WHERE p.inhrelid = to_regclass(%(partition)s) AND p.inhparent = to_regclass(%(table)s);

-- name: database
-- purpose: whether there is a database of this name
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %(name)s);
