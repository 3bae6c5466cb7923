-- name: writes
-- purpose: rows written to each table since the counters of the database were reset; partitions count for their root
SELECT n.nspname, c.relname, sum(s.n_tup_ins)::bigint, sum(s.n_tup_upd)::bigint, sum(s.n_tup_hot_upd)::bigint
FROM pg_catalog.pg_stat_user_tables s
JOIN pg_catalog.pg_class c ON c.oid = coalesce(pg_catalog.pg_partition_root(s.relid), s.relid)
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY n.nspname, c.relname;

-- name: counting_seconds
-- purpose: for how long those counters, and those of pg_stat_statements, have counted
SELECT extract(epoch FROM pg_catalog.now() - coalesce(stats_reset, pg_catalog.pg_postmaster_start_time()))::float8
FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database();
