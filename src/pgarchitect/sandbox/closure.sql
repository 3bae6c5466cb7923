-- name: missing
-- purpose: a cursor over the keys that rows of the sandbox refer to and that it lacks, as text; the braces are filled in
DECLARE missing NO SCROLL CURSOR FOR
SELECT {texts}
FROM (SELECT DISTINCT {casts} FROM {child} AS c
      WHERE {present} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {match})) AS lacking
ORDER BY {names};

-- name: wanted
-- purpose: the source's rows with the given keys; the braces are filled in, each parameter is an array
SELECT {columns}
FROM {parent} AS p
WHERE EXISTS (SELECT FROM unnest({arrays}) AS w ({names}) WHERE {match});
