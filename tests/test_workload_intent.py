"""The sentence that says what a statement is for."""

import pytest

from pgarchitect.workload.intent import intent

TABLE = r"""
SELECT * FROM posts WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2
=> Reads posts, filtered by user_id, ordered by created_at (newest or largest first), only the first few.

SELECT * FROM posts WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2 OFFSET $3
=> Reads posts, filtered by user_id, ordered by created_at (newest or largest first) and id, one page of them.

SELECT count(*) FROM posts
=> Computes the number of rows over posts.

SELECT count(*), count(p.id), count(DISTINCT user_id), sum(a*b), max(created_at), min(x), avg(y) FROM posts p
=> Computes the number of rows, the number of id, the number of different user_id, the sum of a and more over
   posts.

SELECT date_trunc($1, created_at), count(*) FROM posts WHERE created_at > now() - interval $2 GROUP BY
date_trunc($1, created_at) ORDER BY 1
=> Computes the number of rows over posts, filtered by created_at, grouped by time period of created_at, ordered
   by output column 1.

SELECT u.name, count(*) FROM users u JOIN posts p ON p.user_id = u.id WHERE u.country = $1 GROUP BY u.name
ORDER BY count(*) DESC LIMIT $2
=> Computes the number of rows over users and posts, filtered by country, grouped by name, ordered by the number
   of rows (newest or largest first), only the first few.

SELECT * FROM users WHERE id IN (SELECT user_id FROM posts WHERE likes > $1)
=> Reads users and posts, filtered by id, user_id and likes.

SELECT percentile_cont($1) within group (order by a) from t
=> Computes the percentile_cont over t.

SELECT DISTINCT country FROM users
=> Lists distinct rows of users.

INSERT INTO posts (a,b) VALUES ($1,$2)
=> Inserts rows into posts.

INSERT INTO posts (a,b) VALUES ($1,$2) ON CONFLICT (a) DO UPDATE SET b = excluded.b
=> Inserts or updates rows of posts.

INSERT INTO archive SELECT * FROM posts WHERE created_at < $1
=> Inserts rows into archive from posts, filtered by created_at.

UPDATE posts SET a=$1, (b,c)=($2,$3) WHERE id=$4
=> Updates a, b and c of posts, filtered by id.

DELETE FROM posts USING users u WHERE u.id = posts.user_id AND u.gone
=> Deletes rows of posts, filtered by gone.

MERGE INTO t USING s ON t.id=s.id WHEN MATCHED THEN UPDATE SET a=$1
=> Merges rows into t.

SELECT $1
=> Computes values without reading a table.

VALUES ($1)
=> Computes values without reading a table.

WITH recent AS (SELECT * FROM posts WHERE created_at > $1) SELECT user_id, count(*) FROM Recent GROUP BY
user_id
=> Computes the number of rows over posts, grouped by user_id.

SELECT * FROM a UNION ALL SELECT * FROM b WHERE x = $1 ORDER BY y LIMIT $2
=> Reads a and b, ordered by y, only the first few.

SELECT * FROM a,b,c,d,e
=> Reads a, b, c, d and more.

SELECT lower(email), (SELECT count(*) FROM posts p WHERE p.user_id = u.id) FROM users u WHERE lower(email) =
$1 ORDER BY lower(email)
=> Reads users and posts, filtered by email, ordered by lower-case email.

SELECT sum(x) OVER (PARTITION BY y) FROM t
=> Computes the sum of x over t.

SELECT bool_and(x), stddev(y), json_agg(z), string_agg(a, $1) FROM t
=> Computes the bool_and of x, the stddev of y, the json_agg of z and the concatenation of a over t.

SELECT count(*) FILTER (WHERE x = $1) FROM t
=> Computes the number of rows over t.

DELETE FROM t
=> Deletes rows of t.

SELECT ???
=> A statement that the parser does not understand.

SELECT * FROM "Posts" WHERE "Author"."Name" = $1
=> Reads Posts, filtered by Name.

SELECT * FROM t WHERE a = $1 AND b = $2 AND c = $3 AND d = $4 AND e = $5
=> Reads t, filtered by a, b, c, d and more.

SELECT a, b FROM t ORDER BY $1, extract($2 FROM ts)
=> Reads t, ordered by a constant and part of ts.
"""

SENTENCES = [(text, " ".join(said.split())) for text, said in (block.split("=>") for block in TABLE.split("\n\n"))]


@pytest.mark.parametrize(("text", "sentence"), SENTENCES)
def test_the_intent_is_a_sentence(text: str, sentence: str) -> None:
    assert intent(text) == sentence
