"""Who starts and who stops the embedded server: shared by processes, stopped by the last, unless asked to stay."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import embedded_server, running_server, start, stop
from pgarchitect.postgres.server_home import ServerHome
from pgarchitect.postgres.server_status import status
from pgarchitect.settings import Settings
from tests.embedded_lab import other_user, processes, wait_for


@pytest.fixture
def stopped(lab: Settings) -> Iterator[Settings]:
    """A home whose server does not run, neither before nor after the test."""
    assert processes(lab) == []
    yield lab
    left = processes(lab)
    stop(lab, force=True)
    assert left == []


def test_a_later_start_takes_less_than_a_second_and_keeps_the_data(stopped: Settings) -> None:
    with embedded_server(stopped) as server, connect(server.url(), read_only=False) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    before = time.monotonic()
    with embedded_server(stopped) as server:
        assert time.monotonic() - before < 1.0
        with connect(server.url(), read_only=False) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            connection.execute("DROP TABLE kept")


def test_the_last_user_stops_it(stopped: Settings) -> None:
    with other_user(stopped) as other:
        pid = other.server_pid()
        with embedded_server(stopped) as server:
            assert server.pid == pid
            found = status(stopped)
            assert set(found.users) == {os.getpid(), other.process.pid}
            assert found.running
        assert running_server(stopped) is not None
        assert other.leave() == 0
    assert running_server(stopped) is None


def test_contexts_within_one_process_count_each(stopped: Settings) -> None:
    with embedded_server(stopped) as outer:
        with embedded_server(stopped) as inner:
            assert inner == outer
        assert running_server(stopped) == outer
    assert running_server(stopped) is None


def test_those_who_start_it_at_once_share_one(stopped: Settings) -> None:
    with ExitStack() as stack:
        others = [stack.enter_context(other_user(stopped)) for _ in range(3)]
        assert len({other.server_pid() for other in others}) == 1
        assert [other.leave() for other in others] == [0, 0, 0]


def test_it_stays_when_asked_to_until_it_is_stopped(stopped: Settings) -> None:
    server = start(stopped)
    with embedded_server(stopped) as same:
        assert same == server
    assert running_server(stopped) == server
    assert status(stopped).stays
    assert stop(stopped) is True
    assert running_server(stopped) is None
    assert not status(stopped).stays
    assert stop(stopped) is False
    with embedded_server(stopped):
        pass
    assert running_server(stopped) is None


def test_it_is_not_stopped_under_another_user_unless_forced(stopped: Settings) -> None:
    with other_user(stopped) as other:
        other.server_pid()
        with pytest.raises(EmbeddedServerFailed, match=rf"in use by another process \({other.process.pid}\)"):
            stop(stopped)
        assert running_server(stopped) is not None
        assert stop(stopped, force=True) is True
        assert other.leave() == 0


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_user_who_is_asked_to_end_stops_it(stopped: Settings, kind: signal.Signals) -> None:
    with other_user(stopped) as other:
        other.server_pid()
        other.send(kind)
        assert other.leave() != 0


def test_ctrl_c_in_one_terminal_does_not_disturb_the_others(stopped: Settings) -> None:
    with other_user(stopped) as first:
        pid = first.server_pid()
        with embedded_server(stopped) as server, connect(server.url()) as connection:
            first.send(signal.SIGINT)
            first.leave()
            assert server.pid == pid
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_ctrl_c_twice_still_stops_it(stopped: Settings) -> None:
    with other_user(stopped) as other:
        other.server_pid()
        other.send(signal.SIGINT)
        time.sleep(0.01)
        other.send(signal.SIGINT)
        other.leave()
    wait_for(lambda: not processes(stopped), 5.0)


def test_ctrl_c_while_it_starts_leaves_no_process(stopped: Settings) -> None:
    data = ServerHome.of(stopped).data
    with other_user(stopped) as other:
        wait_for((data / "postmaster.pid").exists)
        other.send(signal.SIGINT)
        assert other.leave() != 0
    assert processes(stopped) == []
    with embedded_server(stopped) as server, connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
