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

-- name: set_ends
-- purpose: put a column's real least and greatest value at the ends of its histogram
UPDATE pg_catalog.pg_statistic s
SET stavalues{slot} = pg_catalog.array_in(
      ((ARRAY[%(least)s] || (s.stavalues{slot}::text::text[])[2:pg_catalog.cardinality(s.stavalues{slot}::text::text[]) - 1]
        || ARRAY[%(greatest)s])::text)::cstring, a.atttypid, -1)
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = s.starelid AND a.attnum = s.staattnum AND NOT s.stainherit
  AND s.starelid = %(table)s::regclass AND a.attname = %(column)s AND s.stakind{slot} = 2;

-- name: index
-- purpose: an index just created: what its size depends on
SELECT c.oid::bigint, n.nspname, c.relname, pg_catalog.pg_relation_filepath(c.oid), am.amname, i.indisunique,
       t.reltuples::float8, pg_catalog.pg_get_expr(i.indpred, i.indrelid), i.indnkeyatts, i.indnatts,
       i.indrelid::regclass::text
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE i.indexrelid = %s;

-- name: index_columns
-- purpose: width, alignment, spelling and comparison of each column of an index
SELECT a.attlen, a.attalign::text, pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, true), a.attnum <= i.indnkeyatts,
       (SELECT max(s.stawidth) FROM pg_catalog.pg_statistic s
        WHERE s.starelid = i.indrelid AND s.staattnum = i.indkey[a.attnum - 1]),
       EXISTS (SELECT FROM pg_catalog.pg_opclass o
               JOIN pg_catalog.pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype
               WHERE o.oid = i.indclass[a.attnum - 1] AND p.amprocnum = 4)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_index i ON i.indexrelid = a.attrelid
WHERE a.attrelid = %s
ORDER BY a.attnum;

-- name: new_indexes
-- purpose: valid indexes of a table, to tell which one a statement created
SELECT i.indexrelid::bigint FROM pg_catalog.pg_index i WHERE i.indrelid = %s::regclass;
