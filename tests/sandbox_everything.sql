-- A database with a little of every feature; it needs the role "clerk".
CREATE SCHEMA "Mixed Case"; CREATE SCHEMA other;
CREATE EXTENSION citext SCHEMA other; CREATE EXTENSION hstore;
CREATE TYPE mood AS ENUM ('bad', 'so so', 'good');
CREATE TYPE pair AS (x int, y text);
CREATE DOMAIN amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE FUNCTION label(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'o' || n $$;
CREATE FUNCTION is_fine(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RETURN public.label(1) = 'o1' AND length(t) < 1000000; END $$;
CREATE TABLE "Mixed Case"."Customer Of" (
  "Id" int GENERATED ALWAYS AS IDENTITY (START WITH 7 INCREMENT BY 3) PRIMARY KEY,
  "E-Mail" other.citext UNIQUE NOT NULL, mood mood, moods mood[], pair pair, pairs pair[], at timestamptz, span int4range,
  note text CHECK (is_fine(note)), doc jsonb, raw bytea, price money, bits bit varying(9), code char(5), many hstore,
  real real, double double precision, long interval, when_ timetz, path point, net inet, words tsvector
);
INSERT INTO "Mixed Case"."Customer Of" ("E-Mail", mood, moods, pair, pairs, at, span, note, doc, raw, price, bits, code, many,
                                        real, double, long, when_, path, net, words)
SELECT 'M' || i || '@x', (enum_range(NULL::mood))[1 + i % 3], ARRAY['bad', NULL]::mood[], ROW(i, E'a\tb\\n"\'é')::pair,
       ARRAY[ROW(i, NULL)::pair], timestamptz '2024-01-01' + i * interval '1.000001 min', int4range(i, NULL),
       E'tab\t, line\n, return\r, back\\slash, \\N, \\., é 日本', jsonb_build_object('k', i, 'a', ARRAY[1, 2]),
       decode(md5(i::text), 'hex'), i * 1.37::money, i::bit(9), 'c' || i % 7, hstore('a"', 'b=>' || i),
       i / 3.0, i / 7.0, i * interval '1 day 3 sec', '12:00+02', point(i, 1 / 3.0), '10.0.0.1', to_tsvector('simple', 'w' || i)
FROM generate_series(1, 500) i;
INSERT INTO "Mixed Case"."Customer Of" ("E-Mail") VALUES ('nothing');
CREATE TABLE "Order" (id bigserial PRIMARY KEY, customer int REFERENCES "Mixed Case"."Customer Of" DEFERRABLE INITIALLY DEFERRED,
  total amount DEFAULT 5, at date NOT NULL, dropped int, label text GENERATED ALWAYS AS (label(abs(hashint8(id)) % 100)) STORED);
ALTER TABLE "Order" DROP COLUMN dropped; SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO "Order" (customer, total, at) SELECT 7 + 3 * (i % 500), i, date '2024-01-01' + i % 300 FROM generate_series(1, 5000) i;
ALTER TABLE "Order" ALTER at SET STATISTICS 37;
CREATE INDEX order_at ON "Order" (at DESC) INCLUDE (total) WHERE total > 10;
CREATE INDEX order_label ON "Order" (label(customer), lower(label));
CREATE UNIQUE INDEX order_unique ON "Order" (id, at);
ALTER TABLE "Order" REPLICA IDENTITY USING INDEX order_unique; ALTER TABLE "Order" CLUSTER ON order_unique;
CREATE STATISTICS order_stats (ndistinct, dependencies, mcv) ON customer, at, (total * 2) FROM "Order";
ALTER STATISTICS order_stats SET STATISTICS 50;
CREATE TABLE event (id bigint, day date NOT NULL, customer int REFERENCES "Mixed Case"."Customer Of", PRIMARY KEY (id, day))
  PARTITION BY RANGE (day);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE other.event_2 (day date NOT NULL, customer int, id bigint NOT NULL, PRIMARY KEY (id, day)) PARTITION BY HASH (id);
CREATE TABLE other.event_2a PARTITION OF other.event_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE other.event_2b PARTITION OF other.event_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE event ATTACH PARTITION other.event_2 FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE event_rest PARTITION OF event DEFAULT;
INSERT INTO event SELECT i, date '2024-01-01' + i % 400, 7 + 3 * (i % 500) FROM generate_series(1, 3000) i;
CREATE INDEX event_customer ON event (customer);
CREATE TABLE animal (id int PRIMARY KEY, name text); CREATE TABLE dog (barks boolean) INHERITS (animal);
INSERT INTO animal SELECT i, 'a' || i FROM generate_series(1, 40) i; INSERT INTO dog SELECT i, 'd' || i, true FROM generate_series(100, 160) i;
CREATE TABLE secret (id int PRIMARY KEY, owner text); INSERT INTO secret SELECT i, 'o' || i % 4 FROM generate_series(1, 100) i;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY; ALTER TABLE secret FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON secret TO clerk USING (owner = current_user);
CREATE UNLOGGED TABLE cache (k text PRIMARY KEY, v text); INSERT INTO cache VALUES ('a', 'b');
CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE empty_one (id int);
CREATE TABLE no_overlap (room int, during tsrange, EXCLUDE USING gist (during WITH &&));
INSERT INTO no_overlap SELECT 1, tsrange(date '2024-01-01' + i, date '2024-01-02' + i) FROM generate_series(1, 30) i;
CREATE TABLE loose (id int, customer int); INSERT INTO loose VALUES (1, 999999);
ALTER TABLE loose ADD CONSTRAINT loose_fk FOREIGN KEY (customer) REFERENCES "Mixed Case"."Customer Of" NOT VALID;
CREATE VIEW latest AS SELECT * FROM "Order" WHERE at > '2024-06-01';
CREATE MATERIALIZED VIEW per_day AS SELECT at, count(*) AS n, sum(total) AS total FROM latest GROUP BY at;
CREATE UNIQUE INDEX per_day_at ON per_day (at);
CREATE MATERIALIZED VIEW per_month AS SELECT date_trunc('month', at) AS month, sum(n) AS n FROM per_day GROUP BY 1;
CREATE MATERIALIZED VIEW unfilled AS SELECT * FROM latest WITH NO DATA;
CREATE SEQUENCE other.lonely INCREMENT BY 5 START 11; SELECT nextval('other.lonely'), nextval('other.lonely');
CREATE SEQUENCE untouched START 42;
CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total := NEW.total + 1; RETURN NEW; END $$;
CREATE TRIGGER order_noticed BEFORE INSERT ON "Order" FOR EACH ROW EXECUTE FUNCTION noticed();
ALTER TABLE "Order" ENABLE ALWAYS TRIGGER order_noticed;
CREATE RULE no_delete AS ON DELETE TO empty_one DO INSTEAD NOTHING;
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no DDL here'; END $$;
CREATE EVENT TRIGGER no_ddl ON ddl_command_start EXECUTE FUNCTION on_ddl(); ALTER EVENT TRIGGER no_ddl DISABLE;
