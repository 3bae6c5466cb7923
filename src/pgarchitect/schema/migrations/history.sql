-- name: exists
-- purpose: whether the table is there
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = %(schema)s AND c.relname = '_prisma_migrations');

-- name: create
-- purpose: the table as Prisma makes it
CREATE TABLE IF NOT EXISTS {table} (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
);

-- name: rows
-- purpose: what has run, in the order in which it began
SELECT id, checksum, finished_at, migration_name, logs, rolled_back_at, started_at, applied_steps_count
FROM {table} ORDER BY started_at, migration_name;

-- name: begin
-- purpose: a migration begins
INSERT INTO {table} (id, checksum, migration_name, logs) VALUES (%(id)s, %(checksum)s, %(name)s, %(logs)s);

-- name: begin_again
-- purpose: a migration that was interrupted goes on
UPDATE {table} SET started_at = now(), logs = %(logs)s WHERE id = %(id)s;

-- name: count
-- purpose: so many steps of a migration are done
UPDATE {table} SET applied_steps_count = %(steps)s WHERE id = %(id)s;

-- name: finish
-- purpose: a migration is done
UPDATE {table} SET finished_at = now(), logs = NULL WHERE id = %(id)s;

-- name: fail
-- purpose: a migration has failed, and why
UPDATE {table} SET logs = %(logs)s WHERE id = %(id)s;

-- name: roll_back
-- purpose: what failed of a migration counts as rolled back
UPDATE {table} SET rolled_back_at = now()
WHERE migration_name = %(name)s AND finished_at IS NULL AND rolled_back_at IS NULL;

-- name: record
-- purpose: a migration counts as applied, although it did not run
INSERT INTO {table} (id, checksum, migration_name, finished_at) VALUES (%(id)s, %(checksum)s, %(name)s, now());
