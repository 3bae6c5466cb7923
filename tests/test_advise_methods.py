"""``pgarchitect advise`` with indexes of other methods than the B-tree."""

import psycopg

from pgarchitect.advising import Wanted, advise
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.settings import Settings

TEXT = "SELECT i FROM notes WHERE note LIKE '%abcde%'"


def test_trigrams_come_with_their_extension_where_it_could_be_created(fresh_database: str, settings: Settings) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as application:
        application.execute("CREATE TABLE notes AS SELECT i, md5(i::text) AS note FROM generate_series(1, 20000) i")
        application.execute("VACUUM ANALYZE notes")
    found = advise(fresh_database, [Wanted(TEXT, 1.0)], Limits(), settings, lambda _: None)
    (index,) = found.indexes
    assert index.method == "gin"
    create, _, rest = index.ddl.partition("; ")
    assert create == "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    assert found.cost_after < 0.2 * found.cost_before
    with psycopg.connect(fresh_database, autocommit=True) as application:
        assert application.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").fetchall() == []
        application.execute(create.encode())
        application.execute(rest.encode())
        plan = "\n".join(row[0] for row in application.execute(f"EXPLAIN {TEXT}".encode()))
        assert index.name in plan
    again = advise(fresh_database, [Wanted(TEXT, 1.0)], Limits(), settings, lambda _: None)
    assert again.indexes == ()
