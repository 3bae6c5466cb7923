-- name: created_index
-- purpose: what an index just created is called (its partitions' too), its size, and whether this transaction may use it
SELECT c.relname, pg_catalog.pg_relation_size(c.oid), i.indcheckxmin
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE c.oid = %(index)s::regclass
   OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(%(index)s::regclass));

-- name: limit_runs
-- purpose: end a run after its limit; end its wait for a lock earlier, which says nothing of how fast it is
SELECT set_config('statement_timeout', %(run_ms)s, false),
       set_config('lock_timeout', least(s.setting::int, %(lock_ms)s)::text, false)
FROM pg_catalog.pg_settings s
WHERE s.name = 'lock_timeout';
