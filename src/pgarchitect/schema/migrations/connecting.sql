-- name: settings
-- purpose: no bound on a migration's time, one on its waits for locks; names mean what they mean to Prisma
SELECT set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
       set_config('lock_timeout', %(lock_timeout)s, false), set_config('search_path', %(search_path)s, false),
       -- from PostgreSQL 17 on
       CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL THEN set_config('transaction_timeout', '0', false) END;

-- name: watch
-- purpose: the server notices within a second that a client was killed, and undoes what it was at
SELECT set_config('client_connection_check_interval', %(interval)s, false);

-- name: kept
-- purpose: the settings that a script must leave as they are for the next one
SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
       current_setting('lock_timeout'), current_setting('search_path'), current_setting('default_transaction_read_only'),
       current_setting('client_connection_check_interval'), current_setting('idle_session_timeout'),
       current_setting('transaction_timeout', true);

-- name: restore
-- purpose: they are as they were
SELECT set_config('statement_timeout', %(statement)s, false),
       set_config('idle_in_transaction_session_timeout', %(idle)s, false),
       set_config('lock_timeout', %(lock)s, false), set_config('search_path', %(path)s, false),
       set_config('default_transaction_read_only', %(read_only)s, false),
       set_config('client_connection_check_interval', %(watch)s, false),
       set_config('idle_session_timeout', %(idle_session)s, false),
       CASE WHEN %(transaction)s::text IS NOT NULL THEN set_config('transaction_timeout', %(transaction)s::text, false) END;

-- name: patience
-- purpose: how long a statement waits for a lock, and whether the server ends it when its client is gone
SELECT set_config('lock_timeout', %(lock)s, false), set_config('client_connection_check_interval', %(watch)s, false);

-- name: ours
-- purpose: until the transaction ends, names and rights are as they were before the script began
SELECT set_config('search_path', %(path)s, true), set_config('role', 'none', true);
