-- name: is_there
-- purpose: whether the table of migrations is there
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
               WHERE c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident(pg_catalog.current_schema()))
                 AND c.relname = '_prisma_migrations');

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
SELECT id, checksum, finished_at IS NOT NULL, migration_name, logs, rolled_back_at IS NOT NULL, applied_steps_count,
       started_at
FROM _prisma_migrations ORDER BY started_at, id;

-- name: begin
-- purpose: a migration begins
INSERT INTO _prisma_migrations (id, checksum, migration_name, logs)
VALUES (%(id)s, %(checksum)s, %(name)s, %(logs)s);

-- name: go_on
-- purpose: a migration that was killed, or has failed in a part of it, goes on
UPDATE _prisma_migrations SET logs = %(logs)s, started_at = now() WHERE id = %(id)s;

-- name: step
-- purpose: so many parts of a migration are done; one that runs in one piece has one
UPDATE _prisma_migrations SET applied_steps_count = %(steps)s WHERE id = %(id)s;

-- name: finish
-- purpose: a migration is applied, and when
UPDATE _prisma_migrations SET finished_at = now(), logs = NULL WHERE id = %(id)s;

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

-- name: occupants
-- purpose: what these schemas hold besides the table of migrations, the objects of extensions left out
SELECT x.kind, x.name FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                          ELSE 'table' END AS kind,
           n.nspname::text || '.' || c.relname::text AS name, c.oid, 'pg_catalog.pg_class'::regclass AS catalog
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND c.relname <> '_prisma_migrations'
    UNION ALL
    SELECT 'enum', n.nspname::text || '.' || t.typname::text, t.oid, 'pg_catalog.pg_type'::regclass
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND t.typtype = 'e'
) x
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = x.catalog AND d.objid = x.oid AND d.deptype = 'e')
ORDER BY x.kind = 'sequence', x.name;

-- name: current_schema
-- purpose: the schema that unqualified names mean
SELECT pg_catalog.current_schema()::text;
