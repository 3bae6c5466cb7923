-- Where pgvector is there.
CREATE EXTENSION vector;
CREATE TABLE app.items (id int PRIMARY KEY, kind int, embedding vector(24));
INSERT INTO app.items SELECT i, i % 20, (SELECT array_agg(random()) FROM generate_series(1, 24) WHERE i = i)::vector
  FROM generate_series(1, 3000) i;
CREATE INDEX items_hnsw ON app.items USING hnsw (embedding vector_l2_ops);
