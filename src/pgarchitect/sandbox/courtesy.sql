-- name: waiting
-- purpose: a session of an application that has been waiting for ours for too long, and what it wants to do
SELECT a.pid, pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 80)
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid AND a.backend_type = 'client backend'
WHERE NOT l.granted AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.relation IN (SELECT relation FROM pg_catalog.pg_locks
                     WHERE pid = %(ours)s AND granted AND locktype = 'relation' AND mode = 'AccessShareLock')
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.waitstart < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %(patience)s)
LIMIT 1;

-- name: end
-- purpose: end our session, whatever it does, and with it its locks
SELECT pg_catalog.pg_terminate_backend(%(ours)s);
