-- A shop too large to be copied whole: a tree of tables, references across it, circles, and tables that refer to themselves.
CREATE TABLE country (code char(2) PRIMARY KEY, name text);
INSERT INTO country SELECT lpad(i::text, 2, '0'), 'country ' || i FROM generate_series(1, 50) i;
CREATE TABLE category (id int PRIMARY KEY, parent int REFERENCES category, name text);
INSERT INTO category SELECT i, nullif(i / 3, 0), 'category ' || i FROM generate_series(1, 300) i;
CREATE SCHEMA "Sales";
CREATE TABLE "Sales"."Customer" (id bigint PRIMARY KEY, country char(2) REFERENCES country, referred_by bigint, pad text);
INSERT INTO "Sales"."Customer"
SELECT i, lpad((1 + i % 50)::text, 2, '0'), CASE WHEN i % 7 = 0 THEN 1 + abs(hashint4(i)) % 20000 END, repeat('c', 80)
FROM generate_series(1, 20000) i;
ALTER TABLE "Sales"."Customer" ADD CONSTRAINT customer_referred FOREIGN KEY (referred_by) REFERENCES "Sales"."Customer";
CREATE TABLE product (id int PRIMARY KEY, category int NOT NULL REFERENCES category, sku text UNIQUE NOT NULL, pad text);
INSERT INTO product SELECT i, 1 + i % 300, E'S\'\\"{},%' || i, repeat(E'\t\\\n\r p\\.é', 12) FROM generate_series(1, 20000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES "Sales"."Customer", placed date NOT NULL, last_item int,
                     pad text);
INSERT INTO orders
SELECT i, CASE WHEN i % 10 > 0 THEN 1 + abs(hashint4(i)) % 20000 END, date '2020-01-01' + i / 50, NULL, repeat('o', 60)
FROM generate_series(1, 80000) i;
CREATE TABLE item (order_id int NOT NULL REFERENCES orders, number int, sku text NOT NULL REFERENCES product (sku), pad text,
                   PRIMARY KEY (order_id, number));
INSERT INTO item
SELECT o, n, E'S\'\\"{},%' || 1 + abs(hashint4(o * 10 + n)) % 20000, repeat('i', 40)
FROM generate_series(1, 80000) o, generate_series(1, 1 + o % 4) n;
CREATE TABLE delivery (id int, day date, order_id int NOT NULL REFERENCES orders, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE delivery_1 PARTITION OF delivery FOR VALUES FROM (MINVALUE) TO ('2022-01-01');
CREATE TABLE delivery_2 PARTITION OF delivery FOR VALUES FROM ('2022-01-01') TO (MAXVALUE);
INSERT INTO delivery SELECT i, date '2020-01-01' + i / 50, i FROM generate_series(1, 80000) i;
CREATE TABLE complaint (id int PRIMARY KEY, order_id int NOT NULL, number int NOT NULL, delivery int NOT NULL, day date NOT NULL,
                        FOREIGN KEY (order_id, number) REFERENCES item, FOREIGN KEY (delivery, day) REFERENCES delivery);
INSERT INTO complaint SELECT i, 800 * i, 1, 801 * i % 80000 + 1, date '2020-01-01' + (801 * i % 80000 + 1) / 50
FROM generate_series(1, 100) i;
-- A circle: a product's best order, and orders that contain products.
ALTER TABLE product ADD best_order int; UPDATE product SET best_order = 4 * id WHERE id % 100 = 0;
ALTER TABLE product ADD CONSTRAINT product_best FOREIGN KEY (best_order) REFERENCES orders;
CREATE TABLE note (id int PRIMARY KEY, order_id int); INSERT INTO note VALUES (1, 4), (2, 900000);
ALTER TABLE note ADD CONSTRAINT note_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID;
