-- name: counting
-- purpose: since when the counters of this database can have counted (null: they do not), and what time it is
-- A crash or a promotion empties them all and dates only those of the whole server; somebody may date one of these
-- anew, so the oldest of them is the latest moment at which they were emptied.
SELECT CASE WHEN pg_catalog.current_setting('track_counts')::boolean THEN
       greatest((SELECT d.stats_reset FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()),
                least((SELECT b.stats_reset FROM pg_catalog.pg_stat_bgwriter b),
                      (SELECT a.stats_reset FROM pg_catalog.pg_stat_archiver a),
                      (SELECT w.stats_reset FROM pg_catalog.pg_stat_wal w))) END,
       pg_catalog.clock_timestamp(), pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('track_commit_timestamp')::boolean;

-- name: index_scans
-- purpose: how often each index was scanned
SELECT s.indexrelid::bigint, s.idx_scan, NULL::timestamptz FROM pg_catalog.pg_stat_user_indexes s;

-- name: index_scans @16
-- purpose: the same, and when it last was
SELECT s.indexrelid::bigint, s.idx_scan, s.last_idx_scan FROM pg_catalog.pg_stat_user_indexes s;

-- name: changed
-- purpose: when the catalog entry of each index was last written, at the latest by its creation
SELECT i.indexrelid::bigint, pg_catalog.pg_xact_commit_timestamp(i.xmin)
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_stat_user_indexes s ON s.indexrelid = i.indexrelid;

-- name: table_writes
-- purpose: rows written to each table, and how often it was read
SELECT s.relid::bigint, s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0),
       s.n_live_tup, s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL
FROM pg_catalog.pg_stat_user_tables s;

-- name: standbys
-- purpose: physical standbys that stream from here; backups and logical subscribers do not count
SELECT count(*) FROM pg_catalog.pg_stat_replication r
WHERE r.state IN ('streaming', 'catchup') AND r.application_name <> 'pg_receivewal'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical');
