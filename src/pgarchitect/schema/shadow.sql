-- name: lock
-- purpose: whoever holds this lock uses the shadow database of that name; everybody asks for it in the same database
SELECT pg_try_advisory_lock(1885827442, hashtext(%(name)s));

-- name: unlock
-- purpose: the shadow database is gone
SELECT pg_advisory_unlock(1885827442, hashtext(%(name)s));

-- name: shadows
-- purpose: shadow databases, also those of processes that were killed
SELECT datname::text FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, 'pgarchitect_shadow_');

-- name: used
-- purpose: whether somebody is connected to a database
SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE datname = %(name)s);

-- name: exists
-- purpose: whether a database was kept
SELECT FROM pg_catalog.pg_database WHERE datname = %(name)s AND datallowconn;

-- name: kept
-- purpose: databases that were kept, the newest first
SELECT datname::text FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, 'pgarchitect_replayed_')
ORDER BY oid DESC;

-- name: circumstances
-- purpose: what migrations depend on besides themselves: the server's version, and every setting that is not its default
SELECT pg_catalog.current_setting('server_version_num'),
       (SELECT pg_catalog.string_agg(s.name || '=' || s.setting, E'\n' ORDER BY s.name) FROM pg_catalog.pg_settings s
        WHERE s.source NOT IN ('default', 'override', 'session', 'command line') AND s.name <> 'application_name');
