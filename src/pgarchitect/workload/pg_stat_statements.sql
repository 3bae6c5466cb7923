-- name: statements
-- purpose: every statement of the current database that a client sent, with its figures
SELECT queryid, query, sum(calls)::bigint, sum(total_exec_time)::float8, sum(rows)::bigint, NULL::timestamptz
FROM {schema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND toplevel AND queryid IS NOT NULL
GROUP BY queryid, query;

-- name: statements @17
-- purpose: the same, with when each statement was first counted, which a reset of single statements moves
SELECT queryid, query, sum(calls)::bigint, sum(total_exec_time)::float8, sum(rows)::bigint, min(stats_since)
FROM {schema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND toplevel AND queryid IS NOT NULL
GROUP BY queryid, query;

-- name: counting_since
-- purpose: when pg_stat_statements was last reset as a whole
SELECT stats_reset FROM {schema}.pg_stat_statements_info;

-- name: hidden
-- purpose: how many statements of the current database other roles sent, whose text this role may not see
SELECT count(*)
FROM {schema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND queryid IS NULL;
