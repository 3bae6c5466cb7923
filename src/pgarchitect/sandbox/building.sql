-- name: tables
-- purpose: tables that the sandbox has
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast');

-- name: servers
-- purpose: foreign servers, which would lead a statement out of the sandbox
SELECT srvname FROM pg_catalog.pg_foreign_server ORDER BY 1;

-- name: size
-- purpose: bytes of the database
SELECT pg_catalog.pg_database_size(pg_catalog.current_database());
