-- Statements of the snapshot store.

-- name: store
-- Keep the counters of one reading.
WITH taken AS (
    INSERT INTO pgarchitect.workload_snapshot (target, taken_at, stats_reset)
    VALUES (%(target)s, %(taken_at)s, %(stats_reset)s)
    RETURNING id
)
INSERT INTO pgarchitect.workload_snapshot_statement (snapshot_id, query_id, calls, total_ms, rows)
SELECT taken.id, figures.query_id, figures.calls, figures.total_ms, figures.rows
FROM taken, unnest(%(query_ids)s::bigint[], %(calls)s::bigint[], %(total_ms)s::float8[], %(rows)s::bigint[])
    AS figures (query_id, calls, total_ms, rows);

-- name: forget
-- Keep the newest readings of a database only.
DELETE FROM pgarchitect.workload_snapshot
WHERE id IN (
    SELECT id FROM pgarchitect.workload_snapshot
    WHERE target = %(target)s
    ORDER BY taken_at DESC, id DESC
    OFFSET %(kept)s);

-- name: latest
-- The newest reading of a database with its counters; one row with nulls for a reading without statements.
SELECT snapshot.taken_at, snapshot.stats_reset, figures.query_id, figures.calls, figures.total_ms, figures.rows
FROM (
    SELECT id, taken_at, stats_reset FROM pgarchitect.workload_snapshot
    WHERE target = %(target)s
    ORDER BY taken_at DESC, id DESC
    LIMIT 1
) snapshot
LEFT JOIN pgarchitect.workload_snapshot_statement figures ON figures.snapshot_id = snapshot.id;
