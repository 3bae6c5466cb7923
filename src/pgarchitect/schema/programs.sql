-- name: qualified
-- purpose: names are spelled with their schemas until the transaction ends
SELECT set_config('search_path', '', true);

-- name: programs
-- purpose: functions, procedures, triggers, rules, policies, what else tables and sequences are, domains, composite and range types, without those of extensions
WITH of_extensions AS MATERIALIZED (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
), namespaces AS MATERIALIZED (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%(schemas)s)
), relations AS MATERIALIZED (
    SELECT c.oid, c.relforcerowsecurity, pg_catalog.format('%%I.%%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN namespaces n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
        SELECT FROM of_extensions e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid)
)
SELECT 'function', r.signature, pg_catalog.pg_get_functiondef(r.oid), pg_catalog.format('DROP ROUTINE %%s', r.signature),
       r.prosqlbody IS NULL, r.oid::bigint,
       (SELECT pg_catalog.max(CASE WHEN c.relkind IN ('v', 'm') THEN 2 WHEN c.relkind = 'c' THEN 0 ELSE 1 END)
        FROM pg_catalog.pg_depend d
        LEFT JOIN pg_catalog.pg_type t ON d.refclassid = 'pg_catalog.pg_type'::regclass AND t.oid = d.refobjid
        LEFT JOIN pg_catalog.pg_type i ON i.oid = t.typelem
        JOIN pg_catalog.pg_class c ON c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
          AND c.oid IN (t.typrelid, i.typrelid, CASE WHEN d.refclassid = 'pg_catalog.pg_class'::regclass THEN d.refobjid END)
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = r.oid)
FROM (SELECT p.*, pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname,
                                    pg_catalog.pg_get_function_identity_arguments(p.oid)) AS signature
      FROM pg_catalog.pg_proc p JOIN namespaces n ON n.oid = p.pronamespace
      WHERE p.prokind IN ('f', 'p') AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_depend e
          WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i'))) r
UNION ALL
SELECT 'trigger', pg_catalog.format('%%I ON %%s', t.tgname, r.name),
       pg_catalog.pg_get_triggerdef(t.oid) || CASE t.tgenabled
           WHEN 'O' THEN ''
           ELSE pg_catalog.format('; ALTER TABLE %%s %%s TRIGGER %%I', r.name,
                                  CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
                                  t.tgname) END,
       pg_catalog.format('DROP TRIGGER %%I ON %%s', t.tgname, r.name), false, t.oid::bigint, NULL
FROM pg_catalog.pg_trigger t JOIN relations r ON r.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND NOT EXISTS (
    SELECT FROM of_extensions e WHERE e.classid = 'pg_catalog.pg_trigger'::regclass AND e.objid = t.oid)
UNION ALL
SELECT 'rule', pg_catalog.format('%%I ON %%s', w.rulename, r.name), pg_catalog.pg_get_ruledef(w.oid),
       pg_catalog.format('DROP RULE %%I ON %%s', w.rulename, r.name), false, w.oid::bigint, NULL
FROM pg_catalog.pg_rewrite w JOIN relations r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', pg_catalog.format('%%I ON %%s', p.polname, r.name),
       pg_catalog.format('CREATE POLICY %%I ON %%s AS %%s FOR %%s TO %%s%%s%%s', p.polname, r.name,
           CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
           CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
           COALESCE((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.rolname), ', ' ORDER BY o.rolname)
                     FROM pg_catalog.pg_roles o WHERE o.oid = ANY(p.polroles)), 'PUBLIC'),
           ' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
           ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
       pg_catalog.format('DROP POLICY %%I ON %%s', p.polname, r.name), false, p.oid::bigint, NULL
FROM pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid
UNION ALL
SELECT 'row security', r.name, pg_catalog.format('ALTER TABLE %%s FORCE ROW LEVEL SECURITY', r.name),
       pg_catalog.format('ALTER TABLE %%s NO FORCE ROW LEVEL SECURITY', r.name), false, r.oid::bigint, NULL
FROM relations r WHERE r.relforcerowsecurity
UNION ALL
SELECT 'foreign keys of', r.name, pg_catalog.format('ALTER TABLE %%s DISABLE TRIGGER ALL', r.name),
       pg_catalog.format('ALTER TABLE %%s ENABLE TRIGGER ALL', r.name), false, r.oid::bigint, NULL
FROM relations r
WHERE EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = r.oid AND t.tgisinternal AND t.tgenabled = 'D')
UNION ALL
SELECT 'type', g.name,
       pg_catalog.format('CREATE TYPE %%s AS RANGE (SUBTYPE = %%s%%s%%s, MULTIRANGE_TYPE_NAME = %%s)', g.name,
           pg_catalog.format_type(g.rngsubtype, NULL),
           ', COLLATION = ' || (SELECT pg_catalog.format('%%I.%%I', n.nspname, k.collname)
                                FROM pg_catalog.pg_collation k JOIN pg_catalog.pg_namespace n ON n.oid = k.collnamespace
                                JOIN pg_catalog.pg_type s ON s.oid = g.rngsubtype
                                WHERE k.oid = g.rngcollation AND k.oid <> s.typcollation),
           ', SUBTYPE_DIFF = ' || NULLIF(g.rngsubdiff::text, '-'), pg_catalog.format_type(g.rngmultitypid, NULL)),
       pg_catalog.format('DROP TYPE %%s', g.name), false, g.oid::bigint, NULL
FROM (SELECT t.oid, pg_catalog.format('%%I.%%I', n.nspname, t.typname) AS name, x.*
      FROM pg_catalog.pg_range x JOIN pg_catalog.pg_type t ON t.oid = x.rngtypid JOIN namespaces n ON n.oid = t.typnamespace
      WHERE NOT EXISTS (
          SELECT FROM of_extensions e WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid)) g
UNION ALL
SELECT 'sequence', s.name,
       pg_catalog.format('ALTER SEQUENCE %%s AS %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s START %%s CACHE %%s %%s', s.name,
           pg_catalog.format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
           CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END),
       pg_catalog.format('ALTER SEQUENCE %%s INCREMENT 1 NO MINVALUE NO MAXVALUE START 1 CACHE 1 NO CYCLE', s.name), false,
       s.seqrelid::bigint, NULL
FROM (SELECT q.*, pg_catalog.format('%%I.%%I', n.nspname, c.relname) AS name
      FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN namespaces n ON n.oid = c.relnamespace
      WHERE (q.seqstart, q.seqincrement, q.seqmin, q.seqcache, q.seqcycle, q.seqmax) <> (1, 1, 1, 1, false,
             CASE q.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END)
        AND NOT EXISTS (SELECT FROM of_extensions e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid)) s
UNION ALL
SELECT 'domain', d.name,
       pg_catalog.format('CREATE DOMAIN %%s AS %%s%%s%%s%%s', d.name, pg_catalog.format_type(d.typbasetype, d.typtypmod),
           ' DEFAULT ' || d.typdefault, CASE WHEN d.typnotnull THEN ' NOT NULL' ELSE '' END,
           (SELECT pg_catalog.string_agg(pg_catalog.format(' CONSTRAINT %%I %%s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)),
                                         '' ORDER BY k.conname)
            FROM pg_catalog.pg_constraint k WHERE k.contypid = d.oid AND k.contype = 'c')),
       pg_catalog.format('DROP DOMAIN %%s', d.name), false, d.oid::bigint, NULL
FROM (SELECT t.*, pg_catalog.format('%%I.%%I', n.nspname, t.typname) AS name
      FROM pg_catalog.pg_type t JOIN namespaces n ON n.oid = t.typnamespace
      WHERE t.typtype = 'd' AND NOT EXISTS (
          SELECT FROM of_extensions e WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid)) d
UNION ALL
SELECT 'type', pg_catalog.format('%%I.%%I', n.nspname, c.relname),
       pg_catalog.format('CREATE TYPE %%I.%%I AS (%%s)', n.nspname, c.relname,
           (SELECT pg_catalog.string_agg(pg_catalog.format('%%I %%s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)),
                                         ', ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)),
       pg_catalog.format('DROP TYPE %%I.%%I', n.nspname, c.relname), false, c.oid::bigint, NULL
FROM pg_catalog.pg_class c JOIN namespaces n ON n.oid = c.relnamespace
WHERE c.relkind = 'c' AND NOT EXISTS (
    SELECT FROM of_extensions e WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = c.reltype)
ORDER BY 1, 2;
