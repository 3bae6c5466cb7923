-- name: could_be_created
-- purpose: whether the server's programs have an extension that the database lacks
SELECT FROM pg_catalog.pg_available_extensions WHERE name = %(name)s AND installed_version IS NULL;
