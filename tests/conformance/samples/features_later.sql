-- What happened since the last VACUUM and ANALYZE.
INSERT INTO app.stale SELECT i, timestamptz '2025-01-01' + i * interval '1 minute', i % 50 FROM generate_series(60001, 80000) i;
UPDATE app.users SET country = 'ZZ' WHERE id % 50 = 0;
CREATE TABLE app.fresh (id int, x text);
INSERT INTO app.fresh SELECT i, md5(i::text) FROM generate_series(1, 3000) i;
