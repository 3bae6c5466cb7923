"""The relay between pg_dump and the source: all that passes is marked, read-only, limited in time and counted."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.postgres.marker import MARKER
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.settings import Settings
from pgarchitect.twin.cost import Meter
from pgarchitect.twin.relay import Relay, relay


@pytest.fixture
def meter() -> Meter:
    """Counts from zero."""
    return Meter()


@pytest.fixture
def line(fresh_database: str, settings: Settings, meter: Meter) -> Iterator[Relay]:
    """A relay to an empty database."""
    with connect(fresh_database, settings) as connection, relay(connection, settings, meter) as made:
        yield made


def psql(line: Relay, *commands: str) -> tuple[str, str]:
    """What psql prints for each command, and its complaints."""
    options = [word for command in commands for word in ("-c", command)]
    target = f"host={line.directory} port=5432 dbname=any user=any"
    done = subprocess.run(
        [find_binaries().programs / "psql", "-XAtq", *options, target], capture_output=True, text=True, check=False
    )
    return done.stdout.strip(), done.stderr


def test_rows_nulls_and_text_arrive_as_they_are(line: Relay, meter: Meter) -> None:
    said, complaints = psql(
        line, "SELECT 1, NULL, '', 'grün|''' UNION ALL SELECT 2, 'x', NULL, '' ORDER BY 1", "SELECT 7"
    )
    assert complaints == ""
    assert said.splitlines() == ["1|||grün|'", "2|x||", "7"]
    assert meter.cost().statements == 2
    assert meter.cost().bytes_read == len("1grün|'2x7".encode())


def test_statements_are_marked(line: Relay) -> None:
    said, _ = psql(line, "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")
    assert MARKER in said


def test_time_outs_stay_ours_and_nothing_can_be_written(line: Relay, settings: Settings) -> None:
    off = ("SET statement_timeout = 0", "SET lock_timeout = 0", "SET idle_in_transaction_session_timeout = 0")
    shown = ("SHOW statement_timeout", "SHOW lock_timeout", "SHOW idle_in_transaction_session_timeout")
    said, complaints = psql(line, *off, *shown, "CREATE TABLE written ()")
    assert said.splitlines() == ["30s", "2s", "5min"]
    assert "read-only transaction" in complaints
    assert [(each.state, each.statement) for each in line.refusals] == [("25006", "CREATE TABLE written ()")]


def test_a_failed_transaction_is_told_as_such(line: Relay) -> None:
    _, complaints = psql(line, "BEGIN", "SELECT 1 / 0", "SELECT 1", "ROLLBACK", "SELECT 1")
    assert "division by zero" in complaints
    assert "current transaction is aborted" in complaints


def test_what_is_no_simple_query_is_refused(line: Relay) -> None:
    target = f"host={line.directory} port=5432 dbname=any user=any"
    done = subprocess.run(
        [find_binaries().programs / "psql", "-XAtq", target],
        input="SELECT $1 \\bind 5 \\g\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "only simple queries" in done.stderr


def test_one_client_is_let_in_and_the_socket_is_gone_then(line: Relay) -> None:
    assert line.directory.stat().st_mode & 0o777 == 0o700
    assert psql(line, "SELECT 1")[0] == "1"
    assert not line.directory.exists()
    assert "No such file" in psql(line, "SELECT 1")[1]


def test_an_end_in_the_middle_of_a_statement_ends_it(server: EmbeddedServer, settings: Settings, meter: Meter) -> None:
    began = time.monotonic()
    with connect(server.url(), settings) as connection, relay(connection, settings, meter) as line:
        thread = threading.Thread(target=psql, args=(line, "SELECT pg_sleep(30)"))
        thread.start()
        while line.directory.exists() or sleeping(server) == 0:
            time.sleep(0.01)
    thread.join()
    assert time.monotonic() - began < 20
    while sleeping(server):
        assert time.monotonic() - began < 20
        time.sleep(0.01)


def sleeping(server: EmbeddedServer) -> int:
    with connect(server.url()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30)'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_nobody_comes(server: EmbeddedServer, settings: Settings, meter: Meter) -> None:
    with connect(server.url(), settings) as connection, relay(connection, settings, meter) as line:
        left: Path = line.directory
    assert not left.exists()
    assert meter.cost().statements == 0


# A socket that was just made when the interruption came is closed by the interpreter, which warns of it.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_at_any_moment_leaves_nothing(server: EmbeddedServer, settings: Settings, meter: Meter) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def soon(seconds: float) -> None:
        time.sleep(seconds)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    existing = relay_folders()
    try:
        with connect(server.url(), settings) as connection:
            for number in range(150):
                killer = threading.Thread(target=soon, args=(number * 4e-6,))
                with pytest.raises(KeyboardInterrupt):
                    _begin_and_wait(connection, settings, meter, killer)
                killer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [thread.name for thread in threading.enumerate() if thread.name == "pgarchitect-relay"] == []
    assert relay_folders() - existing == set()


def relay_folders() -> set[Path]:
    """Folders of relays, of other processes too."""
    return set(Path("/tmp").glob("pgarchitect-" + "[0-9a-f]" * 12))  # noqa: S108  # where relays make them


def _begin_and_wait(connection: Connection, settings: Settings, meter: Meter, killer: threading.Thread) -> None:
    killer.start()
    with relay(connection, settings, meter):
        for _ in range(1_000):  # in small steps: one that came just before a sleep does not end it
            time.sleep(0.01)
