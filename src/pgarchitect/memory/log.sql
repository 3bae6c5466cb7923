-- Statements of OptimizationLog that its client has no words for. Types and operators of pgvector are found through
-- search_path, which the block "settings" sets for the transaction, since the extension may live in any schema.

-- name: settings
-- Find pgvector's types wherever they are; search the index until enough rows pass the filters, nearest first.
SELECT
    set_config('search_path', 'pgarchitect, ' || quote_ident(nspname) || ', pg_temp', true),
    set_config('hnsw.iterative_scan', 'strict_order', true),
    set_config('hnsw.ef_search', '200', true)
FROM pg_catalog.pg_extension
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'vector';

-- name: similar
-- The nearest statements of each vector of $1, each with the newest entry of every change known for it: number of the
-- vector from 1, id, similarity. $2: database or null, $3: embedding, $4: statements per vector, $5: entries looked at,
-- $6: similarity at least.
-- Materialized, or the text of each vector would be read again for every row that it is compared with.
WITH asked AS MATERIALIZED (
    SELECT ordinal, given::vector AS embedding
    FROM unnest($1::text[]) WITH ORDINALITY AS given (given, ordinal)
), leaders AS (
    SELECT asked.ordinal, nearest.fingerprint, min(nearest.distance) AS distance
    FROM asked
    CROSS JOIN LATERAL (
        SELECT fingerprint, embedding <=> asked.embedding AS distance
        FROM optimization_log
        WHERE leads AND embedder = $3::text AND ($2::text IS NULL OR target = $2::text)
        ORDER BY embedding <=> asked.embedding
        LIMIT $5::bigint
    ) nearest
    WHERE 1 - nearest.distance >= $6::double precision
    GROUP BY asked.ordinal, nearest.fingerprint
), families AS (
    SELECT ordinal, fingerprint, distance,
           row_number() OVER (PARTITION BY ordinal ORDER BY distance, fingerprint) AS place
    FROM leaders
)
SELECT families.ordinal, newest.id, least(1 - families.distance, 1) AS similarity
FROM families
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (target, candidate_key) id
    FROM optimization_log
    WHERE fingerprint = families.fingerprint AND ($2::text IS NULL OR target = $2::text)
    ORDER BY target, candidate_key, id DESC
) newest
WHERE families.place <= $4::bigint
ORDER BY families.ordinal, families.place, newest.id DESC;
