-- name: unreadable
-- purpose: tables that this role may not read
SELECT c.oid::bigint, n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 2, 3;

-- name: locked
-- purpose: relations that somebody holds, or waits to hold, alone: we would wait behind him
SELECT DISTINCT c.oid::bigint, n.nspname, c.relname, c.relkind::text
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
  AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 2, 3;

-- name: dependents
-- purpose: views over the given relations: to read their definition, PostgreSQL locks what they show
WITH RECURSIVE over (oid) AS (
  SELECT held::oid FROM pg_catalog.unnest(%s::bigint[]) AS held
  UNION
  SELECT r.ev_class
  FROM over
  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = over.oid
                             AND d.classid = 'pg_catalog.pg_rewrite'::regclass
  JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
)
SELECT c.oid::bigint, n.nspname, c.relname
FROM over
JOIN pg_catalog.pg_class c ON c.oid = over.oid AND c.relkind IN ('v', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY 2, 3;

-- name: resolved
-- purpose: what the given names mean on the source; null for those that mean nothing
SELECT name, pg_catalog.to_regclass(name)::oid::bigint FROM pg_catalog.unnest(%s::text[]) AS name;

-- name: unwanted
-- purpose: tables and views that the given ones do not need: neither by keys, inheritance, types, functions nor rules
WITH RECURSIVE needed (class, object) AS (
  SELECT 'pg_catalog.pg_class'::regclass::oid, wanted::oid FROM pg_catalog.unnest(%s::bigint[]) AS wanted
  UNION
  SELECT step.class, step.object
  FROM needed
  CROSS JOIN LATERAL (
    SELECT d.refclassid, d.refobjid
    FROM pg_catalog.pg_depend d WHERE d.classid = needed.class AND d.objid = needed.object
    UNION ALL
    SELECT d.classid, d.objid
    FROM pg_catalog.pg_depend d
    WHERE d.refclassid = needed.class AND d.refobjid = needed.object AND d.deptype IN ('a', 'i')
      AND needed.class IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass)
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass::oid, h.inhrelid
    FROM pg_catalog.pg_inherits h
    WHERE needed.class = 'pg_catalog.pg_class'::regclass AND h.inhparent = needed.object
  ) AS step (class, object)
)
SELECT c.oid::bigint, n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT EXISTS (SELECT FROM needed WHERE class = 'pg_catalog.pg_class'::regclass AND object = c.oid)
ORDER BY 2, 3;

-- name: collations
-- purpose: collations of the source's own system that tables, domains and indexes use
SELECT DISTINCT c.collname
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_collation c ON d.refclassid = 'pg_catalog.pg_collation'::regclass AND d.refobjid = c.oid
WHERE c.collnamespace = 'pg_catalog'::regnamespace AND c.collname NOT IN ('default', 'C', 'POSIX')
ORDER BY 1;
