"""A database of many types, large enough that every kind of index has a statement that it helps."""

import psycopg

ROWS = 60_000

SCHEMA = f"""
CREATE EXTENSION pg_trgm;
CREATE COLLATION words (locale = 'C.UTF-8');
CREATE SCHEMA "Sales";
-- What looks drawn by chance, and is the same each time.
CREATE FUNCTION drawn(i int, salt int, below int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN ((hashint4extended(i, salt) >> 20) & 2147483647) % below;
CREATE TABLE events (id bigint PRIMARY KEY, at timestamp NOT NULL, kind text NOT NULL, owner int NOT NULL,
    token text NOT NULL, note text, doc jsonb NOT NULL, tags text[] NOT NULL, body tsvector NOT NULL,
    span int4range NOT NULL, status text NOT NULL, gone timestamp, email varchar(60) COLLATE words NOT NULL,
    price numeric(9, 2) NOT NULL);
INSERT INTO events
SELECT i, timestamp '2026-01-01' + i * interval '1 minute', 'k' || drawn(i, 1, 7), drawn(i, 2, 4000),
    md5(i::text) || md5((-i)::text),
    CASE WHEN i % 3 > 0 THEN md5(drawn(i, 3, 9000)::text) || ' ' || md5((i * 7)::text) END,
    jsonb_build_object('user', drawn(i, 4, 3000), 'page',
        jsonb_build_object('path', '/p' || drawn(i, 5, 500), 'n', drawn(i, 19, 11))),
    ARRAY['t' || drawn(i, 6, 40), 'u' || drawn(i, 7, 900)],
    to_tsvector('simple', 'w' || drawn(i, 8, 800) || ' v' || drawn(i, 9, 5000) || ' all'),
    int4range(i, i + 1 + drawn(i, 11, 40)),
    CASE WHEN drawn(i, 12, 20) = 0 THEN CASE drawn(i, 13, 3) WHEN 0 THEN 'open' ELSE 'held' END ELSE 'done' END,
    CASE WHEN drawn(i, 14, 25) = 0 THEN timestamp '2026-03-01' + i * interval '1 minute' END,
    'User' || drawn(i, 15, 1000000) || '@example.org', drawn(i, 16, 100000)::numeric / 100
FROM generate_series(1, {ROWS}) i;
CREATE TABLE "Sales"."Owners" (id int PRIMARY KEY, "Name" text NOT NULL, region int NOT NULL);
INSERT INTO "Sales"."Owners" SELECT i, 'Owner ' || i, i % 12 FROM generate_series(0, 3999) i;
CREATE TABLE lines (id int PRIMARY KEY, event bigint NOT NULL REFERENCES events ON DELETE CASCADE, amount int NOT NULL);
INSERT INTO lines SELECT i, drawn(i, 17, {ROWS}) + 1, drawn(i, 18, 100) FROM generate_series(1, 40000) i;
"""


def load(url: str) -> None:
    """Fill the database at ``url``, and let it know itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        connection.execute('VACUUM ANALYZE events, "Sales"."Owners", lines')
