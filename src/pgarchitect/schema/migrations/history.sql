-- name: is_there
-- purpose: whether the table of migrations is there
SELECT pg_catalog.to_regclass('_prisma_migrations') IS NOT NULL;

-- name: create
-- purpose: the table of migrations, as Prisma makes it
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
);

-- name: read
-- purpose: everything that was recorded, in its order
SELECT id, checksum, finished_at IS NOT NULL, migration_name, logs, rolled_back_at IS NOT NULL, applied_steps_count
FROM _prisma_migrations ORDER BY started_at, id;

-- name: begin
-- purpose: a migration begins
INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (%(id)s, %(checksum)s, %(name)s);

-- name: step
-- purpose: so many parts of a migration that no transaction can hold are done
UPDATE _prisma_migrations SET applied_steps_count = %(steps)s WHERE id = %(id)s;

-- name: finish
-- purpose: a migration is applied
UPDATE _prisma_migrations SET applied_steps_count = applied_steps_count + 1 WHERE id = %(id)s;

-- name: finished
-- purpose: a migration is applied, and when
UPDATE _prisma_migrations SET finished_at = now() WHERE id = %(id)s;

-- name: fail
-- purpose: a migration failed, and why
UPDATE _prisma_migrations SET logs = %(logs)s WHERE id = %(id)s;

-- name: roll_back
-- purpose: a failed migration counts as rolled back
UPDATE _prisma_migrations SET rolled_back_at = now()
WHERE migration_name = %(name)s AND finished_at IS NULL AND rolled_back_at IS NULL;

-- name: mark_applied
-- purpose: a migration counts as applied, though it was not run here
INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, started_at)
VALUES (%(id)s, %(checksum)s, %(name)s, now(), now());

-- name: is_empty
-- purpose: whether the schema that migrations would go to holds no relation, type or function of anybody's
SELECT NOT EXISTS (
    SELECT FROM pg_catalog.pg_class c
    WHERE c.relnamespace = pg_catalog.current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      AND c.relname <> '_prisma_migrations'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'));
