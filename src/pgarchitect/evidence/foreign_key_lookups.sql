-- name: foreign_keys
-- purpose: foreign keys by the table that they refer to, with the columns of both sides; those of partitions follow from their parents'
SELECT n.nspname, t.relname, pg_catalog.pg_table_is_visible(t.oid), cn.nspname, c.relname,
       pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
       ARRAY(SELECT pg_catalog.quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY k.oid;
