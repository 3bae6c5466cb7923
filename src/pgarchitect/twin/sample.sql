-- name: wanted
-- purpose: of the twin: what a sample for hypothetical indexes is about, spelled with schemas
SELECT i.indexrelid::bigint, n.nspname, t.relname, am.amname, i.indisunique, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, a.attnum, false)
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum),
       ARRAY(SELECT CASE WHEN a.attcollation <> 0 THEN a.attcollation::regcollation::text END
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum),
       i.indnkeyatts, i.indkey::int2[]
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE i.indexrelid = ANY (%s)
ORDER BY i.indexrelid;

-- name: functions
-- purpose: of the twin: functions of indexes that are not PostgreSQL's own, and those of their operators and domains
WITH RECURSIVE used (index, class, object) AS (
  SELECT d.objid, d.refclassid, d.refobjid FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = ANY (%s)
  UNION
  SELECT u.index, d.refclassid, d.refobjid FROM used u JOIN pg_catalog.pg_constraint k ON k.contypid = u.object
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
  WHERE u.class = 'pg_catalog.pg_type'::regclass)
SELECT DISTINCT u.index::bigint, p.oid::regprocedure::text
FROM used u
LEFT JOIN pg_catalog.pg_operator o ON u.class = 'pg_catalog.pg_operator'::regclass AND o.oid = u.object
JOIN pg_catalog.pg_proc p
  ON p.oid = CASE WHEN u.class = 'pg_catalog.pg_proc'::regclass THEN u.object ELSE o.oprcode::oid END
ORDER BY 1, 2;

-- name: prepare
-- purpose: of the source: nobody's functions by their bare names, no rows hidden by a policy, one process, no temporary files
SELECT set_config('search_path', '', false), set_config('row_security', 'off', false), set_config('jit', 'off', false),
       set_config('max_parallel_workers_per_gather', '0', false), set_config('work_mem', '64MB', false),
       set_config('DateStyle', 'ISO, YMD', false), set_config('IntervalStyle', 'postgres', false),
       set_config('extra_float_digits', '1', false);

-- name: distrusted
-- purpose: of the source: functions that neither a superuser nor this role owns: they would run with this role's rights
SELECT min(f.name) FROM unnest(%s::text[]) f (name)
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
  WHERE p.oid = pg_catalog.to_regprocedure(f.name) AND (r.rolsuper OR r.rolname = current_user));

-- name: keys
-- purpose: of the source: rows and pages of a sample; of the rows that an index would hold, its tuples' sizes and its keys' repetition
WITH scanned AS MATERIALIZED (
  SELECT substr(tidsend(ctid), 1, 4) AS page, ({predicate}) IS TRUE AS kept, {facts}
  FROM ONLY {table} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)),
by_page AS (SELECT count(*) AS rows, count(*) FILTER (WHERE kept) AS kept FROM scanned GROUP BY page),
by_size AS (SELECT size, nulls, count(*) AS rows FROM scanned WHERE kept GROUP BY size, nulls)
SELECT coalesce(sum(rows), 0)::bigint, coalesce(sum(kept), 0)::bigint, count(*), count(*) FILTER (WHERE kept > 0),
       coalesce(sum(kept::float8 * kept), 0)::float8,
       (SELECT jsonb_agg(jsonb_build_array(size, nulls, rows)) FROM by_size),
       (SELECT jsonb_agg(jsonb_build_array(place, rows, pages, keys)) FROM ({alike}) alike)
FROM by_page;

-- name: alike
-- purpose: part of keys: how many keys of one prefix have how many rows on how many pages
SELECT {place} AS place, rows, pages, count(*) AS keys
FROM (SELECT count(*) AS rows, count(DISTINCT page) AS pages FROM scanned WHERE kept GROUP BY key{place}) by_key
GROUP BY rows, pages

-- name: together
-- purpose: of the source: the same of several indexes of all rows in one sample: what they have in common is counted once
WITH scanned AS MATERIALIZED (
  SELECT substr(tidsend(ctid), 1, 4) AS page, true AS kept, {facts}
  FROM ONLY {table} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)),
by_page AS (SELECT count(*) AS rows FROM scanned GROUP BY page)
SELECT coalesce(sum(rows), 0)::bigint, count(*), coalesce(sum(rows::float8 * rows), 0)::float8,
       (SELECT jsonb_agg(jsonb_build_array(place, size, nulls, rows)) FROM ({sizes}) sizes),
       (SELECT jsonb_agg(jsonb_build_array(place, rows, pages, keys)) FROM ({alike}) alike)
FROM by_page;

-- name: sizes
-- purpose: part of together: how many tuples of one index have which size
SELECT {place} AS place, size{place} AS size, nulls{place} AS nulls, count(*) AS rows FROM scanned
GROUP BY size{place}, nulls{place}

-- name: shares
-- purpose: of the source: rows and pages of a sample, and of each of some conditions: rows that keep it, pages that have one, and squares
SELECT coalesce(sum(rows), 0)::bigint, count(*), ARRAY[{shares}]::float8[]
FROM (SELECT count(*) AS rows, {counts} FROM ONLY {table} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)
      GROUP BY substr(tidsend(ctid), 1, 4)) by_page;

-- name: elements
-- purpose: of the source: rows of a thinned sample, those that an index would hold, and how many of its elements occur in how many rows
WITH drawn AS MATERIALIZED (
  SELECT ({expression}) AS v, ({predicate}) IS TRUE AS kept
  FROM ONLY {table} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)
  WHERE (hashtext(ctid::text) & 1048575) < %(rate)s * 1048576),
element AS (
  SELECT u.e, count(*) AS rows
  FROM drawn LEFT JOIN LATERAL (SELECT DISTINCT {element} FROM {source}) u (e) ON true
  WHERE kept GROUP BY u.e)
SELECT (SELECT count(*) FROM drawn), (SELECT count(*) FROM drawn WHERE kept),
       (SELECT jsonb_agg(jsonb_build_array(rows, keys, bytes))
        FROM (SELECT rows, coalesce(octet_length(e), 0) AS bytes, count(*) AS keys FROM element GROUP BY 1, 2) x);

-- name: distribution
-- purpose: of the source: what ANALYZE would say of an expression, as compute_scalar_stats and analyze_mcv_list of commands/analyze.c do
-- ANALYZE would choose a share of these rows, %(rate)s: the expected outcome is told, without its chance.
WITH drawn AS (
  SELECT ({expression}){collate} AS v, ctid AS place
  FROM ONLY {table} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)
  WHERE {predicate} OFFSET 0),
sized AS MATERIALIZED (SELECT v, place, substr(tidsend(place), 1, 4) AS page, pg_column_size(v) AS size FROM drawn),
-- Values of more than a kilobyte count for width and distinct values only.
numbered AS (
  SELECT v, page, row_number() OVER (ORDER BY place) AS tuple FROM sized WHERE v IS NOT NULL AND size <= 1024),
ranked AS (
  SELECT v, page, tuple, row_number() OVER (ORDER BY v, tuple) AS rank, dense_rank() OVER (ORDER BY v) AS id
  FROM numbered),
grouped AS (SELECT id, v, count(*)::float8 AS rows, {units}::float8 AS units FROM ranked GROUP BY id, v),
-- Where the table is read in part, pages that hold a value count, not rows: equal neighbours are no chance.
counted AS (
  SELECT a.*, g.units, g.d, g.seen + %(rate)s * a.wide AS seen, g.once + %(rate)s * a.wide AS once,
         CASE WHEN %(complete)s THEN a.n ELSE greatest(%(rows)s::float8, a.n) END AS total,
         (g.units + a.wide) / greatest(1, a.n - a.nulls) AS scale
  FROM (SELECT count(*)::float8 AS n, (count(*) - count(v))::float8 AS nulls, avg(size)::float8 AS width,
               (count(*) FILTER (WHERE size > 1024))::float8 AS wide FROM sized) a,
       (SELECT count(*)::float8 AS d, coalesce(sum(units), 0) AS units,
               coalesce(sum(1 - %(spared)s ^ least(units, %(powers)s)), 0) AS seen,
               coalesce(sum(units * %(rate)s * %(spared)s ^ least(units - 1, %(powers)s)), 0) AS once FROM grouped) g),
-- Haas and Stokes: n * d / (n - f1 + f1 * n / N).
guessed AS (
  SELECT *, CASE
      WHEN n <= nulls THEN 0
      WHEN seen - once < 0.5 THEN nulls / n - 1
      WHEN once < 0.5 THEN d
      ELSE least(total * (1 - nulls / n), greatest(seen, floor(0.5 + %(rate)s * (units + wide) * seen
        / (%(rate)s * (units + wide) - once + once * %(rate)s * n / total)))) END AS few
  FROM counted),
facts AS (SELECT *, CASE WHEN few > 0.1 * total THEN -few / total ELSE few END AS distinct_values FROM guessed),
listed AS (
  SELECT id, v, rows, units, row_number() OVER best AS place, sum(units) OVER best - units AS before
  FROM grouped WHERE units * %(rate)s > 1 WINDOW best AS (ORDER BY units DESC, rows DESC, id)),
judged AS (
  SELECT l.place, l.units * %(rate)s AS units, f.scale * f.n * %(rate)s AS n, f.scale * f.total AS total,
         %(rate)s * f.n >= f.total OR (f.once < 0.5 AND f.few > 0 AND f.d <= %(target)s) AS certain,
         least(1, greatest(0, 1 - l.before / (f.scale * f.n) - f.nulls / f.n))
           / greatest(1, CASE WHEN f.few < 0 THEN -f.few * f.total ELSE f.few END - (l.place - 1)) AS otherwise,
         f.total * l.units / f.n AS known
  FROM listed l, facts f WHERE l.place <= %(target)s),
most AS (
  SELECT coalesce(max(place) FILTER (WHERE certain OR units > otherwise * n + 0.5
           + 2 * sqrt(greatest(0, n * known * (total - known) * (total - n) / (total ^ 2 * (total - 1))))), 0) AS place
  FROM judged),
common AS (SELECT l.* FROM listed l, most m WHERE l.place <= m.place),
others AS (
  SELECT v, row_number() OVER (ORDER BY rank) - 1 AS place, count(*) OVER () AS total
  FROM ranked WHERE id NOT IN (SELECT id FROM common)),
bounds AS (
  SELECT b.number, w.wanted
  FROM (SELECT least(%(target)s + 1, f.d - (SELECT count(*) FROM common))::bigint AS wanted FROM facts f) w,
       LATERAL generate_series(0, w.wanted - 1) b (number) WHERE w.wanted > 1)
SELECT f.n::bigint, CASE WHEN f.n > 0 THEN f.nulls / f.n ELSE 0 END, coalesce(f.width, 0), f.distinct_values,
       (SELECT array_agg(v::text ORDER BY place) FROM common), (SELECT array_agg(rows / f.n ORDER BY place) FROM common),
       (SELECT array_agg(o.v::text ORDER BY b.number) FROM bounds b
          JOIN others o ON o.place = b.number * (o.total - 1) / (b.wanted - 1)),
       (SELECT corr(rank, tuple) FROM ranked HAVING count(*) > 1),
       (SELECT jsonb_agg(jsonb_build_array(rows, keys)) FROM (SELECT rows, count(*) AS keys FROM grouped GROUP BY rows) x)
FROM facts f;
