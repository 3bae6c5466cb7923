"""Which indexes each clause of a statement asks for, and which it never does."""

from collections.abc import Iterator

import pytest

from pgarchitect.candidates.missing_index import why_none
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.workload.syntax import parse
from tests.module_database import module_database
from tests.vocabulary import catalog_of, definition, proposed

SCHEMA = """
CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE NOT NULL, name varchar(100), country text, active boolean,
    age int, created_at timestamptz NOT NULL);
CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL, parent_id int, status text, likes int, tags text[],
    meta jsonb, raw json, published boolean NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz,
    day timestamp, title varchar(200));
CREATE TABLE votes (post_id int, user_id int, value int, PRIMARY KEY (post_id, user_id));
CREATE TABLE tiny (id int, name text);
CREATE TABLE never (id int, name text);
CREATE TABLE tasks (id int, owner int, state text, due date, slug text, area text);
CREATE UNIQUE INDEX tasks_open ON tasks (slug) WHERE state = 'open';
CREATE INDEX tasks_pair ON tasks (owner, state, due);
CREATE INDEX tasks_down ON tasks (due DESC, id DESC);
CREATE INDEX tasks_area ON tasks (lower(area));
CREATE INDEX tasks_part ON tasks (area) WHERE state = 'open';
CREATE TABLE parted (id int, day date, kind int) PARTITION BY RANGE (day);
CREATE TABLE parted_all PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
INSERT INTO users SELECT i, 'u' || i, 'n' || i, 'c' || i % 4, i % 10 <> 0, i % 80, now() FROM generate_series(1, 999) i;
INSERT INTO posts SELECT i, i % 900, NULL, 's' || i % 3, i % 500, '{}', '{}', '{}', i % 2 = 0, now(), now(), now(), 't'
FROM generate_series(1, 999) i;
INSERT INTO votes SELECT i, i % 90, 1 FROM generate_series(1, 2000) i;
INSERT INTO tasks SELECT i, i % 30, 'open', now(), 's' || i, 'a' || i FROM generate_series(1, 2000) i;
INSERT INTO parted SELECT i, now(), i % 50 FROM generate_series(1, 2000) i;
INSERT INTO tiny SELECT i, 'x' FROM generate_series(1, 50) i;
ANALYZE users, posts, votes, tasks, parted, tiny;
"""


@pytest.fixture(scope="module")
def database(server: EmbeddedServer) -> Iterator[str]:
    with module_database(server, "candidate_tests", SCHEMA) as url:
        yield url


def asked_for(database: str, text: str) -> list[str]:
    return sorted(definition(each).removeprefix("public.") for each in proposed(database, text))


CLAUSES = r"""
SELECT * FROM posts WHERE user_id = $1 => posts (user_id)
SELECT * FROM posts WHERE $1 = user_id => posts (user_id)
SELECT * FROM posts WHERE user_id IN ($1,$2) => posts (user_id)
SELECT * FROM posts WHERE user_id = ANY($1) => posts (user_id)
SELECT * FROM Public.Posts WHERE POSTS."user_id" = $1::int => posts (user_id)
SELECT * FROM posts WHERE user_id = $1 AND user_id = $2 => posts (user_id)
SELECT * FROM posts WHERE user_id = $1 AND status = $2 => posts (user_id, status) | posts (user_id) | posts (status)
SELECT * FROM posts WHERE status = $1 AND created_at > $2 =>
    posts (status, created_at) | posts (status) | posts (created_at)
SELECT * FROM posts WHERE created_at BETWEEN $1 AND $2 => posts (created_at)
SELECT * FROM posts WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2 =>
    posts (user_id, created_at) | posts (user_id) | posts (created_at)
SELECT * FROM posts WHERE user_id = $1 ORDER BY user_id, created_at LIMIT $2 =>
    posts (user_id, created_at) | posts (user_id)
SELECT * FROM posts ORDER BY likes DESC, created_at LIMIT $1 => posts (likes DESC, created_at)
SELECT * FROM posts ORDER BY updated_at DESC LIMIT $1 => posts (updated_at)
SELECT * FROM posts ORDER BY updated_at DESC, likes DESC LIMIT $1 => posts (updated_at, likes)
SELECT * FROM posts ORDER BY updated_at DESC NULLS LAST LIMIT $1 => posts (updated_at DESC NULLS LAST)
SELECT * FROM posts ORDER BY created_at DESC NULLS LAST LIMIT $1 => posts (created_at)
SELECT * FROM posts ORDER BY updated_at NULLS FIRST, likes LIMIT $1 => posts (updated_at NULLS FIRST, likes)
SELECT likes AS top, id FROM posts ORDER BY 1 LIMIT $1 => posts (likes)
SELECT likes AS top, id FROM posts ORDER BY top LIMIT $1 => posts (likes)
SELECT * FROM posts ORDER BY created_at => nothing
SELECT * FROM posts ORDER BY $1 LIMIT $2 => nothing
SELECT * FROM posts p JOIN users u ON u.id = p.user_id WHERE u.country = $1 => posts (user_id) | users (country)
SELECT * FROM (posts p JOIN users u ON u.id = p.user_id) WHERE u.country = $1 => posts (user_id) | users (country)
SELECT * FROM posts JOIN votes USING (user_id) => posts (user_id) | votes (user_id)
SELECT title FROM posts, users WHERE country = $1 AND user_id = users.id => posts (user_id) | users (country)
SELECT * FROM users u, LATERAL (SELECT * FROM posts p WHERE p.user_id = u.id ORDER BY p.likes LIMIT $1) z =>
    posts (user_id, likes) | posts (user_id) | posts (likes)
SELECT id, (SELECT count(*) FROM posts WHERE user_id = users.id) FROM users => posts (user_id)
SELECT * FROM users u WHERE EXISTS (SELECT 1 FROM posts WHERE user_id = u.id AND status = $1) =>
    posts (user_id, status) | posts (user_id) | posts (status)
SELECT * FROM users WHERE id NOT IN (SELECT user_id FROM posts WHERE likes > $1) => posts (likes)
SELECT * FROM users WHERE country IN (SELECT status FROM posts WHERE likes = $1) => posts (likes) | users (country)
SELECT * FROM users WHERE id = (SELECT user_id FROM posts WHERE title = $1) => posts (title)
WITH p AS (SELECT * FROM posts WHERE status = $1) SELECT * FROM p WHERE likes = $2 =>
    posts (status) | posts (likes) | posts (likes, status)
WITH p AS MATERIALIZED (SELECT * FROM posts WHERE status = $1) SELECT * FROM p WHERE likes = $2 => posts (status)
WITH posts AS (SELECT * FROM users WHERE age = $1) SELECT * FROM posts WHERE status = $2 => users (age)
SELECT * FROM users posts WHERE posts.country = $1 => users (country)
UPDATE posts SET likes = $1 FROM users u WHERE u.id = posts.user_id AND u.country = $2 =>
    posts (user_id) | users (country)
DELETE FROM posts USING users u WHERE u.id = posts.user_id AND u.age = $1 => posts (user_id) | users (age)
DELETE FROM posts p WHERE p.parent_id = $1 => posts (parent_id)
INSERT INTO votes SELECT id, user_id, 1 FROM posts WHERE status = $1 => posts (status)
WITH d AS (DELETE FROM posts WHERE likes = $1 RETURNING *) INSERT INTO votes SELECT id, 1, 1 FROM d => posts (likes)
SELECT * FROM posts WHERE user_id = $1 OR parent_id = $2 => posts (user_id) | posts (parent_id)
SELECT * FROM posts WHERE title LIKE $1 => posts (title)
SELECT * FROM posts WHERE title ILIKE $1 => nothing
SELECT DISTINCT ON (user_id) * FROM posts ORDER BY user_id, created_at DESC =>
    posts (user_id, created_at DESC) | posts (user_id)
SELECT user_id, count(*) FROM posts GROUP BY user_id => posts (user_id)
SELECT user_id, max(created_at) FROM posts GROUP BY 1 => posts (user_id, created_at) | posts (user_id)
SELECT max(likes) FROM posts => posts (likes)
SELECT min(likes) FROM posts WHERE status = $1 => posts (status, likes) | posts (status)
SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY created_at) FROM posts => nothing
SELECT * FROM posts WHERE meta @> $1 => posts USING gin (meta jsonb_path_ops)
SELECT * FROM posts WHERE tags && $1 => posts USING gin (tags)
SELECT * FROM posts WHERE tags @> $1 => posts USING gin (tags)
SELECT * FROM posts WHERE meta->>$1 = $2 => nothing
SELECT * FROM posts WHERE raw = $1 => nothing
SELECT * FROM posts WHERE parent_id IS NULL => posts (parent_id)
SELECT * FROM posts WHERE published => posts (published)
SELECT * FROM posts WHERE NOT published AND user_id = $1 => posts (user_id, published) | posts (user_id)
SELECT * FROM users WHERE lower(name) = lower($1) => users ((LOWER(name)))
SELECT * FROM posts WHERE day::date = $1 => posts ((CAST(day AS DATE)))
SELECT * FROM posts WHERE created_at::date = $1 => nothing
SELECT * FROM posts WHERE date_trunc($1, day) = $2 => nothing
SELECT * FROM posts WHERE coalesce(likes, $1) = $2 => nothing
SELECT * FROM posts WHERE likes + $1 > $2 => nothing
SELECT * FROM posts a JOIN posts b ON a.id = b.parent_id WHERE b.status = $1 =>
    posts (parent_id, status) | posts (parent_id) | posts (status)
SELECT * FROM posts WHERE user_id = likes => nothing
SELECT * FROM posts WHERE NOT (user_id = $1) => nothing
SELECT * FROM posts WHERE user_id <> $1 => nothing
SELECT CASE WHEN user_id = $1 THEN 1 END FROM posts => nothing
SELECT * FROM posts p LEFT JOIN votes v ON v.post_id = p.id AND v.value = $1 WHERE v.post_id IS NULL =>
    votes (post_id, value) | votes (value) | votes (value, post_id)
SELECT * FROM posts WHERE (likes, id) < ($1,$2) ORDER BY likes DESC, id DESC LIMIT $3 =>
    posts (likes) | posts (likes, id)
SELECT * FROM posts WHERE status = $1 UNION ALL SELECT * FROM posts WHERE likes = $2 => posts (status) | posts (likes)
SELECT * FROM parted WHERE kind = $1 => parted (kind)
SELECT * FROM never WHERE name = $1 => never (name)
""".strip().replace("=>\n", "=>")


@pytest.mark.parametrize(("text", "expected"), [line.split(" =>") for line in CLAUSES.splitlines()])
def test_what_a_clause_asks_for(database: str, text: str, expected: str) -> None:
    wanted = [each.strip() for each in expected.split("|")]
    assert asked_for(database, text) == sorted([] if wanted == ["nothing"] else wanted)


SERVED = [
    "SELECT * FROM posts WHERE id = $1",
    "SELECT * FROM posts WHERE id IN ($1,$2) AND status = $3",
    "SELECT * FROM posts WHERE id > $1",
    "SELECT * FROM posts ORDER BY id DESC LIMIT $1",
    "SELECT * FROM posts ORDER BY id, likes LIMIT $1",
    "SELECT * FROM users WHERE email = $1 AND country = $2 ORDER BY age LIMIT $3",
    "SELECT * FROM votes WHERE post_id = $1",
    "SELECT * FROM votes WHERE user_id = $1 AND post_id = $2 AND value = $3",
    "SELECT * FROM tasks WHERE owner = $1",
    "SELECT * FROM tasks WHERE owner = $1 ORDER BY state DESC, due DESC",
    "SELECT * FROM tasks ORDER BY due DESC, id DESC LIMIT $1",
    "SELECT * FROM tasks ORDER BY due, id LIMIT $1",
    "SELECT * FROM tasks ORDER BY due DESC LIMIT $1",
    "SELECT * FROM tasks WHERE due BETWEEN $1 AND $2",
    "SELECT * FROM tasks WHERE lower(area) = lower($1)",
    "SELECT min(due) FROM tasks",
    "SELECT * FROM tiny WHERE name = $1",
]


@pytest.mark.parametrize("text", SERVED)
def test_what_an_existing_index_serves_is_not_asked_for(database: str, text: str) -> None:
    assert asked_for(database, text) == []


NOT_SERVED = [
    ("SELECT * FROM tasks WHERE slug = $1", "tasks (slug)"),  # the unique index holds only some rows
    ("SELECT * FROM tasks WHERE area = $1", "tasks (area)"),
    ("SELECT * FROM tasks WHERE upper(area) = $1", "tasks ((UPPER(area)))"),
    ("SELECT * FROM tasks WHERE state = $1", "tasks (state)"),
    ("SELECT * FROM tasks ORDER BY due, id DESC LIMIT $1", "tasks (due, id DESC)"),
    ("SELECT * FROM tasks ORDER BY due DESC NULLS LAST LIMIT $1", "tasks (due DESC NULLS LAST)"),
]


@pytest.mark.parametrize(("text", "index"), NOT_SERVED)
def test_what_no_index_serves_is_asked_for(database: str, text: str, index: str) -> None:
    assert index in asked_for(database, text)


def test_equality_is_served_in_any_order_of_keys(database: str) -> None:
    """(owner, state, due) does for ``state = … AND owner = … AND due > …`` all that (state, owner, due) could."""
    found = asked_for(database, "SELECT * FROM tasks WHERE state = $1 AND owner = $2 AND due > $3")
    assert "tasks (state, owner, due)" not in found
    assert "tasks (owner, state, due)" not in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INSERT INTO posts (id) VALUES ($1)", "An INSERT gains nothing"),
        ("SELECT $1", "reads no table of this database"),
        ("SELECT * FROM nowhere WHERE x = $1", "reads no table of this database"),
        ("SELECT * FROM posts", "no filter, join or limited ordering"),
        ("SELECT * FROM posts WHERE id = $1", "A unique index already finds its rows"),
        ("SELECT * FROM tiny WHERE name = $1", "too small to need one"),
        ("SELECT * FROM tasks WHERE owner = $1", "Existing indexes already serve"),
    ],
)
def test_why_nothing_is_proposed(database: str, text: str, reason: str) -> None:
    assert reason in why_none(parse(text), catalog_of(database, text))


def test_a_candidate_says_what_it_is_for(database: str) -> None:
    texts = ["SELECT * FROM posts WHERE user_id = $1", "SELECT * FROM posts p WHERE p.user_id = $1 LIMIT $2"]
    (candidate,) = proposed(database, *texts)
    assert candidate.kind == "missing_index"
    assert candidate.key == "missing_index: public.posts (user_id)"
    assert candidate.reason == "filters by user_id"
    assert len(candidate.fingerprints) == 2
