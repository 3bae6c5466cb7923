"""The life of a sandbox: made whole or not at all, listed, used, dropped."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest

from pgarchitect.cli.interruption import interruptible
from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable, UsageError
from pgarchitect.sandbox import room
from pgarchitect.sandbox.creation import UNFINISHED, Request, create
from pgarchitect.sandbox.sandbox import find, place_of, reached, sandboxes
from pgarchitect.sandbox.transfer import _apart
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder
from tests.sandbox_lab import GIGABYTE, drop, made, one, rows, run, using

Cli = Callable[..., CompletedProcess[str]]

KILLED = """
import os, signal, sys
from pgarchitect.sandbox.creation import Request, create
from pgarchitect.settings import Settings

def tell(step):
    if step.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

create(Request(sys.argv[1], 10**9, "killed"), Settings(), tell)
"""


@pytest.fixture
def database(fresh_database: str) -> str:
    """A database with a table of a few thousand rows."""
    run(
        fresh_database,
        "CREATE TABLE t (id int PRIMARY KEY, pad text)",
        "INSERT INTO t SELECT i, repeat('x', 50) FROM generate_series(1, 5000) i",
    )
    return fresh_database


@pytest.fixture
def apart() -> Iterator[Settings]:
    """Settings of a home of this test's own, without any sandbox."""
    with open_folder() as folder:
        found = Settings(data_dir=folder / "home")
        yield found
        for each in sandboxes(found):
            each.drop(found, force=True)


def servers(settings: Settings) -> list[str]:
    """Processes of sandboxes of this home, finished or not."""
    place, found = str(settings.data_dir.resolve()), []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\\0", b" ").decode() if entry.name.isdigit() else ""
        except OSError:
            continue
        if "postgres" in words and place in words:
            found.append(words)
    return found


def remains(settings: Settings) -> list[str]:
    """What is left of sandboxes that were not finished."""
    return [each.name for each in (settings.data_dir / UNFINISHED).glob("*") if each.is_dir()]


def test_every_step_can_be_interrupted(database: str, apart: Settings) -> None:
    steps: list[str] = []
    create(Request(database, GIGABYTE, "whole"), apart, steps.append)
    drop("whole", apart)
    assert len(steps) > 6

    def interrupting(number: int) -> Callable[[str], None]:
        heard: list[str] = []

        def tell(step: str) -> None:
            heard.append(step)
            if len(heard) == number:
                signal.raise_signal(signal.SIGINT)

        return tell

    for number in range(1, len(steps) + 1):
        with pytest.raises(KeyboardInterrupt), interruptible():
            create(Request(database, GIGABYTE, "cut"), apart, interrupting(number))
        assert sandboxes(apart) == []
        assert remains(apart) == []
        assert servers(apart) == []
    assert made(database, apart, "cut").about.rows == 5000


@pytest.mark.parametrize("step", ["copy", "write"])
def test_what_a_killed_one_leaves_is_removed_by_the_next(database: str, apart: Settings, step: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, database, step],
        env={**os.environ, "PGARCHITECT_DATA_DIR": str(apart.data_dir)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(remains(apart)) == 1
    assert servers(apart) != []
    assert sandboxes(apart) == []
    found = made(database, apart, "killed")
    assert found.about.rows == 5000
    assert remains(apart) == []
    assert servers(apart) == []


def test_too_little_room(database: str, apart: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SERVER", 10**18)
    with pytest.raises(HomeUnavailable, match="The sandbox would need"):
        made(database, apart, "large")
    assert sandboxes(apart) == []
    assert remains(apart) == []


def test_a_name_is_taken_once(database: str, apart: Settings) -> None:
    made(database, apart, "once")
    with pytest.raises(UsageError, match='There is a sandbox "once" already'):
        made(database, apart, "once")
    for name in ("", "Twice", "a/b", "..", "x" * 41):
        with pytest.raises(UsageError, match="cannot be the name of a sandbox"):
            made(database, apart, name)
    assert [each.name for each in sandboxes(apart)] == ["once"]


def test_its_data_is_closed_to_others_and_dropped_with_it(database: str, apart: Settings) -> None:
    made(database, apart, "closed")
    root = place_of(apart) / "closed"
    assert stat.S_IMODE((root / "cluster").stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "cluster" / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "sandbox.json").stat().st_mode) == 0o600
    assert b"repeat" not in (root / "sandbox.json").read_bytes()
    with using("closed", apart), pytest.raises(EmbeddedServerFailed, match='sandbox "closed" is in use'):
        find("closed", apart).drop(apart)
    drop("closed", apart)
    assert not root.exists()
    assert list(place_of(apart).iterdir()) == []


def test_it_runs_while_it_is_used(database: str, apart: Settings) -> None:
    """By its name and by its DSN alike; whatever else is given is left as it is."""
    found = made(database, apart, "used")
    assert servers(apart) == []
    for given in ("used", found.dsn):
        with reached(given, apart) as place:
            assert (place.dsn, place.name) == (found.dsn, 'sandbox "used"')
            assert one(place.dsn, "SELECT count(*) FROM t") == 5000
        assert servers(apart) == []
    with reached(database, apart) as place:
        assert place.dsn == database
        assert servers(apart) == []
    with pytest.raises(UsageError, match='There is no sandbox "other"; there are used, and'), reached("other", apart):
        pass


def test_what_was_written_in_it_stays(database: str, apart: Settings) -> None:
    made(database, apart, "kept")
    with using("kept", apart) as url:
        run(url, "CREATE INDEX tried ON t (pad)", "INSERT INTO t VALUES (0, 'new')")
    with using("kept", apart) as url:
        assert one(url, "SELECT count(*) FROM t") == 5001
        assert one(url, "SELECT count(*) FROM pg_indexes WHERE indexname = 'tried'") == 1


@contextmanager
def at(settings: Settings, cli: Cli) -> Iterator[Cli]:
    def run_it(*arguments: str, **more: str) -> CompletedProcess[str]:
        return cli(*arguments, env={"PGARCHITECT_DATA_DIR": str(settings.data_dir)}, **more)

    yield run_it


def test_as_a_person_uses_it(database: str, apart: Settings, cli: Cli) -> None:
    with at(apart, cli) as command:
        assert "There is no sandbox" in command("sandbox", "list").stdout
        done = command("sandbox", "create", database, "--name", "mine")
        assert done.returncode == 0, done.stderr
        assert 'Sandbox "mine": a whole copy of database "test_' in done.stdout
        assert ["public.t", "5,000", "5,000", "all"] in [line.split() for line in done.stdout.splitlines()]
        assert 'pgarchitect audit "$DSN" --sandbox mine' in done.stdout
        assert "are copied to this machine and stay there until the sandbox is dropped" in done.stderr
        assert "sandbox: vacuum and analyze" in done.stderr
        listed = command("sandbox", "list").stdout
        assert "mine" in listed
        assert "5,000" in listed
        assert (
            command("sandbox", "shell", "mine", stdin="SELECT 'rows: ' || count(*) FROM t;").stdout.count("rows: 5000")
            == 1
        )
        refused = command("sandbox", "drop", "mine", stdin="n\n")
        assert refused.returncode == 130
        assert "Nothing was removed" in refused.stderr
        assert command("sandbox", "drop", "mine", "--yes").stdout == 'The sandbox "mine" was removed.\n'
        gone = command("sandbox", "drop", "mine", "--yes")
        assert gone.returncode == 2
        assert gone.stderr.startswith('pgarchitect: There is no sandbox "mine"; there is none yet')


def test_as_a_program_uses_it(database: str, apart: Settings, cli: Cli) -> None:
    with at(apart, cli) as command:
        done = command("sandbox", "create", database, "--format", "json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["share"] == 1
        assert told["rows"] == 5000
        assert told["tables"] == [
            {
                "name": '"public"."t"',
                "rows": 5000,
                "rows_of_source": 5000,
                "whole": True,
                "referred": 0,
                "follows": None,
            }
        ]
        (listed,) = json.loads(command("sandbox", "list", "--format", "json").stdout)["sandboxes"]
        assert {name: listed[name] for name in ("name", "dsn", "rows", "running")} == {
            "name": told["name"], "dsn": told["dsn"], "rows": 5000, "running": False,
        }  # fmt: skip
        page = (Path(__file__).parent.parent / "docs" / "sandbox.md").read_text(encoding="utf-8")
        for name in (*told, *told["tables"][0], *listed):
            assert f"`{name}`" in page, name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "nonsense"), "The DSN cannot be read"),
        (("create", "{}", "--max-size", "much"), "much is not a size"),
        (("create", "{}", "--name", "A B"), "cannot be the name of a sandbox"),
        (("create", "{}", "--join", "a = b"), "a = b is not a join"),
        (("shell", "none"), 'There is no sandbox "none"'),
    ],
)
def test_mistakes_are_one_sentence(database: str, cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    done = cli("sandbox", *(each.format(database) for each in arguments))
    assert done.returncode == 2
    line = [each for each in done.stderr.splitlines() if not each.startswith("sandbox: ")]
    assert len(line) == 1
    assert said in line[0]


def test_an_interruption_is_told_though_its_command_is_unfinished(database: str) -> None:
    def interrupted(source: psycopg.Connection[Any]) -> None:
        with _apart(source):
            source.pgconn.send_query(b"SELECT 1")
            raise KeyboardInterrupt

    with closing(psycopg.connect(database)) as source, pytest.raises(KeyboardInterrupt):
        interrupted(source)


def test_a_signal_while_rows_are_copied(database: str, apart: Settings) -> None:
    run(database, "INSERT INTO t SELECT i, repeat('y', 500) FROM generate_series(6000, 300000) i")
    process = subprocess.Popen(
        [sys.executable, "-m", "pgarchitect", "sandbox", "create", database],
        env={**os.environ, "PGARCHITECT_DATA_DIR": str(apart.data_dir)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "copy" in line and "public" in line:
            os.killpg(process.pid, signal.SIGINT)
            break
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert sandboxes(apart) == []
    assert remains(apart) == []
    assert servers(apart) == []


def test_an_audit_proves_on_it(edfinance: str, apart: Settings, cli: Cli) -> None:
    """The sample application, from its statements to proven indexes, on a copy that is given by its name."""
    sessions = rows(edfinance, "SELECT DISTINCT session_id FROM behavior_logs LIMIT 20")
    with psycopg.connect(edfinance, autocommit=True) as application:
        for session in sessions:
            application.execute("SELECT id, event_type FROM behavior_logs WHERE session_id = %s", session)
    with at(apart, cli) as command:
        done = command("sandbox", "create", edfinance, "--name", "copy")
        assert done.returncode == 0, done.stderr
        arguments = ("--min-mean-ms", "0", "--runs", "2", "--format", "json", "--sandbox", "copy")
        audit = command("audit", edfinance, *arguments)
        assert audit.returncode == 0, audit.stderr
        report = json.loads(audit.stdout)
        assert any("behavior_logs (session_id)" in each["sql"] for each in report["recommendations"]), report
        advised = command("advise", edfinance, "--runs", "3", "--format", "json", "--sandbox", "copy")
        assert advised.returncode == 0, advised.stderr
        assert json.loads(advised.stdout)["measured"]["sandbox"] == 'sandbox "copy"'
    assert servers(apart) == []
