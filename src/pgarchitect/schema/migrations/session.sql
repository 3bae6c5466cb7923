-- name: settings
-- purpose: no end to a migration's time but a bound on its waits for locks; names mean what they mean to Prisma
SELECT set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
       set_config('lock_timeout', %(lock_timeout)s, false), set_config('default_transaction_read_only', 'off', false),
       set_config('search_path', %(search_path)s, false);

-- name: lock_timeout
-- purpose: how long a statement waits for a lock
SELECT set_config('lock_timeout', %(lock_timeout)s, false);

-- name: lock
-- purpose: the lock that Prisma takes, too; asked for again and again, since a statement that waits holds up CONCURRENTLY
SELECT pg_try_advisory_lock(72707369);

-- name: unlock
-- purpose: the lock is given back
SELECT pg_advisory_unlock(72707369);
