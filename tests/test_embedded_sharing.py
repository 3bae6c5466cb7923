"""The embedded server's databases, as everybody uses them."""

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database


def test_a_database_is_made_once_with_its_extensions(server: EmbeddedServer) -> None:
    url = ensure_database(server, 'odd "name" /?&%', ["vector", "pg_stat_statements"])
    assert ensure_database(server, 'odd "name" /?&%', ["vector"]) == url
    with connect(url) as connection:
        names = connection.execute("SELECT extname FROM pg_extension ORDER BY 1").fetchall()
        database = connection.execute("SELECT current_database()").fetchone()
    assert names == [("pg_stat_statements",), ("plpgsql",), ("vector",)]
    assert database == ('odd "name" /?&%',)


def test_every_test_gets_an_empty_database(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE TABLE t (id int)")
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname = 't'").fetchone() == (1,)


def test_every_test_gets_an_empty_database_of_its_own(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE TABLE t (id int)")
