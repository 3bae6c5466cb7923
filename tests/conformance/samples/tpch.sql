-- A small database in the manner of TPC-H: its eight tables and keys after the public specification, rows of our own.
SELECT setseed(0.42);
CREATE TABLE region (r_regionkey int PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152));
CREATE TABLE nation (n_nationkey int PRIMARY KEY, n_name char(25) NOT NULL,
  n_regionkey int NOT NULL REFERENCES region, n_comment varchar(152));
CREATE TABLE supplier (s_suppkey int PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
  s_nationkey int NOT NULL REFERENCES nation, s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL,
  s_comment varchar(101) NOT NULL);
CREATE TABLE customer (c_custkey int PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
  c_nationkey int NOT NULL REFERENCES nation, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL,
  c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL);
CREATE TABLE part (p_partkey int PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL,
  p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, p_size int NOT NULL, p_container char(10) NOT NULL,
  p_retailprice numeric(15,2) NOT NULL, p_comment varchar(23) NOT NULL);
CREATE TABLE partsupp (ps_partkey int REFERENCES part, ps_suppkey int REFERENCES supplier, ps_availqty int NOT NULL,
  ps_supplycost numeric(15,2) NOT NULL, ps_comment varchar(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey));
CREATE TABLE orders (o_orderkey int PRIMARY KEY, o_custkey int NOT NULL REFERENCES customer,
  o_orderstatus char(1) NOT NULL, o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL,
  o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL, o_shippriority int NOT NULL,
  o_comment varchar(79) NOT NULL);
CREATE TABLE lineitem (l_orderkey int REFERENCES orders, l_partkey int NOT NULL, l_suppkey int NOT NULL,
  l_linenumber int, l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL,
  l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL,
  l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
  l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL,
  PRIMARY KEY (l_orderkey, l_linenumber), FOREIGN KEY (l_partkey, l_suppkey) REFERENCES partsupp);

CREATE FUNCTION pick(words text[]) RETURNS text LANGUAGE sql VOLATILE
  AS $$ SELECT words[1 + floor(random() * cardinality(words))::int] $$;
CREATE FUNCTION prose(most int) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT left(string_agg(pick('{careful,quick,silent,regular,special,final,bold,even,pending,express,ironic,packages,
    deposits,requests,accounts,theodolites,foxes,ideas,instructions,sleep,nag,wake,haggle,among,above,after,the}'), ' '),
    1 + floor(random() * most)::int) FROM generate_series(1, 12) $$;

INSERT INTO region SELECT i, (array['AFRICA','AMERICA','ASIA','EUROPE','MIDDLE EAST'])[i + 1], prose(100)
  FROM generate_series(0, 4) i;
INSERT INTO nation SELECT i, (array['ALGERIA','ARGENTINA','BRAZIL','CANADA','EGYPT','ETHIOPIA','FRANCE','GERMANY','INDIA',
  'INDONESIA','IRAN','IRAQ','JAPAN','JORDAN','KENYA','MOROCCO','MOZAMBIQUE','PERU','CHINA','ROMANIA','SAUDI ARABIA',
  'VIETNAM','RUSSIA','UNITED KINGDOM','UNITED STATES'])[i + 1], i % 5, prose(100) FROM generate_series(0, 24) i;
INSERT INTO supplier SELECT i, 'Supplier#' || lpad(i::text, 9, '0'), md5(i::text), floor(random() * 25)::int,
  (10 + i % 25) || '-' || (100 + i % 900) || '-' || (1000 + i % 9000), (random() * 10000 - 1000)::numeric(15,2),
  CASE WHEN i % 50 = 0 THEN 'Customer slow Complaints ' ELSE '' END || prose(70) FROM generate_series(1, 100) i;
INSERT INTO customer SELECT i, 'Customer#' || lpad(i::text, 9, '0'), left(md5(i::text), 10 + i % 20),
  floor(random() * 25)::int, (10 + i % 25) || '-' || (100 + i % 900) || '-' || (1000 + (i * 7) % 9000),
  (random() * 11000 - 1000)::numeric(15,2), pick('{AUTOMOBILE,BUILDING,FURNITURE,HOUSEHOLD,MACHINERY}'), prose(100)
  FROM generate_series(1, 1500) i;
INSERT INTO part SELECT i, concat_ws(' ', pick('{almond,azure,forest,green,ivory,lemon,navy,plum,rose,snow}'),
  pick('{blush,chiffon,coral,cream,drab,floral,frosted,ghost,khaki,lace}'), pick('{linen,maroon,metallic,mint,misty}')),
  'Manufacturer#' || (1 + i % 5), 'Brand#' || (1 + i % 5) || (1 + floor(random() * 5)::int),
  concat_ws(' ', pick('{STANDARD,SMALL,MEDIUM,LARGE,ECONOMY,PROMO}'), pick('{ANODIZED,BURNISHED,PLATED,POLISHED,BRUSHED}'),
    pick('{TIN,NICKEL,BRASS,STEEL,COPPER}')), 1 + floor(random() * 50)::int,
  concat_ws(' ', pick('{SM,LG,MED,JUMBO,WRAP}'), pick('{CASE,BOX,BAG,JAR,PKG,PACK,CAN,DRUM}')),
  (90000 + (i / 10) % 20001 + 100 * (i % 1000)) / 100.0, prose(22) FROM generate_series(1, 2000) i;
INSERT INTO partsupp SELECT p, 1 + (p + s * 25 + p / 100) % 100, 1 + floor(random() * 9999)::int,
  (1 + random() * 999)::numeric(15,2), prose(150) FROM generate_series(1, 2000) p, generate_series(0, 3) s;
INSERT INTO orders SELECT i, 1 + (floor(random() * 1000)::int * 3) % 1500, 'O', 0,
  date '1992-01-01' + floor(random() * 2405)::int, pick('{1-URGENT,2-HIGH,3-MEDIUM,4-NOT SPECIFIED,5-LOW}'),
  'Clerk#' || lpad((1 + floor(random() * 100)::int)::text, 9, '0'), 0,
  CASE WHEN random() < 0.02 THEN 'special requests ' ELSE '' END || prose(60) FROM generate_series(1, 15000) i;
INSERT INTO lineitem
SELECT o, p, 1 + (p + s * 25 + p / 100) % 100, l, q, q * (900 + p % 1000), d / 100.0, t / 100.0,
  CASE WHEN received <= date '1995-06-17' THEN pick('{R,A}') ELSE 'N' END,
  CASE WHEN shipped > date '1995-06-17' THEN 'O' ELSE 'F' END, shipped, committed, received,
  pick('{DELIVER IN PERSON,COLLECT COD,NONE,TAKE BACK RETURN}'), pick('{REG AIR,AIR,RAIL,SHIP,TRUCK,MAIL,FOB}'), prose(40)
FROM (SELECT o.o_orderkey AS o, l, 1 + floor(random() * 2000)::int AS p, floor(random() * 4)::int AS s,
        1 + floor(random() * 50)::int AS q, floor(random() * 11)::int AS d, floor(random() * 9)::int AS t,
        o.o_orderdate + 1 + floor(random() * 121)::int AS shipped, o.o_orderdate + 30 + floor(random() * 61)::int AS committed,
        o.o_orderdate + 2 + floor(random() * 150)::int AS received
      FROM orders o, generate_series(1, 7) l WHERE l <= 1 + (hashint4(o.o_orderkey) & 7) OFFSET 0) made;
UPDATE orders SET o_totalprice = total, o_orderstatus = status
FROM (SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS total,
        CASE WHEN bool_and(l_linestatus = 'F') THEN 'F' WHEN bool_and(l_linestatus = 'O') THEN 'O' ELSE 'P' END AS status
      FROM lineitem GROUP BY 1) sums WHERE l_orderkey = o_orderkey;
