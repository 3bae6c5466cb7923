-- name: indexes
-- purpose: the indexes that are there, so that a new one is known by not having been.
SELECT schemaname::text, tablename::text, indexname::text
FROM pg_catalog.pg_indexes
WHERE schemaname <> ALL (ARRAY['pg_catalog', 'pg_toast', 'information_schema']);
