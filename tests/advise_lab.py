"""A database of many types, large enough that every kind of index has a statement that it helps."""

import psycopg

ROWS = 60_000

SCHEMA = f"""
CREATE EXTENSION pg_trgm;
CREATE COLLATION words (locale = 'C.UTF-8');
CREATE SCHEMA "Sales";
CREATE TABLE events (id bigint PRIMARY KEY, at timestamp NOT NULL, kind text NOT NULL, owner int NOT NULL,
    token text NOT NULL, note text, doc jsonb NOT NULL, tags text[] NOT NULL, body tsvector NOT NULL,
    span int4range NOT NULL, status text NOT NULL, gone timestamp, email varchar(60) COLLATE words NOT NULL,
    price numeric(9, 2) NOT NULL);
INSERT INTO events
SELECT i, timestamp '2026-01-01' + i * interval '1 minute', 'k' || i % 7, i * 31 % 4000,
    md5(i::text) || md5((-i)::text), CASE WHEN i % 3 > 0 THEN md5((i % 9000)::text) || ' ' || md5((i * 7)::text) END,
    jsonb_build_object('user', i % 3000, 'page', jsonb_build_object('path', '/p' || i % 500, 'n', i % 11)),
    ARRAY['t' || i % 40, 'u' || i * 17 % 900], to_tsvector('simple', 'w' || i % 800 || ' v' || i * 13 % 5000 || ' all'),
    int4range(i % 10000, i % 10000 + 20),
    CASE WHEN i % 20 = 0 THEN CASE i % 3 WHEN 0 THEN 'open' ELSE 'held' END ELSE 'done' END,
    CASE WHEN i % 25 = 0 THEN timestamp '2026-03-01' + i * interval '1 minute' END,
    'User' || i * 7919 % {ROWS} || '@example.org', (i * 37 % 100000)::numeric / 100
FROM generate_series(1, {ROWS}) i;
CREATE TABLE "Sales"."Owners" (id int PRIMARY KEY, "Name" text NOT NULL, region int NOT NULL);
INSERT INTO "Sales"."Owners" SELECT i, 'Owner ' || i, i % 12 FROM generate_series(0, 3999) i;
CREATE TABLE lines (id int PRIMARY KEY, event bigint NOT NULL REFERENCES events ON DELETE CASCADE, amount int NOT NULL);
INSERT INTO lines SELECT i, (i * 7919::bigint) % {ROWS} + 1, i % 100 FROM generate_series(1, 40000) i;
"""


def load(url: str) -> None:
    """Fill the database at ``url``, and let it know itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        connection.execute('VACUUM ANALYZE events, "Sales"."Owners", lines')
