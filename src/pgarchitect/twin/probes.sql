-- name: settings
-- purpose: make pages, or descents of a tree, the only thing that costs, in this transaction of ours alone
SELECT pg_catalog.set_config(name, value, true) FROM (VALUES
  ('enable_seqscan', 'off'), ('enable_bitmapscan', %(bitmaps)s), ('enable_indexscan', %(trees)s),
  ('enable_indexonlyscan', 'off'), ('enable_partition_pruning', 'off'), ('max_parallel_workers_per_gather', '0'),
  ('seq_page_cost', '0'), ('random_page_cost', %(page)s), ('cpu_tuple_cost', '0'), ('cpu_index_tuple_cost', '0'),
  ('cpu_operator_cost', %(operator)s), ('jit', 'off'), ('lock_timeout', '200')) s (name, value);

-- name: gin
-- purpose: GIN indexes, with an operator that they answer and the type of its right side
SELECT DISTINCT ON (c.oid) n.nspname, c.relname, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname),
       CASE WHEN i.indkey[0] = 0 THEN '(' || pg_catalog.pg_get_indexdef(c.oid, 1, false) || ')'
            ELSE pg_catalog.pg_get_indexdef(c.oid, 1, false) END,
       'OPERATOR(' || pg_catalog.quote_ident(on_.nspname) || '.' || op.oprname || ')',
       CASE WHEN o.oprright IN ('anyarray'::regtype) THEN pg_catalog.format_type(coalesce(a.atttypid, ia.atttypid), -1)
            ELSE pg_catalog.format_type(o.oprright, -1) END,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       pages.number
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname = 'gin'
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_opclass k ON k.oid = i.indclass[0]
JOIN pg_catalog.pg_amop p ON p.amopfamily = k.opcfamily AND p.amoplefttype = k.opcintype AND p.amoppurpose = 's'
JOIN pg_catalog.pg_operator op ON op.oid = p.amopopr
JOIN pg_catalog.pg_namespace on_ ON on_.oid = op.oprnamespace
JOIN LATERAL (SELECT op.oprright) o ON true
JOIN pg_catalog.pg_attribute ia ON ia.attrelid = c.oid AND ia.attnum = 1
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND i.indkey[0] <> 0
CROSS JOIN LATERAL (
  SELECT pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int AS number) pages
WHERE i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT t.oid = ANY (%(without)s::oid[]) AND NOT c.oid = ANY (%(locked)s::oid[])
ORDER BY c.oid, p.amopstrategy;

-- name: trees
-- purpose: the largest B-trees whose height is not certain from their length
SELECT n.nspname, c.relname, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname),
       CASE WHEN i.indkey[0] = 0 THEN '(' || pg_catalog.pg_get_indexdef(c.oid, 1, false) || ')'
            ELSE pg_catalog.pg_get_indexdef(c.oid, 1, false) END,
       '=', pg_catalog.format_type(coalesce(a.atttypid, ia.atttypid), -1), pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       pages.number
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname = 'btree'
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute ia ON ia.attrelid = c.oid AND ia.attnum = 1
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND i.indkey[0] <> 0
CROSS JOIN LATERAL (
  SELECT pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int AS number) pages
WHERE i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT t.oid = ANY (%(without)s::oid[]) AND NOT c.oid = ANY (%(locked)s::oid[])
  -- A root above some dozens of leaves is certain where keys are short.
  AND pages.number > CASE WHEN ia.attlen > 0 AND i.indnkeyatts <= 2 THEN 150 ELSE 3 END
ORDER BY pages.number DESC LIMIT 2000;
