-- name: behind
-- purpose: which of the wanted relations the named ones are, or are made of: partitions, heirs, what views show
WITH RECURSIVE reached (name, oid) AS (
  SELECT name, pg_catalog.to_regclass(name)::oid FROM pg_catalog.unnest(%(names)s::text[]) AS name
  UNION
  SELECT reached.name, step.oid
  FROM reached
  CROSS JOIN LATERAL (
    SELECT h.inhrelid FROM pg_catalog.pg_inherits h WHERE h.inhparent = reached.oid
    UNION ALL
    SELECT d.refobjid
    FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                               AND d.refclassid = 'pg_catalog.pg_class'::regclass
    WHERE r.ev_class = reached.oid AND d.refobjid <> reached.oid
  ) AS step (oid)
), spelled (oid, name) AS (
  SELECT c.oid, '"' || replace(n.nspname, '"', '""') || '"."' || replace(c.relname, '"', '""') || '"'
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT DISTINCT reached.name, spelled.name
FROM reached
JOIN spelled ON spelled.oid = reached.oid AND spelled.name = ANY (%(wanted)s::text[]);
