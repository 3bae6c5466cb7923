"""Creating and upgrading the log's schema."""

import threading
from importlib.resources import files
from uuid import uuid4

import pytest

from pgarchitect.errors import HomeUnavailable
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.memory.preparation import migrations
from pgarchitect.postgres.connection import Connection, connect

CATALOG = """
SELECT 'column', c.relname::text, a.attname::text, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'pgarchitect'::regnamespace
UNION ALL SELECT 'relation', relname, relkind::text, concat_ws(' ', obj_description(oid), reloptions::text)
FROM pg_class WHERE relnamespace = 'pgarchitect'::regnamespace
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'pgarchitect'::regnamespace
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'pgarchitect'
UNION ALL SELECT 'view', viewname, '', definition FROM pg_views WHERE schemaname = 'pgarchitect'
UNION ALL SELECT 'function', proname, pg_get_function_arguments(oid), pg_get_functiondef(oid)
FROM pg_proc p WHERE pronamespace = 'pgarchitect'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled)
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE c.relnamespace = 'pgarchitect'::regnamespace AND NOT tgisinternal
UNION ALL SELECT 'type', typname, typtype::text, obj_description(t.oid)
FROM pg_type t WHERE typnamespace = 'pgarchitect'::regnamespace AND typtype IN ('e', 'd')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = t.oid AND deptype = 'e')
ORDER BY 1, 2, 3
"""


def catalog(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(CATALOG).fetchall()


def test_schema_sql_is_the_sum_of_the_migrations(fresh_database: str) -> None:
    """The same database serves twice, one after the other, so that both begin equally empty."""
    with connect(fresh_database, read_only=False) as connection:
        OptimizationLog(connection).prepare()
        by_migrations = catalog(connection)
        connection.execute("DROP SCHEMA pgarchitect CASCADE; CREATE SCHEMA pgarchitect")
        connection.execute("CREATE EXTENSION vector SCHEMA pgarchitect; SET search_path = pgarchitect")
        connection.execute(files("pgarchitect.memory").joinpath("schema.sql").read_text(encoding="utf-8").encode())
        connection.execute("RESET search_path")
        assert catalog(connection) == by_migrations
    assert {row[0] for row in by_migrations} >= {"column", "constraint", "index", "view", "function", "trigger"}


def test_preparing_again_does_nothing(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        log = OptimizationLog(connection)
        log.prepare()
        before = connection.execute("SELECT xmin, * FROM pgarchitect.migration").fetchall()
        log.prepare()
        assert connection.execute("SELECT xmin, * FROM pgarchitect.migration").fetchall() == before
        assert [row[1] for row in before] == [number for number, _, _ in migrations()]
    with connect(fresh_database, read_only=True) as connection:
        OptimizationLog(connection).prepare()


def test_many_may_prepare_at_once(fresh_database: str) -> None:
    start, errors = threading.Barrier(4), list[BaseException]()

    def prepare() -> None:
        try:
            with connect(fresh_database, read_only=False) as connection:
                start.wait(timeout=30)
                OptimizationLog(connection).prepare()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with connect(fresh_database) as connection:
        (count,) = connection.execute("SELECT count(*) FROM pgarchitect.migration").fetchone() or (0,)
        assert count == len(migrations())


def test_pgvector_is_taken_from_where_it_already_is(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute('CREATE SCHEMA "my extensions"; CREATE EXTENSION vector SCHEMA "my extensions"')
        log = OptimizationLog(connection)
        log.prepare()
        assert log.similar([(1.0, *[0.0] * 383)], target=None) == ((),)


def test_a_read_only_database_cannot_be_prepared(fresh_database: str) -> None:
    with connect(fresh_database, read_only=True) as connection, pytest.raises(HomeUnavailable, match="read-only"):
        OptimizationLog(connection).prepare()


def test_a_role_that_may_not_create_is_told_so(fresh_database: str) -> None:
    role = f"guest_{uuid4().hex}"
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(f"CREATE ROLE {role}; SET ROLE {role}")
        try:
            with pytest.raises(HomeUnavailable, match="permission denied for database"):
                OptimizationLog(connection).prepare()
            connection.execute(f"RESET ROLE; CREATE SCHEMA pgarchitect AUTHORIZATION {role}; SET ROLE {role}")
            with pytest.raises(HomeUnavailable):
                OptimizationLog(connection).prepare()
        finally:
            connection.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_server_without_pgvector_is_told_so(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded server always has pgvector, so an extension that no server has stands in its place."""
    monkeypatch.setattr("pgarchitect.memory.preparation.EXTENSION", "no_such_extension")
    with connect(fresh_database, read_only=False) as connection:
        with pytest.raises(HomeUnavailable, match="has no pgvector; install it"):
            OptimizationLog(connection).prepare()
        assert connection.execute("SELECT to_regnamespace('pgarchitect')").fetchone() == (None,), "nothing is left"


def test_a_schema_from_the_future_is_left_alone(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        OptimizationLog(connection).prepare()
        connection.execute("INSERT INTO pgarchitect.migration (number, name) VALUES (9000, 'future')")
        with pytest.raises(HomeUnavailable, match="newer pgarchitect"):
            OptimizationLog(connection).prepare()


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _, _ in migrations()] == list(range(1, len(migrations()) + 1))
