-- name: tables
-- purpose: every ordinary and partitioned table with its size, its partition key and its default partition
SELECT n.nspname, c.relname, c.relkind = 'p',
       CASE WHEN c.relkind = 'p' THEN sum_of.rows ELSE c.reltuples END,
       CASE WHEN c.relkind = 'p' THEN sum_of.bytes ELSE pg_relation_size(c.oid) END::bigint,
       ARRAY(SELECT a.attname::text FROM unnest(p.partattrs::int2[]) WITH ORDINALITY AS key (number, position)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = key.number ORDER BY key.position),
       CASE p.partstrat WHEN 'r' THEN 'RANGE' WHEN 'l' THEN 'LIST' WHEN 'h' THEN 'HASH' ELSE '' END,
       dn.nspname, d.relname,
       ARRAY(SELECT child.relname::text FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
             WHERE i.inhparent = c.oid AND c.relkind = 'p' ORDER BY child.relname)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
LEFT JOIN pg_class d ON d.oid = p.partdefid
LEFT JOIN pg_namespace dn ON dn.oid = d.relnamespace
LEFT JOIN LATERAL (
    SELECT sum(greatest(leaf.reltuples, 0)) AS rows, sum(pg_relation_size(leaf.oid)) AS bytes
    FROM pg_partition_tree(c.oid) t JOIN pg_class leaf ON leaf.oid = t.relid WHERE t.isleaf AND leaf.relkind = 'r'
) sum_of ON c.relkind = 'p'
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'

-- name: columns
-- purpose: the type of every column, and whether it may be null
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'

-- name: checks
-- purpose: the check constraints of tables, with whether all rows are known to meet them
SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'c' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'

-- name: indexes
-- purpose: which table an index is on
SELECT n.nspname, i.relname, tn.nspname, t.relname
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'

-- name: functions
-- purpose: how volatile functions of a name are: the most volatile of them counts
SELECT proname, max(provolatile::text) FROM pg_proc GROUP BY proname

-- name: history
-- purpose: whether there is a table of migrations that ran
SELECT to_regclass('_prisma_migrations') IS NOT NULL

-- name: applied
-- purpose: migrations that ran to their end
SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
