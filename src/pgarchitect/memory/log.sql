-- Statements of OptimizationLog. Types and operators of pgvector are found through search_path,
-- which the block "settings" sets for the transaction, since the extension may live in any schema.

-- name: settings
-- Find pgvector's types wherever they are; search the index until enough rows pass the filters, nearest first.
SELECT
    set_config('search_path', 'pgarchitect, ' || quote_ident(nspname) || ', pg_temp', true),
    set_config('hnsw.iterative_scan', 'strict_order', true),
    set_config('hnsw.ef_search', '200', true)
FROM pg_catalog.pg_extension
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'vector';

-- name: record
-- Append a batch of entries; the ids come back in the batch's order.
INSERT INTO optimization_log (
    run_id, target, statement, fingerprint, kind, recommendation, rollback, candidate_key, reason, evidence,
    gain_percent, confidence, verdict, saved_ms, intent, embedder, embedding, leads)
SELECT
    run_id, target, statement, fingerprint, kind, recommendation, rollback, candidate_key, reason, evidence,
    gain_percent, confidence, verdict, saved_ms, intent, embedder, embedding::vector,
    row_number() OVER (PARTITION BY target, fingerprint, embedder ORDER BY ordinal) = 1
    AND NOT EXISTS (
        SELECT FROM optimization_log earlier
        WHERE earlier.target = given.target AND earlier.fingerprint = given.fingerprint
          AND earlier.embedder = given.embedder)
FROM ROWS FROM (
    json_to_recordset(%(entries)s::json) AS (
        run_id uuid, target text, statement text, fingerprint text, kind text, recommendation text, rollback text,
        candidate_key text, reason text, evidence jsonb, gain_percent double precision,
        confidence double precision, verdict text, saved_ms double precision, intent text, embedder text,
        embedding text)
) WITH ORDINALITY AS given (
    run_id, target, statement, fingerprint, kind, recommendation, rollback, candidate_key, reason, evidence,
    gain_percent, confidence, verdict, saved_ms, intent, embedder, embedding, ordinal)
ORDER BY ordinal
RETURNING id;

-- name: similar
-- The nearest statements of each given vector, each with the newest entry of every change known for it.
-- Materialized, or the text of each vector would be read again for every row that it is compared with.
WITH asked AS MATERIALIZED (
    SELECT ordinal, given::vector AS embedding
    FROM unnest(%(embeddings)s::text[]) WITH ORDINALITY AS given (given, ordinal)
), leaders AS (
    SELECT asked.ordinal, nearest.fingerprint, min(nearest.distance) AS distance
    FROM asked
    CROSS JOIN LATERAL (
        SELECT fingerprint, embedding <=> asked.embedding AS distance
        FROM optimization_log
        WHERE leads AND embedder = %(embedder)s AND (%(target)s::text IS NULL OR target = %(target)s)
        ORDER BY embedding <=> asked.embedding
        LIMIT %(looked_at)s
    ) nearest
    WHERE 1 - nearest.distance >= %(at_least)s
    GROUP BY asked.ordinal, nearest.fingerprint
), families AS (
    SELECT ordinal, fingerprint, distance,
           row_number() OVER (PARTITION BY ordinal ORDER BY distance, fingerprint) AS place
    FROM leaders
)
SELECT
    families.ordinal, newest.id, newest.run_id::text, newest.target, newest.fingerprint, newest.statement,
    newest.candidate_key, newest.kind, newest.recommendation, newest.rollback, newest.reason, newest.intent,
    newest.gain_percent, newest.confidence, newest.verdict, newest.saved_ms,
    least(1 - families.distance, 1) AS similarity, newest.created_at, newest.applied_at, newest.dismissed_at
FROM families
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (target, candidate_key) id
    FROM optimization_log
    WHERE fingerprint = families.fingerprint AND (%(target)s::text IS NULL OR target = %(target)s)
    ORDER BY target, candidate_key, id DESC
) newest_id
JOIN optimization newest ON newest.id = newest_id.id
WHERE families.place <= %(limit)s
ORDER BY families.ordinal, families.place, newest.id DESC;

-- name: entries
-- Entries by what is known about them, newest first; an argument that is null does not filter.
SELECT
    1, id, run_id::text, target, fingerprint, statement, candidate_key, kind, recommendation, rollback, reason, intent,
    gain_percent, confidence, verdict, saved_ms, 1.0::double precision, created_at, applied_at, dismissed_at
FROM optimization
WHERE (%(target)s::text IS NULL OR target = %(target)s)
  AND (%(fingerprint)s::text IS NULL OR fingerprint = %(fingerprint)s)
  AND (%(verdict)s::text IS NULL OR verdict = %(verdict)s)
  AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
ORDER BY id DESC
LIMIT %(limit)s;

-- name: newest_of_changes
-- The newest entry of every change of a database, of one statement or of given changes; null does not filter.
SELECT
    1, id, run_id::text, target, fingerprint, statement, candidate_key, kind, recommendation, rollback, reason, intent,
    gain_percent, confidence, verdict, saved_ms, 1.0::double precision, created_at, applied_at, dismissed_at
FROM (
    SELECT DISTINCT ON (candidate_key) id
    FROM optimization_log
    WHERE target = %(target)s
      AND (%(fingerprint)s::text IS NULL OR fingerprint = %(fingerprint)s)
      AND (%(candidate_keys)s::text[] IS NULL OR candidate_key = ANY (%(candidate_keys)s))
    ORDER BY candidate_key, id DESC
) newest
JOIN optimization USING (id)
ORDER BY candidate_key;

-- name: entry
-- One entry.
SELECT
    1, id, run_id::text, target, fingerprint, statement, candidate_key, kind, recommendation, rollback, reason, intent,
    gain_percent, confidence, verdict, saved_ms, 1.0::double precision, created_at, applied_at, dismissed_at
FROM optimization
WHERE id = %(id)s;

-- name: known_ids
-- Which of the given ids are in the log.
SELECT id FROM optimization_log WHERE id = ANY (%(ids)s);

-- name: evidence
-- What proved one entry.
SELECT evidence FROM optimization_log WHERE id = %(id)s;

-- name: add_events
-- Append what became of changes; without a time, it is now.
INSERT INTO optimization_event (log_id, kind, at, note)
SELECT log_id, kind, coalesce(at, now()), note
FROM ROWS FROM (
    json_to_recordset(%(events)s::json) AS (log_id bigint, kind text, at timestamptz, note text)
) WITH ORDINALITY AS given (log_id, kind, at, note, ordinal)
ORDER BY ordinal;
