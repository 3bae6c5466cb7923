-- The tables on which the examples of the migration safety rules run.
CREATE TYPE order_status AS ENUM ('open', 'paid');
CREATE DOMAIN amount AS numeric;
CREATE SCHEMA attic;
CREATE TABLE attic.old_notes (id bigint);
CREATE TABLE customers (id bigint PRIMARY KEY, email text, name varchar(50), country char(2));
INSERT INTO customers SELECT i, 'm' || i, 'n' || i, 'DE' FROM generate_series(1, 50) i;
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint,
    code varchar(20),
    note text,
    total numeric(10,2),
    fee amount,
    quantity int,
    stock int,
    double_quantity int GENERATED ALWAYS AS (quantity * 2) STORED,
    status order_status,
    placed_at timestamp(3),
    address cidr,
    flags bit varying(8),
    slot int4range
);
INSERT INTO orders (id, customer_id, code, note, total, fee, quantity, stock, status, placed_at, address, flags, slot)
SELECT i, i % 50 + 1, 'c' || i, 'n' || i, i, i, i % 9, i, 'open', '2025-01-01', '10.0.0.0/8', B'101', int4range(i, i + 1)
FROM generate_series(1, 300) i;
CREATE INDEX orders_code ON orders (code);
CREATE DOMAIN later AS int;
ALTER DOMAIN later ADD CONSTRAINT later_positive CHECK (VALUE > 0) NOT VALID;
CREATE TABLE invoices (id bigint, order_id bigint, days later, CONSTRAINT invoices_order_fkey FOREIGN KEY (order_id) REFERENCES orders (id));
CREATE TABLE drafts (id bigint PRIMARY KEY, note text);
CREATE TABLE archive (id bigint, note text);
INSERT INTO archive SELECT i, 'n' || i FROM generate_series(1, 100) i;
CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, date '2025-06-01' + i FROM generate_series(1, 400) i;
CREATE TABLE readings (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE readings_2026 (id bigint, at date NOT NULL);
INSERT INTO readings_2026 SELECT i, date '2026-01-01' + i FROM generate_series(1, 100) i;
CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
CREATE UNIQUE INDEX totals_customer ON totals (customer_id);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
