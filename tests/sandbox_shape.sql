-- name: relations
-- purpose: what must be alike in a copy, but for rows
SELECT c.oid::regclass::text, relkind, relpersistence, relreplident, relrowsecurity, relforcerowsecurity, relispopulated,
       reloptions, pg_get_expr(relpartbound, c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1;

-- name: columns
-- purpose: the same
SELECT c.oid::regclass::text, a.attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
       attstattarget, attcompression, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a
JOIN pg_class c ON c.oid = attrelid
JOIN pg_namespace n ON n.oid = relnamespace AND nspname !~ '^(pg_|information_schema)'
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = attnum
WHERE attnum > 0 AND NOT attisdropped ORDER BY 1, 2;

-- name: indexes
-- purpose: the same
SELECT pg_get_indexdef(indexrelid), indisvalid, indisreplident, indisclustered
FROM pg_index JOIN pg_class c ON c.oid = indexrelid
JOIN pg_namespace n ON n.oid = relnamespace AND nspname !~ '^(pg_|information_schema)' ORDER BY 1;

-- name: constraints
-- purpose: the same
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
FROM pg_constraint WHERE conrelid >= 16384 ORDER BY 1, 2;

-- name: statistics
-- purpose: the same
SELECT pg_get_statisticsobjdef(oid), stxstattarget FROM pg_statistic_ext ORDER BY 1;

-- name: triggers
-- purpose: the same
SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;

-- name: rules
-- purpose: the same
SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class >= 16384 ORDER BY 1;

-- name: policies
-- purpose: the same
SELECT polname, polroles::regrole[]::text, pg_get_expr(polqual, polrelid) FROM pg_policy ORDER BY 1;

-- name: sequences
-- purpose: the same
SELECT schemaname, sequencename, start_value, increment_by, last_value FROM pg_sequences ORDER BY 1, 2;

-- name: functions
-- purpose: the same
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE oid >= 16384 AND prokind = 'f' AND prolang <> 13 ORDER BY 1;

-- name: extensions
-- purpose: the same
SELECT extname, extnamespace::regnamespace::text FROM pg_extension ORDER BY 1;
