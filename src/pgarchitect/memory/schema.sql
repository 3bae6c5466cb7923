-- The whole schema as the migrations leave it; a test applies both and compares the catalogs.
-- Read this file to know the schema; `prepare` runs the migrations.

CREATE SCHEMA IF NOT EXISTS pgarchitect;

CREATE TABLE pgarchitect.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE pgarchitect.optimization_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    target text NOT NULL,
    statement text NOT NULL,
    fingerprint text NOT NULL,
    kind text NOT NULL,
    recommendation text NOT NULL,
    rollback text NOT NULL,
    candidate_key text NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL,
    gain_percent double precision,
    confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    verdict text NOT NULL CHECK (verdict IN ('apply', 'review', 'log', 'human', 'unproven', 'rejected')),
    saved_ms double precision NOT NULL,
    intent text NOT NULL,
    embedder text NOT NULL,
    embedding vector(384) NOT NULL CHECK (vector_norm(embedding) > 0),
    leads boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE pgarchitect.optimization_log IS 'What was proposed, proven or rejected; append-only.';
COMMENT ON COLUMN pgarchitect.optimization_log.target IS 'Identity of the audited server and database.';
COMMENT ON COLUMN pgarchitect.optimization_log.candidate_key IS 'Stable key of the change: the same change has the same key in every run.';
COMMENT ON COLUMN pgarchitect.optimization_log.embedder IS 'Name of the space that the embedding lies in; vectors of two spaces are never compared.';
COMMENT ON COLUMN pgarchitect.optimization_log.leads IS 'First entry of its statement: the similarity search looks at these alone, so that many entries of one statement do not hide its neighbours.';

CREATE INDEX optimization_log_embedding ON pgarchitect.optimization_log USING hnsw (embedding vector_cosine_ops) WHERE leads;
CREATE INDEX optimization_log_created_at ON pgarchitect.optimization_log (created_at);
CREATE INDEX optimization_log_target_fingerprint ON pgarchitect.optimization_log (target, fingerprint);
CREATE INDEX optimization_log_fingerprint ON pgarchitect.optimization_log (fingerprint);
CREATE INDEX optimization_log_target_candidate ON pgarchitect.optimization_log (target, candidate_key);

CREATE TABLE pgarchitect.optimization_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    log_id bigint NOT NULL REFERENCES pgarchitect.optimization_log,
    kind text NOT NULL CHECK (kind IN ('applied', 'reverted', 'dismissed')),
    at timestamptz NOT NULL DEFAULT now(),
    note text NOT NULL DEFAULT ''
);

COMMENT ON TABLE pgarchitect.optimization_event IS 'What became of a logged change after its audit; append-only.';

CREATE INDEX optimization_event_log_id ON pgarchitect.optimization_event (log_id, kind, at);

CREATE FUNCTION pgarchitect.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Add an event or a new entry instead.';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pgarchitect.optimization_log
    FOR EACH STATEMENT EXECUTE FUNCTION pgarchitect.refuse_change();
ALTER TABLE pgarchitect.optimization_log ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pgarchitect.optimization_event
    FOR EACH STATEMENT EXECUTE FUNCTION pgarchitect.refuse_change();
ALTER TABLE pgarchitect.optimization_event ENABLE ALWAYS TRIGGER append_only;

-- An event belongs to the change, so it counts for every entry of the same change on the same database.
CREATE VIEW pgarchitect.optimization AS
SELECT
    entry.id, entry.run_id, entry.target, entry.statement, entry.fingerprint, entry.kind, entry.recommendation,
    entry.rollback, entry.candidate_key, entry.reason, entry.evidence, entry.gain_percent, entry.confidence,
    entry.verdict, entry.saved_ms, entry.intent, entry.embedder, entry.embedding, entry.leads, entry.created_at,
    (SELECT min(applied.at)
     FROM pgarchitect.optimization_log twin
     JOIN pgarchitect.optimization_event applied ON applied.log_id = twin.id AND applied.kind = 'applied'
     WHERE twin.target = entry.target AND twin.candidate_key = entry.candidate_key
       AND NOT EXISTS (
           SELECT FROM pgarchitect.optimization_log other
           JOIN pgarchitect.optimization_event reverted ON reverted.log_id = other.id AND reverted.kind = 'reverted'
           WHERE other.target = entry.target AND other.candidate_key = entry.candidate_key
             AND (reverted.at, reverted.id) > (applied.at, applied.id))) AS applied_at,
    (SELECT max(dismissed.at)
     FROM pgarchitect.optimization_log twin
     JOIN pgarchitect.optimization_event dismissed ON dismissed.log_id = twin.id AND dismissed.kind = 'dismissed'
     WHERE twin.target = entry.target AND twin.candidate_key = entry.candidate_key) AS dismissed_at
FROM pgarchitect.optimization_log entry;

COMMENT ON VIEW pgarchitect.optimization IS 'Each entry of the log with what became of its change.';
COMMENT ON COLUMN pgarchitect.optimization.applied_at IS 'First applied since it was last reverted; null while it is not in force.';

CREATE TABLE pgarchitect.workload_snapshot (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target text NOT NULL,
    taken_at timestamptz NOT NULL,
    stats_reset timestamptz
);

COMMENT ON TABLE pgarchitect.workload_snapshot IS 'When the workload''s counters of a database were read; the newest few are kept.';

CREATE INDEX workload_snapshot_target ON pgarchitect.workload_snapshot (target, taken_at, id);

CREATE TABLE pgarchitect.workload_snapshot_statement (
    snapshot_id bigint NOT NULL REFERENCES pgarchitect.workload_snapshot ON DELETE CASCADE,
    query_id bigint NOT NULL,
    calls bigint NOT NULL,
    total_ms double precision NOT NULL,
    rows bigint NOT NULL,
    PRIMARY KEY (snapshot_id, query_id)
);
