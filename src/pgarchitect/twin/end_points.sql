-- name: types
-- purpose: types, as SQL spells them, of columns whose ends are known and that a B-tree begins with
SELECT u.place::int,
       pg_catalog.format_type(a.atttypid, CASE WHEN a.atttypid = 'bpchar'::pg_catalog.regtype THEN a.atttypmod ELSE -1 END)
FROM ROWS FROM (
  pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) WITH ORDINALITY u (schema, name, col, place)
JOIN pg_catalog.pg_namespace n ON n.nspname = u.schema
JOIN pg_catalog.pg_class t ON t.relnamespace = n.oid AND t.relname = u.name
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attname = u.col AND NOT a.attisdropped
WHERE EXISTS (SELECT FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0]
              JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
              WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum);

-- name: make
-- purpose: a scratch table for values of one type
CREATE TEMPORARY TABLE {table} (place int, value {type});

-- name: fill
-- purpose: values by their place; where each of them went
INSERT INTO {table} SELECT u.place, u.value::{type} FROM ROWS FROM (pg_catalog.unnest(%s::int[]), pg_catalog.unnest(%s::text[])) u (place, value)
RETURNING ctid::text, place;

-- name: index
-- purpose: the same values in a B-tree, each in a tuple of its own
CREATE INDEX {index} ON {table} (value) WITH (deduplicate_items = off);

-- name: file
-- purpose: file of that tree, and the type of its keys
SELECT pg_catalog.pg_relation_filepath(a.attrelid), a.atttypid::bigint
FROM pg_catalog.pg_attribute a WHERE a.attrelid = %s::pg_catalog.regclass AND a.attnum = 1;

-- name: trees
-- purpose: B-trees whose ends the planner looks up: the column they begin with, its order, number and type of attributes
SELECT n.nspname, x.relname, tn.nspname, t.relname, a.attname, i.indoption[0] & 1 = 1, i.indnatts::int,
       k.atttypid::bigint
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid AND x.relkind = 'i'
JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0]
JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_am h ON h.oid = t.relam AND h.amname = 'heap'
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_attribute k ON k.attrelid = x.oid AND k.attnum = 1
WHERE i.indpred IS NULL AND i.indcollation[0] = a.attcollation
  AND EXISTS (SELECT FROM pg_catalog.pg_opclass d WHERE d.opcfamily = o.opcfamily AND d.opcdefault)
  AND tn.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND (%(only)s::oid[] IS NULL OR x.oid = ANY (%(only)s::oid[]));

-- name: set_histogram
-- purpose: put a column's real least and greatest value at the ends of its histogram
UPDATE pg_catalog.pg_statistic s
SET stavalues{slot} = pg_catalog.array_in(
      ((ARRAY[%(least)s] || (s.stavalues{slot}::text::text[])[2:pg_catalog.cardinality(s.stavalues{slot}::text::text[]) - 1]
        || ARRAY[%(greatest)s])::text)::cstring, a.atttypid, -1)
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = s.starelid AND a.attnum = s.staattnum AND NOT s.stainherit
  AND s.starelid = %(table)s::regclass AND a.attname = %(column)s AND s.stakind{slot} = 2;
