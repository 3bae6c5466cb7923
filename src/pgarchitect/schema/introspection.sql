-- name: home
-- purpose: names of this schema, and no others, are spelled without it until the transaction ends
SELECT pg_catalog.set_config('search_path', pg_catalog.quote_ident(%(schema)s), true);

-- name: namespaces
-- purpose: which of the schemas that were asked for exist, and the extensions with their schemas
SELECT n.nspname::text FROM pg_catalog.pg_namespace n
WHERE n.nspname = ANY(%(schemas)s) ORDER BY pg_catalog.array_position(%(schemas)s::text[], n.nspname::text);

-- name: extensions
-- purpose: extensions of the database, with the schema of their objects
SELECT e.extname::text, n.nspname::text, e.extversion
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' ORDER BY e.extname;

-- name: enums
-- purpose: enum types with their labels in order, those of extensions left out
SELECT n.nspname::text, t.typname::text,
       ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder),
       COALESCE(pg_catalog.obj_description(t.oid, 'pg_type'), '')
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND n.nspname = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY t.oid;

-- name: tables
-- purpose: tables, partitioned tables, views and materialised views, those of extensions and Prisma's own left out
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text,
       CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END,
       (SELECT ARRAY[pn.nspname::text, pc.relname::text]
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent
        JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
        WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1),
       c.relrowsecurity,
       COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
       COALESCE(pg_catalog.pg_get_expr(c.relpartbound, c.oid), ''),
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) ELSE '' END,
       CASE WHEN c.relkind IN ('v', 'm') THEN ARRAY(SELECT o FROM pg_catalog.unnest(c.reloptions) o ORDER BY o) ELSE '{}' END,
       c.relpersistence = 'u'
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname = ANY(%(schemas)s) AND c.relname <> '_prisma_migrations'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid;

-- name: reads
-- purpose: what these views depend on: relations, or columns of them
SELECT DISTINCT w.ev_class::bigint, n.nspname::text, c.relname::text, COALESCE(a.attname::text, '')
FROM pg_catalog.pg_rewrite w
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
     AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> w.ev_class
JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
WHERE w.ev_class = ANY(%(views)s::oid[]) AND w.rulename = '_RETURN';

-- name: columns
-- purpose: columns of these relations in their order, with their types taken apart, defaults and what generates them
SELECT a.attrelid::bigint, a.attname::text,
       u.typname::text, un.nspname::text, u.typtype::text,
       CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
            THEN true ELSE false END,
       pg_catalog.format_type(u.oid, a.atttypmod),
       a.attnotnull AND NOT EXISTS (  -- NOT VALID, of PostgreSQL 18: nobody knows
           SELECT FROM pg_catalog.pg_constraint v
           WHERE v.conrelid = a.attrelid AND v.contype = 'n' AND NOT v.convalidated AND a.attnum = ANY(v.conkey)),
       pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       (SELECT s.relname::text FROM pg_catalog.pg_depend o
        JOIN pg_catalog.pg_class s ON s.oid = o.objid AND s.relkind = 'S'
        WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.refclassid = 'pg_catalog.pg_class'::regclass
          AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype = 'a' LIMIT 1),
       a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
            THEN (SELECT pg_catalog.quote_ident(kn.nspname) || '.' || pg_catalog.quote_ident(k.collname)
                  FROM pg_catalog.pg_collation k JOIN pg_catalog.pg_namespace kn ON kn.oid = k.collnamespace
                  WHERE k.oid = a.attcollation) ELSE '' END,
       COALESCE(pg_catalog.col_description(a.attrelid, a.attnum), ''),
       CASE WHEN u.typtype = 'd' AND b.typtype <> 'd' THEN ARRAY[be.typname::text, ben.nspname::text, be.typtype::text,
            pg_catalog.format_type(be.oid, u.typtypmod),
            CASE WHEN be.oid <> b.oid THEN 'array' ELSE '' END] END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type u ON u.oid = CASE
     WHEN t.typcategory = 'A' AND t.typelem <> 0 AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
     THEN t.typelem ELSE t.oid END
JOIN pg_catalog.pg_namespace un ON un.oid = u.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = u.typbasetype
LEFT JOIN pg_catalog.pg_type be ON be.oid = CASE
     WHEN b.typcategory = 'A' AND b.typelem <> 0 AND b.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
     THEN b.typelem ELSE b.oid END
LEFT JOIN pg_catalog.pg_namespace ben ON ben.oid = be.typnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY(%(tables)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;

-- name: constraints
-- purpose: keys, foreign keys, checks and exclusions of these tables, without those to single partitions; NOT NULL is the column's matter
SELECT c.conrelid::bigint, c.contype::text, c.conname::text,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY k(n, o)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.o),
       fn.nspname::text, f.relname::text,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY k(n, o)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.o),
       c.confdeltype::text, c.confupdtype::text, c.condeferrable, c.condeferred, c.convalidated,
       pg_catalog.pg_get_constraintdef(c.oid), c.conindid::bigint,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index i,
             pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k(n, o)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n
             WHERE c.contype = 'p' AND i.indexrelid = c.conindid AND k.o > i.indnkeyatts ORDER BY k.o),
       c.confmatchtype = 'f',
       ARRAY(SELECT a.attname::text FROM pg_catalog.jsonb_array_elements_text(
                 CASE pg_catalog.jsonb_typeof(j.c -> 'confdelsetcols') WHEN 'array' THEN j.c -> 'confdelsetcols' ELSE '[]' END) k(n)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n::int2 ORDER BY a.attnum),
       COALESCE((j.c ->> 'conperiod')::boolean, false), COALESCE((j.c ->> 'conenforced')::boolean, true)
FROM pg_catalog.pg_constraint c
CROSS JOIN LATERAL (SELECT CASE WHEN c.contype IN ('f', 'p') THEN pg_catalog.to_jsonb(c) END) j(c)
LEFT JOIN pg_catalog.pg_class f ON f.oid = c.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
WHERE c.conrelid = ANY(%(tables)s::oid[]) AND c.contype IN ('p', 'u', 'f', 'c', 'x')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.oid = c.conparentid AND k.conrelid = c.conrelid)
ORDER BY c.conrelid, c.conname;

-- name: indexes
-- purpose: indexes of these tables but those of primary keys and exclusions, key by key
SELECT i.indrelid::bigint, i.indexrelid::bigint, c.relname::text, am.amname::text, i.indisunique, i.indisvalid,
       COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
       COALESCE(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''),
       COALESCE(c.reloptions, '{}'),
       i.indnkeyatts::int,
       ARRAY(SELECT COALESCE(a.attname::text, '') FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k(n, o)
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n AND k.n <> 0 ORDER BY k.o),
       ARRAY(SELECT CASE WHEN i.indkey[k - 1] = 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, k, false) ELSE '' END
             FROM pg_catalog.generate_series(1, i.indnkeyatts) k),
       i.indoption::int2[],
       ARRAY(SELECT CASE WHEN o.opcdefault AND x.attoptions IS NULL
                          AND (am.amname IN ('btree', 'hash') OR n.nspname = 'pg_catalog') THEN ''
                         WHEN pg_catalog.pg_opclass_is_visible(o.oid) THEN pg_catalog.quote_ident(o.opcname)
                         ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.opcname) END
                    || COALESCE('(' || pg_catalog.array_to_string(x.attoptions, ', ') || ')', '')
             FROM pg_catalog.unnest(i.indclass::oid[]) WITH ORDINALITY k(class, n)
             JOIN pg_catalog.pg_opclass o ON o.oid = k.class
             JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
             LEFT JOIN pg_catalog.pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = k.n ORDER BY k.n),
       ARRAY(SELECT CASE WHEN k.coll = 0 OR k.coll = COALESCE(a.attcollation, t.typcollation, 0) THEN ''
                         ELSE (SELECT pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname)
                               FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                               WHERE l.oid = k.coll) END
             FROM ROWS FROM (pg_catalog.unnest(i.indcollation::oid[]), pg_catalog.unnest(i.indkey::int2[])) WITH ORDINALITY k(coll, n, o)
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n AND k.n <> 0
             LEFT JOIN pg_catalog.pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = k.o
             LEFT JOIN pg_catalog.pg_type t ON t.oid = x.atttypid
             WHERE k.coll IS NOT NULL ORDER BY k.o),
       (SELECT ARRAY[k.condeferrable, k.condeferred, COALESCE((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false)]
        FROM pg_catalog.pg_constraint k
        WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype = 'u' LIMIT 1)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE i.indrelid = ANY(%(tables)s::oid[]) AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                  WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype = 'x')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid)
ORDER BY i.indrelid, c.relname;

-- name: sequences
-- purpose: sequences that no column owns and no extension brought
SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND n.nspname = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e'))
ORDER BY c.oid;
