-- name: pricing_summary
SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice * (1 - l_discount)), avg(l_discount), count(*)
FROM lineitem WHERE l_shipdate <= date '1998-12-01' - interval '90 days' GROUP BY 1, 2 ORDER BY 1, 2;
-- name: minimum_cost_supplier
SELECT s_acctbal, s_name, n_name, p_partkey FROM part, supplier, partsupp, nation, region
WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = 15 AND p_type LIKE '%BRASS' AND s_nationkey = n_nationkey
  AND n_regionkey = r_regionkey AND r_name = 'EUROPE' AND ps_supplycost = (
    SELECT min(ps_supplycost) FROM partsupp, supplier, nation, region WHERE p_partkey = ps_partkey
    AND s_suppkey = ps_suppkey AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'EUROPE')
ORDER BY s_acctbal DESC, n_name, s_name LIMIT 100;
-- name: shipping_priority
SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate FROM customer, orders, lineitem
WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate < date '1995-03-15'
  AND l_shipdate > date '1995-03-15' GROUP BY l_orderkey, o_orderdate ORDER BY revenue DESC LIMIT 10;
-- name: order_priority
SELECT o_orderpriority, count(*) FROM orders WHERE o_orderdate >= date '1993-07-01' AND o_orderdate < date '1993-10-01'
  AND EXISTS (SELECT FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate) GROUP BY 1 ORDER BY 1;
-- name: local_supplier_volume
SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue FROM customer, orders, lineitem, supplier, nation, region
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
  AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'ASIA' AND o_orderdate >= date '1994-01-01'
  AND o_orderdate < date '1995-01-01' GROUP BY n_name ORDER BY revenue DESC;
-- name: revenue_change
SELECT sum(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= date '1994-01-01'
  AND l_shipdate < date '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24;
-- name: volume_shipping
SELECT supp_nation, cust_nation, l_year, sum(volume) FROM (
  SELECT n1.n_name AS supp_nation, n2.n_name AS cust_nation, extract(year FROM l_shipdate) AS l_year,
    l_extendedprice * (1 - l_discount) AS volume FROM supplier, lineitem, orders, customer, nation n1, nation n2
  WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey AND s_nationkey = n1.n_nationkey
    AND c_nationkey = n2.n_nationkey AND ((n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY')
      OR (n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE'))
    AND l_shipdate BETWEEN date '1995-01-01' AND date '1996-12-31') AS shipping GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- name: market_share
SELECT o_year, sum(CASE WHEN nation = 'BRAZIL' THEN volume ELSE 0 END) / sum(volume) FROM (
  SELECT extract(year FROM o_orderdate) AS o_year, l_extendedprice * (1 - l_discount) AS volume, n2.n_name AS nation
  FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
  WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey AND o_custkey = c_custkey
    AND c_nationkey = n1.n_nationkey AND n1.n_regionkey = r_regionkey AND r_name = 'AMERICA' AND s_nationkey = n2.n_nationkey
    AND o_orderdate BETWEEN date '1995-01-01' AND date '1996-12-31' AND p_type = 'ECONOMY ANODIZED STEEL') all_nations
GROUP BY 1 ORDER BY 1;
-- name: product_type_profit
SELECT nation, o_year, sum(amount) FROM (
  SELECT n_name AS nation, extract(year FROM o_orderdate) AS o_year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM part, supplier, lineitem, partsupp, orders, nation WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey
    AND ps_partkey = l_partkey AND p_partkey = l_partkey AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey
    AND p_name LIKE '%green%') AS profit GROUP BY 1, 2 ORDER BY 1, 2 DESC;
-- name: returned_items
SELECT c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) AS revenue, n_name FROM customer, orders, lineitem, nation
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate >= date '1993-10-01'
  AND o_orderdate < date '1994-01-01' AND l_returnflag = 'R' AND c_nationkey = n_nationkey
GROUP BY c_custkey, c_name, n_name ORDER BY revenue DESC LIMIT 20;
-- name: important_stock
SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value FROM partsupp, supplier, nation
WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY' GROUP BY ps_partkey
HAVING sum(ps_supplycost * ps_availqty) > (SELECT sum(ps_supplycost * ps_availqty) * 0.01 FROM partsupp, supplier, nation
  WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY') ORDER BY value DESC;
-- name: shipping_modes
SELECT l_shipmode, sum(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) FROM orders, lineitem
WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate
  AND l_shipdate < l_commitdate AND l_receiptdate >= date '1994-01-01' AND l_receiptdate < date '1995-01-01'
GROUP BY 1 ORDER BY 1;
-- name: customer_distribution
SELECT c_count, count(*) AS custdist FROM (SELECT c_custkey, count(o_orderkey) AS c_count FROM customer
  LEFT JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%' GROUP BY 1) AS c
GROUP BY 1 ORDER BY 2 DESC, 1 DESC;
-- name: promotion_effect
SELECT 100.00 * sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
  / sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part WHERE l_partkey = p_partkey
  AND l_shipdate >= date '1995-09-01' AND l_shipdate < date '1995-10-01';
-- name: top_supplier
WITH revenue AS (SELECT l_suppkey AS supplier_no, sum(l_extendedprice * (1 - l_discount)) AS total_revenue FROM lineitem
  WHERE l_shipdate >= date '1996-01-01' AND l_shipdate < date '1996-04-01' GROUP BY 1)
SELECT s_suppkey, s_name, total_revenue FROM supplier, revenue WHERE s_suppkey = supplier_no
  AND total_revenue = (SELECT max(total_revenue) FROM revenue) ORDER BY 1;
-- name: parts_supplier
SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) FROM partsupp, part WHERE p_partkey = ps_partkey
  AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%' AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
  AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3;
-- name: small_quantity
SELECT sum(l_extendedprice) / 7.0 FROM lineitem, part WHERE p_partkey = l_partkey AND p_brand = 'Brand#23'
  AND p_container = 'MED BOX' AND l_quantity < (SELECT 0.2 * avg(l_quantity) FROM lineitem WHERE l_partkey = p_partkey);
-- name: large_volume_customer
SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity) FROM customer, orders, lineitem
WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY 1 HAVING sum(l_quantity) > 300) AND c_custkey = o_custkey
  AND o_orderkey = l_orderkey GROUP BY 1, 2, 3, 4, 5 ORDER BY 5 DESC, 4 LIMIT 100;
-- name: discounted_revenue
SELECT sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part WHERE p_partkey = l_partkey
  AND l_shipinstruct = 'DELIVER IN PERSON' AND l_shipmode IN ('AIR', 'REG AIR')
  AND ((p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX') AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5)
    OR (p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX') AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10));
-- name: potential_promotion
SELECT s_name, s_address FROM supplier, nation WHERE s_suppkey IN (SELECT ps_suppkey FROM partsupp
  WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%') AND ps_availqty > (
    SELECT 0.5 * sum(l_quantity) FROM lineitem WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey
      AND l_shipdate >= date '1994-01-01' AND l_shipdate < date '1995-01-01'))
  AND s_nationkey = n_nationkey AND n_name = 'CANADA' ORDER BY 1;
-- name: waiting_orders
SELECT s_name, count(*) FROM supplier, lineitem l1, orders, nation WHERE s_suppkey = l1.l_suppkey
  AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F' AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (SELECT FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey
    AND l3.l_receiptdate > l3.l_commitdate) AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA'
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100;
-- name: global_sales
SELECT cntrycode, count(*), sum(c_acctbal) FROM (SELECT substring(c_phone FROM 1 FOR 2) AS cntrycode, c_acctbal
  FROM customer WHERE substring(c_phone FROM 1 FOR 2) IN ('13', '31', '23', '29', '30', '18', '17')
    AND c_acctbal > (SELECT avg(c_acctbal) FROM customer WHERE c_acctbal > 0.00)
    AND NOT EXISTS (SELECT FROM orders WHERE o_custkey = c_custkey)) AS c GROUP BY 1 ORDER BY 1;
-- name: orders_of_customer
SELECT * FROM orders WHERE o_custkey = 124;
-- name: lines_of_part
SELECT * FROM lineitem WHERE l_partkey = 1234;
-- name: lines_of_day
SELECT * FROM lineitem WHERE l_shipdate = '1995-06-17';
-- name: lines_by_air
SELECT * FROM lineitem WHERE l_shipdate BETWEEN '1995-06-17' AND '1995-06-19' AND l_shipmode = 'AIR';
-- name: last_orders
SELECT o_orderdate, o_totalprice FROM orders WHERE o_custkey = 124 ORDER BY o_orderdate DESC LIMIT 5;
-- name: customer_by_lower_name
SELECT * FROM customer WHERE lower(c_name) = 'customer#000000042';
-- name: pending_orders
SELECT count(*) FROM orders WHERE o_orderstatus = 'P';
-- name: recent_pending_orders
SELECT * FROM orders WHERE o_orderstatus = 'P' AND o_orderdate > '1995-06-01';
-- name: parts_of_brand
SELECT * FROM part WHERE p_brand = 'Brand#12' AND p_size = 5;
-- name: quantities_of_supplier
SELECT l_quantity, l_extendedprice FROM lineitem WHERE l_suppkey = 77;
-- name: last_order_date
SELECT max(o_orderdate) FROM orders;
-- name: dearest_orders
SELECT * FROM orders ORDER BY o_totalprice DESC LIMIT 10;
-- name: customer_by_phone
SELECT * FROM customer WHERE c_phone = '25-989-1234';
-- name: rich_builders
SELECT * FROM customer WHERE c_mktsegment = 'BUILDING' AND c_acctbal > 9900;
-- name: late_receipts
SELECT count(*) FROM lineitem WHERE l_receiptdate > '1998-06-01' AND l_commitdate < l_receiptdate;
-- name: parts_of_supplier
SELECT * FROM partsupp WHERE ps_suppkey = 77;
-- name: orders_of_year
SELECT count(*) FROM orders WHERE extract(year FROM o_orderdate) = 1995;
-- name: parts_by_prefix
SELECT * FROM part WHERE p_name LIKE 'forest%';
-- name: rich_of_nation
SELECT * FROM customer WHERE c_nationkey = 5 ORDER BY c_acctbal DESC LIMIT 20;
-- name: quantity_by_order
SELECT l_orderkey, sum(l_quantity) FROM lineitem GROUP BY l_orderkey;
-- name: air_count
SELECT count(*) FROM lineitem WHERE l_shipmode = 'AIR';
-- name: order_with_lines
SELECT * FROM orders JOIN lineitem ON l_orderkey = o_orderkey WHERE o_custkey = 124;
-- name: orders_by_customer
SELECT c_custkey, (SELECT count(*) FROM orders WHERE o_custkey = c_custkey) FROM customer WHERE c_nationkey = 5;
-- name: dear_orders
SELECT * FROM orders WHERE o_totalprice * 2 > 900000;
