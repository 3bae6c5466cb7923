-- name: lock
-- purpose: whoever holds this lock uses the shadow database of that name; everybody asks for it in the same database
SELECT pg_try_advisory_lock(1885827442, hashtext(%(name)s));

-- name: unlock
-- purpose: the shadow database is gone
SELECT pg_advisory_unlock(1885827442, hashtext(%(name)s));

-- name: shadows
-- purpose: shadow databases, also those of processes that were killed
SELECT datname::text FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, 'pgarchitect_shadow_');
