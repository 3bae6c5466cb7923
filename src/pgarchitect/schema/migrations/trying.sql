-- name: standing
-- purpose: triggers, rules and policies that stand on one of these columns (schema, table and column), in their way when it changes
SELECT DISTINCT x.kind, x.name
FROM (
    SELECT 'trigger' AS kind, t.tgname AS own, t.tgrelid AS relation, 'pg_catalog.pg_trigger'::regclass AS catalog, t.oid
    FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL
    SELECT 'rule', w.rulename, w.ev_class, 'pg_catalog.pg_rewrite'::regclass, w.oid
    FROM pg_catalog.pg_rewrite w WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', p.polname, p.polrelid, 'pg_catalog.pg_policy'::regclass, p.oid FROM pg_catalog.pg_policy p
) y
CROSS JOIN LATERAL (
    SELECT y.kind, pg_catalog.format('%%I ON %%I.%%I', y.own, n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = y.relation
) x
JOIN pg_catalog.pg_depend d ON d.classid = y.catalog AND d.objid = y.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
JOIN pg_catalog.pg_class r ON r.oid = a.attrelid
JOIN pg_catalog.pg_namespace s ON s.oid = r.relnamespace
WHERE ARRAY[s.nspname, r.relname, a.attname]::text[] IN (
    SELECT ARRAY[q.schema, q.relation, q.name] 
    FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(tables)s::text[]), pg_catalog.unnest(%(columns)s::text[]))
        AS q (schema, relation, name))
ORDER BY 1, 2;

-- name: elsewhere
-- purpose: tables of these names in schemas that nobody names
SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(%(names)s) AND n.nspname <> ALL(%(schemas)s)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 2, 1;

-- name: is_there
-- purpose: whether there is a relation of this name
SELECT pg_catalog.to_regclass(%(name)s) IS NOT NULL;
