"""An audit of a stranger's database: it works with a reading role and leaves no trace, nor in a sandbox."""

from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings
from tests.audit_lab import CALLS, SLOW, TABLE, Shop, fetch, run
from tests.scratch_server import ScratchServer, scratch_server

Run = Callable[..., CompletedProcess[str]]

_QUIET = (
    "shared_preload_libraries = 'pg_stat_statements'",
    "autovacuum = off",
    "wal_level = minimal",
    "max_wal_senders = 0",
    "checkpoint_timeout = '1h'",
)
_CATALOGS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'pg_catalog' AND c.relkind = 'r' ORDER BY 1
"""


@pytest.fixture(scope="module")
def stranger(settings: Settings) -> Iterator[ScratchServer]:
    """A server that has never heard of this project, with an application, a reading role, and a copy for trials."""
    with scratch_server(settings, *_QUIET) as scratch:
        run(scratch.url(), "CREATE DATABASE app")
        run(
            scratch.url("app"),
            "CREATE SCHEMA monitoring",
            "CREATE EXTENSION pg_stat_statements SCHEMA monitoring",
            *TABLE,
            "CREATE ROLE reader LOGIN",
            "GRANT pg_read_all_data, pg_monitor TO reader",
        )
        run(scratch.url(), "CREATE DATABASE copy TEMPLATE app", "CREATE DATABASE home")
        with psycopg.connect(scratch.url("app"), autocommit=True) as application:
            for number in range(CALLS):
                application.execute(SLOW, (number,))
        yield scratch


def everything(server: ScratchServer, database: str) -> dict[str, object]:
    """All catalogs and all rows of a database, and how far its server has written."""
    url = server.url(database)
    tables = [f"pg_catalog.{row[0]}" for row in fetch(url, _CATALOGS)] + ["public.orders"]
    found: dict[str, object] = {
        table: fetch(url, f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {table} t") for table in tables
    }
    found["indexes"] = fetch(url, "SELECT indexrelid::regclass::text, indisvalid FROM pg_index ORDER BY 1")
    return found


def written(server: ScratchServer) -> str:
    """The server's position in its write-ahead log."""
    return str(fetch(server.url(), "SELECT pg_current_wal_insert_lsn()")[0][0])


def counted(server: ScratchServer) -> list[tuple[object, ...]]:
    """What is counted of the application's statement."""
    return fetch(
        server.url("app"),
        "SELECT query, calls, total_exec_time FROM monitoring.pg_stat_statements"
        " WHERE query LIKE 'SELECT id, total FROM orders%' AND dbid ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())",
    )


def test_the_role_may_write_nothing(stranger: ScratchServer) -> None:
    """Or the other tests would prove little."""
    url = stranger.url("app", role="reader")
    for statement in (
        "INSERT INTO orders VALUES (0, 0, 0, '')",
        "UPDATE orders SET total = 0",
        "DELETE FROM orders",
        "CREATE INDEX ON orders (user_id)",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        "ANALYZE orders",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "SELECT monitoring.pg_stat_statements_reset()",
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            notices: list[str] = []
            connection.add_notice_handler(lambda notice, told=notices: told.append(str(notice.message_primary)))  # type: ignore[misc]
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert any("permission denied" in notice for notice in notices), statement


@pytest.mark.parametrize("sandbox", [False, True])
def test_an_audit_writes_nothing_to_the_audited_server(
    stranger: ScratchServer, server: EmbeddedServer, settings: Settings, sandbox: bool
) -> None:
    """Not a byte of write-ahead log without a sandbox; with one on the same server, nothing to the audited database."""
    home = ensure_database(server, "stranger_home", ["vector"])
    shop = Shop(stranger.url("app", role="reader"), stranger.url("copy"), home, settings)
    everything(stranger, "app")  # the first reader of a row may mark it as committed
    shop.audit(sandbox=sandbox, reconsider=True)
    run(stranger.url("app"), "CHECKPOINT")
    before, trial, counts = everything(stranger, "app"), everything(stranger, "copy"), counted(stranger)
    at = written(stranger)

    audited = shop.audit(sandbox=sandbox, reconsider=True)

    assert [item.verdict for item in audited.recommendations] == [Verdict.APPLY if sandbox else Verdict.UNPROVEN]
    assert all(each.after is not None for item in audited.recommendations for each in item.evidence)  # twin or sandbox
    if not sandbox:
        assert written(stranger) == at
    assert counted(stranger) == counts
    after = everything(stranger, "app")
    shared = {"pg_catalog.pg_database"} if sandbox else set()  # VACUUM notes an age for its own database there
    assert {name for name in before if before[name] != after[name]} <= shared
    tried = everything(stranger, "copy")
    assert {name for name in trial if trial[name] != tried[name]} <= {
        "pg_catalog.pg_class",  # VACUUM and ANALYZE of what statements are tried on
        "pg_catalog.pg_statistic",
        "pg_catalog.pg_database",
    }
    assert tried["indexes"] == trial["indexes"]
    assert tried["public.orders"] == trial["public.orders"]


def test_the_audited_server_knows_no_session_that_could_write(stranger: ScratchServer, settings: Settings) -> None:
    """Even a superuser's audit is read-only by the server's own rule."""
    with (
        connect(stranger.url("app"), settings) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("CREATE TABLE public.ours ()")


def test_no_embedded_server_is_started_when_none_is_needed(
    stranger: ScratchServer, server: EmbeddedServer, cli: Run, settings: Settings
) -> None:
    home = ensure_database(server, "stranger_home", ["vector"])
    nowhere = settings.data_dir.parent / "never-made"
    audited = cli(
        "audit",
        stranger.url("app", role="reader"),
        "--format",
        "json",
        "--reconsider",
        env={"PGARCHITECT_HOME_URL": home, "PGARCHITECT_DATA_DIR": str(nowhere)},
    )
    assert audited.returncode == 0, audited.stderr
    assert "CREATE INDEX" in audited.stdout
    assert list(nowhere.rglob("PG_VERSION")) == []  # no cluster was made, and the twin's is gone
