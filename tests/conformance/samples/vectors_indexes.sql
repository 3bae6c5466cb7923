CREATE INDEX x_cosine ON app.items USING hnsw (embedding vector_cosine_ops) WITH (m = 8);
CREATE INDEX x_kind ON app.items (kind);
