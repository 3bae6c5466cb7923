-- One database with everything whose planning differs: kinds of tables, of types, of statistics and of indexes.
SELECT setseed(0.42);
CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
CREATE SCHEMA app;
CREATE SCHEMA "My Schema";
CREATE TYPE app.status AS ENUM ('new', 'active', 'blocked', 'deleted');
CREATE DOMAIN app.email AS text CHECK (value LIKE '%@%');
CREATE FUNCTION app.norm(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(trim(t)) $$;

CREATE TABLE app.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, junk int, status app.status NOT NULL,
  email app.email, cmail citext, name text, country text, city text, zip text, tags text[], attrs jsonb, doc tsvector,
  period int4range, score numeric GENERATED ALWAYS AS (1.5) STORED, place point, referrer bigint, note text,
  created_at timestamptz NOT NULL);
INSERT INTO app.users (status, email, cmail, name, country, city, zip, tags, attrs, doc, period, place, referrer, note, created_at)
SELECT (array['new','active','blocked','deleted'])[CASE WHEN random() < .9 THEN 2 WHEN random() < .5 THEN 1
         WHEN random() < .5 THEN 3 ELSE 4 END]::app.status,
  'User' || i || '@x.org', 'User' || i || '@X.org', md5(i::text) || ' ' || md5((i * 7)::text),
  (array['US','DE','FR','GB','JP','IN','BR'])[1 + floor(power(random(), 4) * 7)::int], 'city' || (i % 1000),
  'zip' || ((i % 1000) / 10), array['t' || floor(power(random(), 3) * 500)::int, 't' || floor(random() * 500)::int],
  jsonb_build_object('plan', (array['free','pro','ent'])[1 + floor(power(random(), 3) * 3)::int], 'n', i % 1000),
  to_tsvector('simple', 'w' || floor(power(random(), 2) * 2000)::int || ' w' || floor(random() * 2000)::int),
  int4range(i % 1000, i % 1000 + floor(random() * 50)::int + 1), point(random() * 100, random() * 100),
  CASE WHEN random() < .3 THEN floor(power(random(), 2) * 40000)::bigint END,
  CASE WHEN random() < .5 THEN repeat('n', floor(random() * 60)::int) END,
  timestamptz '2024-01-01' + (i * 30) * interval '1 second'
FROM generate_series(1, 40000) i;
ALTER TABLE app.users DROP COLUMN junk;
ALTER TABLE app.users ALTER COLUMN city SET STATISTICS 500;
ALTER TABLE app.users ALTER COLUMN zip SET (n_distinct = 120);
CREATE INDEX users_zz ON app.users (country);
CREATE INDEX users_lower ON app.users (lower(email));
CREATE INDEX users_norm ON app.users (app.norm(name));
CREATE INDEX users_tags ON app.users USING gin (tags);
CREATE INDEX users_attrs ON app.users USING gin (attrs jsonb_path_ops);
CREATE INDEX users_doc ON app.users USING gin (doc);
CREATE INDEX users_trgm ON app.users USING gin (name gin_trgm_ops);
CREATE INDEX users_period ON app.users USING gist (period);
CREATE INDEX users_cm ON app.users (cmail);
CREATE INDEX users_status ON app.users (status);
CREATE INDEX users_aa ON app.users (country, status);
CREATE INDEX users_blocked ON app.users (created_at) WHERE status = 'blocked';
CREATE INDEX users_brin ON app.users USING brin (created_at);
CREATE INDEX users_sp ON app.users USING spgist (name);
CREATE INDEX users_hash ON app.users USING hash (city);
CREATE UNIQUE INDEX users_em ON app.users (email) INCLUDE (country);
CREATE STATISTICS app.st_cz (ndistinct, dependencies, mcv) ON city, zip FROM app.users;
CREATE STATISTICS app.st_ex ON (attrs ->> 'plan'), (id % 10) FROM app.users;
CREATE STATISTICS app.st_e1 ON (length(name) + 1) FROM app.users;
CREATE STATISTICS app.st_none (ndistinct) ON city, country FROM app.users;

CREATE TABLE app.events (id bigint, user_id bigint NOT NULL REFERENCES app.users, kind text, amount numeric(10,2),
  created_at timestamptz NOT NULL, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
DO $$ BEGIN FOR m IN 1..12 LOOP EXECUTE format('CREATE TABLE app.events_%s PARTITION OF app.events FOR VALUES FROM (%L) TO (%L)',
  m, make_date(2024, m, 1), make_date(2024, m, 1) + interval '1 month'); END LOOP; END $$;
CREATE TABLE app.events_def PARTITION OF app.events DEFAULT;
INSERT INTO app.events SELECT i, 1 + floor(power(random(), 2) * 39999)::bigint,
  (array['click','view','buy','refund'])[1 + floor(power(random(), 3) * 4)::int], (random() * 1000)::numeric(10,2),
  timestamptz '2024-01-01' + random() * interval '364 days' FROM generate_series(1, 100000) i;
CREATE INDEX ON app.events (user_id);

CREATE TABLE app.sales (id int, region text, amount int) PARTITION BY LIST (region);
CREATE TABLE app.sales_eu PARTITION OF app.sales FOR VALUES IN ('DE', 'FR') PARTITION BY HASH (id);
CREATE TABLE app.sales_eu_0 PARTITION OF app.sales_eu FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.sales_eu_1 PARTITION OF app.sales_eu FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE app.sales_us PARTITION OF app.sales FOR VALUES IN ('US');
INSERT INTO app.sales SELECT i, (array['DE','FR','US'])[1 + i % 3], i % 500 FROM generate_series(1, 30000) i;

CREATE TABLE app.par (id int PRIMARY KEY, v int);
CREATE TABLE app.chi (w int) INHERITS (app.par);
INSERT INTO app.par SELECT i, i % 100 FROM generate_series(1, 10000) i;
INSERT INTO app.chi SELECT i, i % 1000, i FROM generate_series(10001, 60000) i;
CREATE INDEX ON app.chi (v);

CREATE VIEW app.v_active AS SELECT u.*, (SELECT count(*) FROM app.events e WHERE e.user_id = u.id) AS n
  FROM app.users u WHERE status = 'active';
CREATE VIEW app.v_latest AS SELECT id, name, max(created_at) AS latest FROM app.users GROUP BY id;
CREATE MATERIALIZED VIEW app.mv AS SELECT country, status, g, count(*) AS c, avg(id) AS a
  FROM app.users, generate_series(1, 300) g WHERE id % 100 = 0 GROUP BY country, status, g;
CREATE INDEX ON app.mv (country);

CREATE TABLE "My Schema"."Order Items" ("Order ID" int PRIMARY KEY, "Unit Price" numeric, note text);
INSERT INTO "My Schema"."Order Items" SELECT i, i % 77, repeat('x', 300) || i FROM generate_series(1, 5000) i;
CREATE INDEX "Weird Idx" ON "My Schema"."Order Items" ("Unit Price");
CREATE TABLE app."Größe" ("Straße" text, "größe" int, "日本" text);
INSERT INTO app."Größe" SELECT 'Straße ' || i % 300, i % 50, md5(i::text) FROM generate_series(1, 20000) i;
CREATE INDEX "Index über Größe" ON app."Größe" ("größe");

CREATE TABLE app.rls (id int PRIMARY KEY, owner text, tags text[], at date);
INSERT INTO app.rls SELECT i, 'u' || floor(power(random(), 2) * 50)::int, array['a' || i % 7, 'b' || i % 11],
  date '2024-01-01' + i % 400 FROM generate_series(1, 30000) i;
CREATE INDEX ON app.rls (owner);
CREATE INDEX rls_upper ON app.rls (upper(owner));
CREATE STATISTICS app.st_rls (ndistinct, dependencies, mcv) ON owner, at FROM app.rls;
ALTER TABLE app.rls ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON app.rls USING (owner = 'u7');

CREATE TABLE app.never (id int PRIMARY KEY, x int);
INSERT INTO app.never SELECT i, i % 10 FROM generate_series(1, 50000) i;
CREATE TABLE app.empty (id int PRIMARY KEY, x int);
CREATE TABLE app.stale (id int PRIMARY KEY, ts timestamptz, v int);
INSERT INTO app.stale SELECT i, timestamptz '2025-01-01' + i * interval '1 minute', i % 50 FROM generate_series(1, 60000) i;
CREATE INDEX ON app.stale (ts);
CREATE INDEX ON app.stale (v);

CREATE TABLE app.tall (id int, big text, small text, at timestamptz, flag boolean, code char(8), u uuid, day date);
INSERT INTO app.tall SELECT i, repeat('k', 150) || lpad(i::text, 8, '0'), 's' || i % 7,
  timestamptz '2024-01-01' + i * interval '1 minute', i % 10 = 0, lpad((i % 5000)::text, 8), md5(i::text)::uuid,
  date '2024-01-01' + floor(power(random(), 2) * 400)::int FROM generate_series(1, 60000) i;
CREATE INDEX tall_big ON app.tall (big);
CREATE INDEX tall_small ON app.tall (small, at);
CREATE INDEX tall_desc ON app.tall (at DESC, id);
CREATE UNIQUE INDEX tall_id ON app.tall (id) INCLUDE (flag);
ALTER TABLE app.tall CLUSTER ON tall_small;
