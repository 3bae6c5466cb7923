-- name: enum_labels
-- purpose: the labels of those of these types that are enums, in their order
SELECT asked.name, ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
                         WHERE e.enumtypid = to_regtype(asked.name) ORDER BY e.enumsortorder)
FROM unnest(%(types)s::text[]) AS asked (name)
JOIN pg_catalog.pg_type t ON t.oid = to_regtype(asked.name) AND t.typtype = 'e';

-- name: prefix_indexes
-- purpose: columns of these tables in indexes that serve the comparison of beginnings and whose order serves nothing else
SELECT DISTINCT a.attrelid, a.attname::text
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
 AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid
WHERE i.indrelid = ANY(%(tables)s::oid[])
  AND EXISTS (SELECT FROM pg_catalog.pg_opclass o WHERE o.oid = ANY(i.indclass::oid[])
              AND o.opcname IN ('text_pattern_ops', 'varchar_pattern_ops', 'bpchar_pattern_ops'));
