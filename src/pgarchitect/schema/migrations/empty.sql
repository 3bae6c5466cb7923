-- name: occupants
-- purpose: what schemas hold besides the history of migrations, that of extensions left out; at most twelve
SELECT x.kind, x.name FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                          ELSE 'table' END AS kind,
           n.nspname::text || '.' || c.relname::text AS name, c.oid, 'pg_class'::regclass AS catalog
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND c.relname <> '_prisma_migrations'
    UNION ALL
    SELECT 'enum', n.nspname::text || '.' || t.typname::text, t.oid, 'pg_type'::regclass
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND t.typtype = 'e'
) x
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = x.catalog AND d.objid = x.oid AND d.deptype = 'e')
ORDER BY x.kind = 'sequence', x.name LIMIT 12;
