-- name: relations
-- purpose: tables, partitioned tables, materialised views and indexes of the twin, and what the planner is told of each
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, pg_catalog.pg_relation_filepath(c.oid),
       CASE WHEN c.relkind IN ('r', 'm', 'i')
            THEN pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int ELSE 0 END,
       c.relpages, c.reltuples::float8, c.relallvisible, i.indrelid::bigint,
       CASE WHEN i.indexrelid IS NOT NULL THEN pg_catalog.pg_get_indexdef(c.oid) END, coalesce(i.indisvalid, true),
       c.oid::pg_catalog.regclass::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'm', 'i', 'p', 'I') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast');

-- name: columns
-- purpose: columns of tables, materialised views and indexes: type, whether nulls may occur, width and alignment
SELECT a.attrelid::bigint, a.attnum, a.attname, a.atttypid::bigint, a.atttypmod,
       pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, -1), a.attnotnull,
       a.attlen, a.attalign::text, a.atthasmissing, a.atthasdef, a.attidentity::text, a.attgenerated::text,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm', 'i', 'p', 'I') AND c.relpersistence <> 't'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;

-- name: statistics
-- purpose: statistics of all columns of the twin, by oid and number
SELECT s.starelid::bigint, s.staattnum, s.stainherit, s.stanullfrac, s.stawidth, s.stadistinct,
       ARRAY[s.stakind1, s.stakind2, s.stakind3, s.stakind4, s.stakind5],
       ARRAY[s.staop1, s.staop2, s.staop3, s.staop4, s.staop5]::pg_catalog.regoperator[]::text[],
       ARRAY[s.stacoll1, s.stacoll2, s.stacoll3, s.stacoll4, s.stacoll5]::pg_catalog.regcollation[]::text[],
       ARRAY[s.stanumbers1::text, s.stanumbers2::text, s.stanumbers3::text, s.stanumbers4::text, s.stanumbers5::text],
       ARRAY[s.stavalues1::text, s.stavalues2::text, s.stavalues3::text, s.stavalues4::text, s.stavalues5::text]
FROM pg_catalog.pg_statistic s
JOIN pg_catalog.pg_class c ON c.oid = s.starelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relpersistence <> 't';

-- name: statistics_present
-- purpose: columns of the twin that have statistics
SELECT s.starelid::bigint, s.staattnum, s.stainherit
FROM pg_catalog.pg_statistic s
JOIN pg_catalog.pg_class c ON c.oid = s.starelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast');

-- name: types_of
-- purpose: of a column: its type, that of its elements, that of its ranges, its collation as SQL spells it
SELECT a.atttypid::bigint,
       CASE WHEN b.base = 'pg_catalog.tsvector'::pg_catalog.regtype THEN 'pg_catalog.text'::pg_catalog.regtype::bigint
            ELSE (SELECT typelem::bigint FROM pg_catalog.pg_type WHERE oid = b.base) END,
       coalesce((SELECT rngtypid::bigint FROM pg_catalog.pg_range WHERE rngmultitypid = b.base), b.base::bigint)
FROM pg_catalog.pg_attribute a
JOIN LATERAL (SELECT CASE WHEN typtype = 'd' THEN typbasetype ELSE oid END AS base
              FROM pg_catalog.pg_type WHERE oid = a.atttypid) b ON true
WHERE a.attrelid = %(relation)s AND a.attnum = %(number)s;

-- name: forget
-- purpose: take a column's statistics away
DELETE FROM pg_catalog.pg_statistic
WHERE starelid = %(relation)s AND staattnum = %(number)s AND stainherit = %(inherited)s;

-- name: operators
-- purpose: operators that compare and sort a column's values, and its collation
SELECT eq.amopopr::pg_catalog.regoperator::text, lt.amopopr::pg_catalog.regoperator::text,
       CASE WHEN a.attcollation <> 0 THEN a.attcollation::pg_catalog.regcollation::text END, a.attcollation::bigint
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t0 ON t0.oid = a.atttypid
JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN t0.typtype = 'd' THEN t0.typbasetype ELSE t0.oid END
JOIN LATERAL (
  SELECT o.opcfamily, o.opcintype FROM pg_catalog.pg_opclass o
  JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
  WHERE o.opcdefault AND o.opcintype = CASE
    WHEN t.typtype = 'e' THEN 'pg_catalog.anyenum'::pg_catalog.regtype
    WHEN t.typtype = 'r' THEN 'pg_catalog.anyrange'::pg_catalog.regtype
    WHEN t.typtype = 'm' THEN 'pg_catalog.anymultirange'::pg_catalog.regtype
    WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN 'pg_catalog.anyarray'::pg_catalog.regtype
    WHEN t.oid = 'pg_catalog.varchar'::pg_catalog.regtype THEN 'pg_catalog.text'::pg_catalog.regtype
    ELSE t.oid END
  LIMIT 1) k ON true
JOIN pg_catalog.pg_amop eq ON eq.amopfamily = k.opcfamily AND eq.amoplefttype = k.opcintype
  AND eq.amoprighttype = k.opcintype AND eq.amopstrategy = 3
JOIN pg_catalog.pg_amop lt ON lt.amopfamily = k.opcfamily AND lt.amoplefttype = k.opcintype
  AND lt.amoprighttype = k.opcintype AND lt.amopstrategy = 1
WHERE a.attrelid = %(relation)s AND a.attnum = %(number)s;

-- name: converted
-- purpose: known values of a column as another type: text, bytes inside a tuple (whose header takes 24), place in order
SELECT made::text, pg_catalog.pg_column_size(ROW(made)) - 24, pg_catalog.rank() OVER (ORDER BY made)::int
FROM (SELECT ({expression})::{new} AS made, pgarchitect_place
      FROM pg_catalog.unnest(%(values)s::{old}[]) WITH ORDINALITY u ({column}, pgarchitect_place)) m
ORDER BY pgarchitect_place;

-- name: converts_back
-- purpose: whether another type tells all known values of a column apart
SELECT coalesce(bool_and((({expression})::{new})::{old} IS NOT DISTINCT FROM {column}), true)
FROM pg_catalog.unnest(%(values)s::{old}[]) u ({column});

-- name: has_type
-- purpose: whether a type is still there under its number
SELECT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = %s);

-- name: missing_value
-- purpose: what the rows that were there hold in a new column
SELECT (attmissingval::text::text[])[1] FROM pg_catalog.pg_attribute WHERE attrelid = %(relation)s AND attnum = %(number)s;

-- name: set_valid
-- purpose: let the planner see indexes, or not
UPDATE pg_catalog.pg_index SET indisvalid = %s WHERE indexrelid = ANY (%s::oid[]);

-- name: leaves
-- purpose: partitions that hold rows, below a partitioned table, with their number of rows
WITH RECURSIVE part AS (
  SELECT h.inhrelid AS oid FROM pg_catalog.pg_inherits h WHERE h.inhparent = %s::oid
  UNION ALL
  SELECT h.inhrelid FROM part JOIN pg_catalog.pg_inherits h ON h.inhparent = part.oid)
SELECT c.oid::bigint, c.reltuples::float8
FROM part JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind = 'r' AND c.reltuples > 0;

-- name: statistics_of_whole
-- purpose: let a partitioned table whose rows all lie in one partition have that partition's statistics
INSERT INTO pg_catalog.pg_statistic
SELECT a.attrelid, a.attnum, true, {columns}
FROM pg_catalog.pg_statistic x
JOIN pg_catalog.pg_attribute b ON b.attrelid = x.starelid AND b.attnum = x.staattnum
JOIN pg_catalog.pg_attribute a ON a.attrelid = %(parent)s::oid AND a.attname = b.attname AND NOT a.attisdropped
WHERE x.starelid = %(part)s::oid AND NOT x.stainherit
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic y
                  WHERE y.starelid = a.attrelid AND y.staattnum = a.attnum AND y.stainherit);

-- name: extended_without_data
-- purpose: extended statistics that hold nothing, by schema and name, with their table
SELECT n.nspname, e.stxname, e.stxrelid::pg_catalog.regclass::text
FROM pg_catalog.pg_statistic_ext e
JOIN pg_catalog.pg_namespace n ON n.oid = e.stxnamespace
JOIN pg_catalog.pg_class c ON c.oid = e.stxrelid AND c.reltuples > 0
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext_data d WHERE d.stxoid = e.oid
                  AND pg_catalog.num_nonnulls(d.stxdndistinct, d.stxddependencies, d.stxdmcv, d.stxdexpr) > 0)
ORDER BY 1, 2;

-- name: duplicated
-- purpose: new unique indexes of one column whose statistics know a value of several rows
SELECT x.relname, t.oid::pg_catalog.regclass::text, a.attname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_statistic s ON s.starelid = t.oid AND s.staattnum = a.attnum AND NOT s.stainherit
WHERE i.indexrelid = ANY (%s::oid[]) AND i.indisunique AND i.indnkeyatts = 1 AND i.indkey[0] > 0 AND i.indpred IS NULL
  AND t.reltuples > 0 AND 1.5 < t.reltuples * CASE 1 WHEN s.stakind1 THEN s.stanumbers1[1] WHEN s.stakind2 THEN s.stanumbers2[1]
                                    WHEN s.stakind3 THEN s.stanumbers3[1] ELSE 0 END
ORDER BY 1;

-- name: index_parents
-- purpose: indexes of partitions, with the partitioned index that they belong to
SELECT h.inhrelid::bigint, h.inhparent::bigint
FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid AND c.relkind IN ('i', 'I');

-- name: same_category
-- purpose: whether two types are of one category, so that a cast from one to the other keeps the order
SELECT o.typcategory = n.typcategory AND o.typcategory IN ('N', 'D', 'S', 'T')
FROM pg_catalog.pg_type o, pg_catalog.pg_type n WHERE o.oid = %(old)s AND n.oid = %(new)s;
