-- name: nearest
SELECT id FROM app.items ORDER BY embedding <-> array_fill(0.5, array[24])::vector LIMIT 5;
-- name: nearest_of_kind
SELECT id FROM app.items WHERE kind = 3 ORDER BY embedding <-> array_fill(0.5, array[24])::vector LIMIT 5;
-- name: nearest_cosine
SELECT id FROM app.items ORDER BY embedding <=> array_fill(0.5, array[24])::vector LIMIT 5;
