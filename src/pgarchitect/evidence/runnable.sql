-- name: functions
-- purpose: what the server knows of the functions by these names: can their effects leave the transaction?
SELECT p.oid, n.nspname, p.proname, p.provolatile = 'v', l.lanname, l.lanpltrusted,
       coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.proname = ANY(%(names)s::name[])
   OR p.oid IN (SELECT step FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc whole ON whole.oid = a.aggfnoid,
                pg_catalog.unnest(ARRAY[a.aggtransfn, a.aggfinalfn]::oid[]) step
                WHERE whole.proname = ANY(%(names)s::name[]) AND whole.pronamespace <> 'pg_catalog'::regnamespace)
ORDER BY n.nspname, p.proname, p.oid;

-- name: triggers
-- purpose: names of the functions that triggers call when these tables are written, or their partitions, or what a
-- foreign key changes with them
WITH RECURSIVE written(oid) AS (
    SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = ANY(%(tables)s::name[])
    UNION
    SELECT further.oid FROM written w
    CROSS JOIN LATERAL (
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = w.oid
        UNION ALL
        SELECT k.conrelid FROM pg_catalog.pg_constraint k
        WHERE k.contype = 'f' AND k.confrelid = w.oid
          AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
    ) further(oid)
)
SELECT DISTINCT p.proname
FROM written w
JOIN pg_catalog.pg_trigger t ON t.tgrelid = w.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid;

-- name: foreign_tables
-- purpose: those among these tables that live on another server
SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relkind = 'f' AND c.relname = ANY(%(tables)s::name[]);
