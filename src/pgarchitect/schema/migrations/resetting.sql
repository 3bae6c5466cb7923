-- name: schema
-- purpose: who owns a schema, whether we may make it anew in that role's name, its comment
SELECT r.rolname::text, pg_catalog.pg_has_role(r.oid, 'MEMBER'), pg_catalog.obj_description(n.oid, 'pg_namespace')
FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner WHERE n.nspname = %(schema)s;

-- name: grants
-- purpose: what was granted on a schema, and to whom; empty: to everybody
SELECT a.privilege_type, COALESCE(r.rolname::text, ''), a.is_grantable
FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a
LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE n.nspname = %(schema)s AND a.grantee <> n.nspowner;

-- name: extensions
-- purpose: extensions whose objects lie in these schemas
SELECT e.extname::text, n.nspname::text
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE n.nspname = ANY(%(schemas)s) ORDER BY e.extname;

-- name: tables
-- purpose: tables of these schemas with how many rows they are thought to have; below 0: nobody knows
SELECT n.nspname::text || '.' || c.relname::text, c.reltuples::bigint
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'f') AND n.nspname = ANY(%(schemas)s) AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.reltuples DESC, 1;
