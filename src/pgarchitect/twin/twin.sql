-- name: paths
-- purpose: files of the relations whose length is to be set
SELECT n.nspname, c.relname, pg_catalog.pg_relation_filepath(c.oid), am.amname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r', 'm', 'i') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast');

-- name: key_widths
-- purpose: bytes of the keys of each B-tree
SELECT n.nspname, c.relname,
       sum(CASE WHEN a.attlen > 0 THEN a.attlen ELSE coalesce(st.stawidth, 16) END)::int
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum <= i.indnkeyatts
LEFT JOIN LATERAL (SELECT max(s.stawidth) AS stawidth FROM pg_catalog.pg_statistic s
                   WHERE s.starelid = i.indrelid AND s.staattnum = i.indkey[a.attnum - 1]) st ON true
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
GROUP BY 1, 2;

-- name: heaps
-- purpose: a table, or the partitions below it that hold rows: what the planner is told of each, and its file
WITH RECURSIVE part AS (
  SELECT c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.oid = %(table)s::regclass
  UNION ALL
  SELECT c.oid, c.relkind FROM pg_catalog.pg_inherits i JOIN part ON part.oid = i.inhparent AND part.relkind = 'p'
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid)
SELECT c.oid::bigint, pg_catalog.pg_relation_filepath(c.oid), c.relpages, c.reltuples, c.relallvisible,
       c.relkind::text, c.oid::regclass::text
FROM part JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind IN ('r', 'm', 'p') ORDER BY c.oid;

-- name: indexes_of
-- purpose: all indexes of some tables, to tell which ones a statement created
SELECT i.indexrelid::bigint FROM pg_catalog.pg_index i WHERE i.indrelid = ANY (%s::oid[]);

-- name: newest
-- purpose: the relation that was created last
SELECT max(oid)::bigint FROM pg_catalog.pg_class;

-- name: made_after
-- purpose: indexes that were created later than a relation, but for those of partitions, which go with their parents
SELECT i.indexrelid::regclass::text FROM pg_catalog.pg_index i
WHERE i.indexrelid > %s::oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid);

-- name: spelled
-- purpose: a relation as SQL spells it
SELECT %s::oid::regclass::text;

-- name: set_planned
-- purpose: what the planner is told of a relation's length
UPDATE pg_catalog.pg_class SET relpages = %(pages)s, reltuples = %(rows)s, relallvisible = %(visible)s
WHERE oid = %(relation)s;

-- name: index_files
-- purpose: name and file of some indexes; a partitioned one has none
SELECT c.oid::bigint, c.relname, pg_catalog.pg_relation_filepath(c.oid) FROM pg_catalog.pg_class c WHERE c.oid = ANY (%s);

-- name: index
-- purpose: an index just created: what its size depends on
SELECT am.amname, i.indisunique, t.reltuples::float8, pg_catalog.pg_get_expr(i.indpred, i.indrelid), t.oid::bigint,
       t.oid::regclass::text,
       (pg_catalog.pg_relation_size(t.oid) / pg_catalog.current_setting('block_size')::int)::bigint,
       coalesce(c.reloptions, '{}')
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = c.relam
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE i.indexrelid = %s;

-- name: index_columns
-- purpose: each column of an index: width, alignment, spelling, whether equal keys are the same, where its statistics are
SELECT a.attnum, a.attlen, a.attalign::text, pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, true),
       a.attnum <= i.indnkeyatts,
       EXISTS (SELECT FROM pg_catalog.pg_opclass o
               JOIN pg_catalog.pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype
               JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
               WHERE o.oid = i.indclass[a.attnum - 1] AND p.amprocnum = 4)
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation AND NOT l.collisdeterministic),
       EXISTS (SELECT FROM pg_catalog.pg_opclass o
               JOIN pg_catalog.pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype
               JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'gist'
               WHERE o.oid = i.indclass[a.attnum - 1] AND p.amprocnum = 11),
       k.number, CASE WHEN k.number = 0 THEN i.indexrelid ELSE i.indrelid END::bigint,
       CASE WHEN k.number = 0 THEN a.attnum ELSE k.number END,
       pg_catalog.format_type(coalesce(t.atttypid, a.atttypid), -1)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_index i ON i.indexrelid = a.attrelid
JOIN LATERAL (SELECT i.indkey[a.attnum - 1] AS number) k ON true
LEFT JOIN pg_catalog.pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = k.number AND k.number <> 0
WHERE a.attrelid = %s
ORDER BY a.attnum;

-- name: known_values
-- purpose: values that the statistics of a column know, the share of the rows that each stands for, in their order
WITH s AS (
  SELECT * FROM pg_catalog.pg_statistic WHERE starelid = %(relation)s AND staattnum = %(number)s
  ORDER BY stainherit LIMIT 1),
slot AS (
  SELECT s.stanullfrac, x.kind, x.numbers, x.found
  FROM s, LATERAL (VALUES (stakind1, stanumbers1, stavalues1::text), (stakind2, stanumbers2, stavalues2::text),
    (stakind3, stanumbers3, stavalues3::text), (stakind4, stanumbers4, stavalues4::text),
    (stakind5, stanumbers5, stavalues5::text)) x (kind, numbers, found)
  WHERE x.kind IN (1, 2)),
common AS (
  SELECT u.v, u.f::float8 AS f FROM slot, LATERAL unnest(slot.found::{type}[], slot.numbers) u (v, f) WHERE kind = 1),
known AS (
  SELECT v, f, true AS is_common FROM common
  UNION ALL
  SELECT u.v, (1 - stanullfrac - coalesce((SELECT sum(f) FROM common), 0))::float8
    / pg_catalog.cardinality(slot.found::{type}[]), false
  FROM slot, LATERAL unnest(slot.found::{type}[]) u (v) WHERE kind = 2)
{query};

-- name: value_sizes
-- purpose: bytes of the values of a column inside a tuple, whose header takes 24, and how often they occur
SELECT pg_catalog.pg_column_size(ROW(v)) - 24, sum(f) FROM known GROUP BY 1 HAVING sum(f) > 0;

-- name: frequencies
-- purpose: shares of the most common values
SELECT f FROM known WHERE is_common;

-- name: column_facts
-- purpose: null fraction, width and distinct values of a column
SELECT stanullfrac::float8, stawidth, stadistinct::float8 FROM pg_catalog.pg_statistic
WHERE starelid = %(relation)s AND staattnum = %(number)s ORDER BY stainherit LIMIT 1;

-- name: referenced_rows
-- purpose: rows of the tables that a foreign key among these columns refers to: no more combinations can occur
SELECT min(r.reltuples)::float8 FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
WHERE k.contype = 'f' AND k.conrelid = %(table)s AND r.reltuples > 0
  AND k.conkey <@ %(columns)s::smallint[] AND %(columns)s::smallint[] <@ k.conkey;

-- name: is_key
-- purpose: whether some of these columns are unique together
SELECT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = %(table)s AND i.indisunique AND i.indpred IS NULL
  AND i.indexprs IS NULL AND i.indislive
  AND (SELECT array_agg(k) FROM unnest(i.indkey) WITH ORDINALITY u (k, o) WHERE o <= i.indnkeyatts)
      <@ %(columns)s::smallint[]);

-- name: counts_combinations
-- purpose: whether extended statistics count the combinations of these columns
SELECT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext e JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = e.oid
  WHERE e.stxrelid = %(table)s AND d.stxdndistinct IS NOT NULL
  AND %(columns)s::smallint[] <@ (SELECT array_agg(k) FROM unnest(e.stxkeys) k));

-- name: gin_class
-- purpose: the operator class of the first column of an index, and the length of what it is made of
SELECT o.opcname, e.typlen
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0]
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum = 1
JOIN pg_catalog.pg_type e ON e.oid = a.atttypid
WHERE i.indexrelid = %s;

-- name: elements
-- purpose: shares of the rows that hold each common element, the least of them, mean number of elements of a row
WITH s AS (
  SELECT * FROM pg_catalog.pg_statistic WHERE starelid = %(relation)s AND staattnum = %(number)s
  ORDER BY stainherit LIMIT 1),
slot AS (
  SELECT x.kind, x.numbers, x.values, s.stanullfrac
  FROM s, LATERAL (VALUES (stakind1, stanumbers1, stavalues1::text), (stakind2, stanumbers2, stavalues2::text),
    (stakind3, stanumbers3, stavalues3::text), (stakind4, stanumbers4, stavalues4::text),
    (stakind5, stanumbers5, stavalues5::text)) x (kind, numbers, values)
  WHERE x.kind IN (4, 5)),
common AS (
  -- Behind the shares come the least and the greatest, and for arrays that of null.
  SELECT numbers[:cardinality(values::text[])]::float8[] AS shares FROM slot WHERE kind = 4)
SELECT shares, (SELECT min(f) FROM unnest(shares) f),
       coalesce((SELECT numbers[cardinality(numbers)]::float8 FROM slot WHERE kind = 5),
                (SELECT sum(f) * 1.5 FROM unnest(shares) f))
FROM common;

-- name: expressions
-- purpose: expressions of an index: column, spelling, type, collation, operators that sort and compare it
SELECT a.attnum, pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, false), a.atttypid::bigint, a.attcollation::bigint,
       i.indrelid::bigint, i.indrelid::regclass::text, pg_catalog.format_type(a.atttypid, -1),
       eq.amopopr::regoperator::text, lt.amopopr::regoperator::text,
       CASE WHEN a.attcollation <> 0 THEN a.attcollation::regcollation::text END,
       t.typanalyze = 0 OR t.typcategory = 'A'
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN LATERAL (
  SELECT o.opcfamily, o.opcintype FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod
  WHERE m.amname = 'btree' AND o.opcdefault
    AND o.opcintype = CASE WHEN t.typtype = 'e' THEN 'anyenum'::regtype WHEN t.typtype = 'r' THEN 'anyrange'::regtype
      WHEN t.typtype = 'm' THEN 'anymultirange'::regtype WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN 'anyarray'::regtype
      WHEN t.oid = 'varchar'::regtype THEN 'text'::regtype WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
  LIMIT 1) c ON true
JOIN pg_catalog.pg_amop eq ON eq.amopfamily = c.opcfamily AND eq.amoplefttype = c.opcintype
  AND eq.amoprighttype = c.opcintype AND eq.amopstrategy = 3
JOIN pg_catalog.pg_amop lt ON lt.amopfamily = c.opcfamily AND lt.amoplefttype = c.opcintype
  AND lt.amoprighttype = c.opcintype AND lt.amopstrategy = 1
WHERE i.indexrelid = %s AND i.indkey[a.attnum - 1] = 0
ORDER BY a.attnum;

-- name: table_columns
-- purpose: columns of a table that have statistics, with their types and the correlation of their values with their places
SELECT DISTINCT ON (a.attnum) a.attnum, a.attname, pg_catalog.format_type(a.atttypid, -1), s.stanullfrac::float8,
       s.stadistinct::float8, t.reltuples::float8,
       CASE 3 WHEN stakind1 THEN stanumbers1[1] WHEN stakind2 THEN stanumbers2[1] WHEN stakind3 THEN stanumbers3[1]
              WHEN stakind4 THEN stanumbers4[1] WHEN stakind5 THEN stanumbers5[1] END::float8
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class t ON t.oid = a.attrelid
JOIN pg_catalog.pg_statistic s ON s.starelid = a.attrelid AND s.staattnum = a.attnum
WHERE a.attrelid = %s AND NOT a.attisdropped
ORDER BY a.attnum, s.stainherit;

-- name: same_in_index
-- purpose: another index of the table with statistics of the same expression
SELECT s.starelid::bigint, s.staattnum
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_statistic s ON s.starelid = i.indexrelid
WHERE i.indrelid = %(table)s AND i.indexrelid <> %(index)s
  AND pg_catalog.pg_get_indexdef(i.indexrelid, s.staattnum, false) = %(expression)s;

-- name: same_in_extended
-- purpose: extended statistics of the table with the same expression
SELECT e.oid::bigint, k.place
FROM pg_catalog.pg_statistic_ext e
JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = e.oid
CROSS JOIN LATERAL unnest(pg_catalog.pg_get_statisticsobjdef_expressions(e.oid)) WITH ORDINALITY k (spelled, place)
WHERE e.stxrelid = %(table)s AND d.stxdexpr IS NOT NULL
  AND %(expression)s IN (k.spelled, '(' || k.spelled || ')', trim(k.spelled, '()'));

-- name: copy_from_index
-- purpose: take over statistics of the same expression from another index
INSERT INTO pg_catalog.pg_statistic
SELECT %(index)s::oid, %(number)s::smallint, false, {columns}
FROM pg_catalog.pg_statistic x WHERE x.starelid = %(other)s AND x.staattnum = %(place)s LIMIT 1;

-- name: copy_from_extended
-- purpose: take over statistics of the same expression from extended statistics
INSERT INTO pg_catalog.pg_statistic
SELECT %(index)s::oid, %(number)s::smallint, false, {columns}
FROM (SELECT (d.stxdexpr[%(place)s::int]).* FROM pg_catalog.pg_statistic_ext_data d
      WHERE d.stxoid = %(other)s AND d.stxdexpr IS NOT NULL LIMIT 1) x;

-- name: imagine
-- purpose: what an expression makes of the known values of a column
SELECT min(made)::text, sum(f), bool_or(is_common), avg(place)::float8, avg(pg_column_size(made))::float8
FROM (SELECT ({expression}) AS made, f, is_common, place FROM {named}) made
GROUP BY made ORDER BY made;

-- name: count_results
-- purpose: inputs of an expression and its results: all, those of histogram and of common values, and coincidences
SELECT coalesce(sum(drawn + listed), 0)::int, count(*)::int, coalesce(sum(drawn), 0)::int,
       (count(*) FILTER (WHERE listed > 0))::int,
       coalesce(sum(drawn * (drawn - 1) / 2 + CASE WHEN listed > 0 THEN drawn ELSE 0 END), 0)::int
FROM (SELECT made, count(*) FILTER (WHERE NOT is_common) AS drawn, count(*) FILTER (WHERE is_common) AS listed
      FROM (SELECT ({expression}) AS made, is_common FROM {named}) one WHERE made IS NOT NULL GROUP BY made) result;
