-- name: facts
-- purpose: who we are, where, and what the server lets us be
SELECT current_user::text, pg_catalog.current_database()::text, r.rolsuper, pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('server_version')
FROM pg_catalog.pg_roles r WHERE r.rolname = current_user;

-- name: setting
-- purpose: a setting, where its value comes from, and whether this role may change it for the whole server
SELECT setting, source, context = 'postmaster', pending_restart,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), true
FROM pg_catalog.pg_settings WHERE name = %s;

-- name: setting @15
-- purpose: the same; from 15 on the right to change a setting can be granted
SELECT setting, source, context = 'postmaster', pending_restart,
       pg_catalog.has_parameter_privilege(name, 'ALTER SYSTEM')
       AND (context = 'postmaster' OR pg_catalog.has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE')), true
FROM pg_catalog.pg_settings WHERE name = %s;

-- name: setting @17
-- purpose: the same; from 17 on ALTER SYSTEM can be forbidden as such
SELECT setting, source, context = 'postmaster', pending_restart,
       pg_catalog.has_parameter_privilege(name, 'ALTER SYSTEM')
       AND (context = 'postmaster' OR pg_catalog.has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE')),
       pg_catalog.current_setting('allow_alter_system')::boolean
FROM pg_catalog.pg_settings WHERE name = %s;

-- name: setting_in_files
-- purpose: the value that the configuration files give a setting, which holds after the next restart
SELECT setting FROM pg_catalog.pg_file_settings WHERE name = %s ORDER BY seqno DESC LIMIT 1;

-- name: encryption
-- purpose: how this connection is encrypted
SELECT ssl, version, cipher FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid();

-- name: extension
-- purpose: an extension: version that can be created, version and schema created in this database
SELECT a.default_version, e.extversion, n.nspname::text
FROM pg_catalog.pg_available_extensions a
LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE a.name = %s;

-- name: extension_schema
-- purpose: schema of an extension of this database
SELECT n.nspname::text FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s;

-- name: reads_all_stats
-- purpose: whether this role sees the statements of the others
SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE');

-- name: readable_tables
-- purpose: number of tables, number of those that this role cannot read, and a few of their names
WITH seen AS (
    SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
           COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                    AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), true) AS readable
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT count(*), count(*) FILTER (WHERE NOT readable),
       (SELECT pg_catalog.array_agg(name ORDER BY name) FROM (SELECT name FROM seen WHERE NOT readable ORDER BY name LIMIT 3) few)
FROM seen;

-- name: statement_columns
-- purpose: which of the columns that we read the view of statements has
SELECT pg_catalog.array_agg(a.attname::text)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = 'pg_stat_statements' AND a.attnum > 0 AND NOT a.attisdropped;

-- name: statements_stored
-- purpose: statements of this database, how many of them are hidden from this role, and those of all databases
SELECT count(*) FILTER (WHERE here), count(*) FILTER (WHERE here AND queryid IS NULL), count(*)
FROM (SELECT queryid, dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AS here
      FROM {schema}.pg_stat_statements) stored;

-- name: statements_info
-- purpose: how often statements were dropped for lack of room, and since when the server counts
SELECT dealloc, stats_reset FROM {schema}.pg_stat_statements_info;

-- name: own_query_id
-- purpose: whether the server computes an identity for our own statement
SELECT query_id FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid();

-- name: may_analyse
-- purpose: a condition on table c: this role may analyse it
pg_catalog.pg_has_role(c.relowner, 'USAGE')
OR pg_catalog.pg_has_role((SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()), 'USAGE');

-- name: may_analyse @17
-- purpose: the same; from 17 on the right to analyse can be granted
pg_catalog.has_table_privilege(c.oid, 'MAINTAIN')
OR pg_catalog.pg_has_role((SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()), 'USAGE');

-- name: never_analysed
-- purpose: tables with rows but without statistics, and whether this role may analyse them
WITH described AS (SELECT DISTINCT schemaname, tablename FROM pg_catalog.pg_stats)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), ({may_analyse})
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
LEFT JOIN described d ON d.schemaname = n.nspname AND d.tablename = c.relname
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND d.tablename IS NULL AND s.last_analyze IS NULL AND s.last_autoanalyze IS NULL
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
  AND NOT pg_catalog.row_security_active(c.oid)
  AND CASE c.relkind
      WHEN 'p' THEN (SELECT sum(pg_catalog.pg_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(c.oid) t)
      ELSE pg_catalog.pg_relation_size(c.oid) END > 0
ORDER BY 1;

-- name: column_statistics
-- purpose: number of columns whose statistics this role sees, and tables whose rows and statistics are kept from it
SELECT (SELECT count(*) FROM pg_catalog.pg_stats WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
       (SELECT count(*) FROM pg_catalog.pg_class c
        WHERE c.relrowsecurity AND c.relkind IN ('r', 'p') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
          AND pg_catalog.row_security_active(c.oid));

-- name: without_autovacuum
-- purpose: tables that have autovacuum switched off for themselves, and a few of their names
SELECT count(*), (pg_catalog.array_agg(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)))[1:3]
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND 'autovacuum_enabled=false' = ANY (c.reloptions);

-- name: may_read_statements
-- purpose: whether this role may use the extension's schema, and read its views
SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
       pg_catalog.bool_and(pg_catalog.has_table_privilege(c.oid, 'SELECT'))
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname IN ('pg_stat_statements', 'pg_stat_statements_info')
WHERE n.nspname = %s
GROUP BY n.oid;

-- name: settings_loaded_at
-- purpose: when this session last took over the configuration files
SELECT pg_catalog.pg_conf_load_time();
