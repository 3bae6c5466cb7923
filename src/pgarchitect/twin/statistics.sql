-- name: may_read
-- purpose: whether this role may read the catalogs of statistics themselves
SELECT pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')
   AND pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT');

-- name: hidden
-- purpose: tables whose statistics the view pg_stats hides from this role, since row security is on
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND pg_catalog.row_security_active(c.oid)
ORDER BY 1, 2;

-- name: columns
-- purpose: statistics of columns, all or those of tables with row security, with operators and collations by name
SELECT n.nspname, c.relname, c.relkind IN ('i', 'I'), a.attname, s.staattnum, s.stainherit, s.stanullfrac, s.stawidth,
       s.stadistinct,
       ARRAY[s.stakind1, s.stakind2, s.stakind3, s.stakind4, s.stakind5],
       ARRAY[s.staop1, s.staop2, s.staop3, s.staop4, s.staop5]::pg_catalog.regoperator[]::text[],
       ARRAY[s.stacoll1, s.stacoll2, s.stacoll3, s.stacoll4, s.stacoll5]::pg_catalog.regcollation[]::text[],
       ARRAY[s.stanumbers1::text, s.stanumbers2::text, s.stanumbers3::text, s.stanumbers4::text, s.stanumbers5::text],
       ARRAY[s.stavalues1::text, s.stavalues2::text, s.stavalues3::text, s.stavalues4::text, s.stavalues5::text]
FROM pg_catalog.pg_statistic s
JOIN pg_catalog.pg_class c ON c.oid = s.starelid
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relpersistence <> 't'
  AND (%(everything)s OR t.relrowsecurity);

-- name: delete_column
-- purpose: forget what a dump may have brought
DELETE FROM pg_catalog.pg_statistic s
WHERE s.starelid = %(relation)s AND s.staattnum = %(number)s AND s.stainherit = %(inherited)s;

-- name: column
-- purpose: a column of the twin by its name, of an index by its number, with the types of its statistics' values
SELECT c.oid::bigint, a.attnum, a.atttypid::bigint,
       CASE WHEN b.base = 'pg_catalog.tsvector'::pg_catalog.regtype THEN 'pg_catalog.text'::pg_catalog.regtype::bigint
            ELSE (SELECT typelem::bigint FROM pg_catalog.pg_type WHERE oid = b.base) END,
       coalesce((SELECT rngtypid::bigint FROM pg_catalog.pg_range WHERE rngmultitypid = b.base), b.base::bigint)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
JOIN LATERAL (SELECT CASE WHEN typtype = 'd' THEN typbasetype ELSE oid END AS base
              FROM pg_catalog.pg_type WHERE oid = a.atttypid) b ON true
WHERE n.nspname = %(schema)s AND c.relname = %(relation)s
  AND CASE WHEN %(is_index)s THEN a.attnum = %(number)s ELSE a.attname = %(column)s AND a.attnum > 0 END;

-- name: insert_column
-- purpose: write the statistics of one column as they are on the source
INSERT INTO pg_catalog.pg_statistic
SELECT %(relation)s::oid, %(number)s::smallint, %(inherited)s, {statistics};

-- name: extended
-- purpose: extended statistics: contents as bytes, column numbers with their names
SELECT n.nspname, e.stxname, false, d.stxdndistinct::bytea, d.stxddependencies::bytea, d.stxdmcv::bytea,
       ARRAY(SELECT k FROM pg_catalog.unnest(e.stxkeys) WITH ORDINALITY u (k, o) ORDER BY o),
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(e.stxkeys) WITH ORDINALITY u (k, o)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = e.stxrelid AND a.attnum = u.k ORDER BY o),
       e.oid::bigint
FROM pg_catalog.pg_statistic_ext e
JOIN pg_catalog.pg_namespace n ON n.oid = e.stxnamespace
JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = e.oid;

-- name: extended @15
-- purpose: the same, with or without the rows of inheriting tables
SELECT n.nspname, e.stxname, d.stxdinherit, d.stxdndistinct::bytea, d.stxddependencies::bytea, d.stxdmcv::bytea,
       ARRAY(SELECT k FROM pg_catalog.unnest(e.stxkeys) WITH ORDINALITY u (k, o) ORDER BY o),
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(e.stxkeys) WITH ORDINALITY u (k, o)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = e.stxrelid AND a.attnum = u.k ORDER BY o),
       e.oid::bigint
FROM pg_catalog.pg_statistic_ext e
JOIN pg_catalog.pg_namespace n ON n.oid = e.stxnamespace
JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = e.oid;

-- name: extended_expressions
-- purpose: statistics of the expressions of extended statistics, in their order
SELECT d.stxoid::bigint, {inherited}, (x).stanullfrac, (x).stawidth, (x).stadistinct,
       ARRAY[(x).stakind1, (x).stakind2, (x).stakind3, (x).stakind4, (x).stakind5],
       ARRAY[(x).staop1, (x).staop2, (x).staop3, (x).staop4, (x).staop5]::pg_catalog.regoperator[]::text[],
       ARRAY[(x).stacoll1, (x).stacoll2, (x).stacoll3, (x).stacoll4, (x).stacoll5]::pg_catalog.regcollation[]::text[],
       ARRAY[(x).stanumbers1::text, (x).stanumbers2::text, (x).stanumbers3::text, (x).stanumbers4::text,
             (x).stanumbers5::text],
       ARRAY[(x).stavalues1::text, (x).stavalues2::text, (x).stavalues3::text, (x).stavalues4::text,
             (x).stavalues5::text]
FROM pg_catalog.pg_statistic_ext_data d, pg_catalog.generate_subscripts(d.stxdexpr, 1) o,
     LATERAL (SELECT d.stxdexpr[o] AS x) element
ORDER BY d.stxoid, 2, o;

-- name: enum_labels
-- purpose: numbers of the labels of all enums, which most common values hold
SELECT oid::bigint, enumtypid::pg_catalog.regtype::text, enumlabel FROM pg_catalog.pg_enum;

-- name: extended_target
-- purpose: extended statistics of the twin: its table, and the numbers of that table's columns
SELECT e.oid::bigint, e.stxrelid::bigint, e.stxrelid::pg_catalog.regclass::text,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = e.stxrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
       ARRAY(SELECT a.attnum FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = e.stxrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
       pg_catalog.pg_get_statisticsobjdef_expressions(e.oid)
FROM pg_catalog.pg_statistic_ext e
JOIN pg_catalog.pg_namespace n ON n.oid = e.stxnamespace
WHERE n.nspname = %s AND e.stxname = %s;

-- name: index_order
-- purpose: indexes in the order of their creation, which decides between plans of the same cost
SELECT n.nspname, t.relname, c.relname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY c.oid;
