"""The twin when something ends: its server, our process, our patience, the disk."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from pgarchitect.errors import HomeUnavailable, UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.settings import Settings
from pgarchitect.twin import hypothetical
from pgarchitect.twin.facts import Facts
from pgarchitect.twin.index_sizes import Sized, sized
from pgarchitect.twin.planner_twin import Configuration, PlannerTwin, Unplannable
from pgarchitect.twin.private_server import FOLDER
from pgarchitect.twin.sample_subject import Subject
from pgarchitect.twin.sampling import Sampler
from pgarchitect.twin.share_sample import Shares
from pgarchitect.twin.together_sample import Together
from tests.embedded_lab import has_ended, open_folder, wait_for

STATEMENT = "SELECT * FROM behavior_logs WHERE session_id = '00000000-0000-0000-0000-000000000001'"
BY_KEY = "SELECT * FROM behavior_logs WHERE id = 5"
INDEX = "CREATE INDEX by_session ON behavior_logs (session_id)"
STEPS = ("read lengths", "dump", "start", "restore", "write statistics", "set lengths")

_BUILDER = """
import sys, time
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
def progress(step):
    print(step, flush=True)
with PlannerTwin.of(sys.argv[1], Settings(), progress) as twin:
    print("built", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def source(server: EmbeddedServer, edfinance_template: str) -> str:
    """URL of the sample application; read only."""
    return server.url(edfinance_template)


@pytest.fixture
def home(settings: Settings) -> Iterator[Settings]:
    """A home of its own, which holds no other twin."""
    with open_folder() as folder:
        yield Settings(data_dir=folder / "home")


@pytest.fixture(scope="module")
def twin(source: str, settings: Settings) -> Iterator[PlannerTwin]:
    """A twin that a test may kill."""
    with PlannerTwin.of(source, settings) as made:
        made.try_index(INDEX)
        yield made


def twins(settings: Settings) -> list[Path]:
    folder = settings.data_dir / FOLDER
    return [place for place in folder.iterdir() if place.is_dir()] if folder.is_dir() else []


def servers_below(folder: Path) -> list[str]:
    """Arguments of whatever runs below ``folder``."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode() if entry.name.isdigit() else ""
            if str(folder) in words and "postgres" in words:
                found.append(words)
    return found


def postmaster(twin: PlannerTwin) -> int:
    return int((twin._server.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])


def kill(twin: PlannerTwin) -> None:
    pid = postmaster(twin)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: has_ended(pid))


def backend(twin: PlannerTwin) -> int:
    """Process id of a session of the twin that has just planned."""
    with connect(twin.url) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def backend_of_creation(twin: PlannerTwin) -> int:
    """Process id of the session of the twin that creates an index."""
    with connect(twin.url) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " ORDER BY backend_start DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_killed_twin_goes_on(twin: PlannerTwin) -> None:
    before = twin.explain(BY_KEY), twin.explain(STATEMENT)
    with twin.configuration(present=["by_session"], absent=["behavior_logs_pkey"]):
        switched = twin.explain(BY_KEY), twin.explain(STATEMENT)
        assert switched[1].indexes() == ("by_session",)
        kill(twin)
        assert (twin.explain(BY_KEY), twin.explain(STATEMENT)) == switched
    kill(twin)
    assert (twin.explain(BY_KEY), twin.explain(STATEMENT)) == before
    kill(twin)
    assert twin.try_index("CREATE INDEX afterwards ON behavior_logs (user_id)").height is not None


def indexes(twin: PlannerTwin, table: str) -> dict[str, int]:
    """Length in pages of the table's indexes, as the planner is told."""
    with connect(twin.url) as connection:
        return dict(
            connection.execute(
                "SELECT c.relname, c.relpages FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                " WHERE i.indrelid = %s::regclass",
                (table,),
            ).fetchall()
        )


@pytest.mark.parametrize("victim", [postmaster, backend_of_creation])
def test_an_index_that_was_half_made_is_made_anew(
    twin: PlannerTwin, monkeypatch: pytest.MonkeyPatch, victim: Callable[[PlannerTwin], int]
) -> None:
    before = indexes(twin, "behavior_logs")

    def killing(facts: Facts, subject: Subject, sampler: Sampler, shares: Shares, together: Together) -> Sized:
        monkeypatch.undo()
        assert len(indexes(twin, "behavior_logs")) == len(before) + 1
        os.kill(victim(twin), signal.SIGKILL)
        return sized(facts, subject, sampler, shares, together)

    monkeypatch.setattr(hypothetical, "sized", killing)
    found = twin.try_index("CREATE INDEX ON behavior_logs (user_id, session_id, created_at)")
    (name,) = indexes(twin, "behavior_logs").keys() - before.keys()
    assert name == found.name
    assert indexes(twin, "behavior_logs")[name] == found.size_bytes // 8192 > 10
    statement = "SELECT created_at FROM behavior_logs WHERE user_id = 5 ORDER BY session_id"
    with twin.configuration(present=[name]):
        assert twin.explain(statement).indexes() == (name,)


def test_an_index_that_cannot_be_finished_is_dropped(twin: PlannerTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    before = indexes(twin, "behavior_logs")

    def refusing(*_: object) -> Sized:
        raise psycopg.errors.QueryCanceled("too long")

    monkeypatch.setattr(hypothetical, "sized", refusing)
    with pytest.raises(UsageError, match="refused the index"):
        twin.try_index("CREATE INDEX unfinished ON behavior_logs (session_id)")
    assert indexes(twin, "behavior_logs") == before


def test_a_killed_backend_goes_on(twin: PlannerTwin) -> None:
    with twin.configuration(present=["by_session"]):
        before = twin.explain(STATEMENT)
        os.kill(backend(twin), signal.SIGKILL)
        assert twin.explain(STATEMENT) == before


def test_a_twin_killed_in_the_middle_of_a_batch_finishes_it(twin: PlannerTwin) -> None:
    statements = [f"SELECT * FROM behavior_logs WHERE user_id = {number}" for number in range(300)]
    configurations = [Configuration(), Configuration(present=("by_session",), absent=("behavior_logs_pkey",))] * 10
    expected = twin.plan_all(statements, configurations)
    pid = postmaster(twin)
    killer = threading.Timer(0.05, os.kill, (pid, signal.SIGKILL))
    killer.start()
    assert twin.plan_all(statements, configurations) == expected
    killer.join()
    assert postmaster(twin) != pid or twin.plan_all(statements, configurations) == expected
    assert twin.explain(BY_KEY).indexes() == ("behavior_logs_pkey",)


def test_nothing_is_created_inside_a_configuration(twin: PlannerTwin) -> None:
    with twin.configuration(present=["by_session"]), pytest.raises(UsageError, match="in force"):
        twin.try_index("CREATE INDEX inside ON behavior_logs (user_id)")
    with twin.configuration(present=["by_session"]), pytest.raises(UsageError, match="in force"):
        twin.plan_all([BY_KEY], [Configuration()])


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_in_any_step_leaves_nothing(source: str, settings: Settings, step: str) -> None:
    kept = twins(settings)

    def interrupt(now: str) -> None:
        if now.startswith(step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), PlannerTwin.of(source, settings, interrupt):
        pass
    assert twins(settings) == kept


@contextmanager
def builder(source: str, home: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that builds a twin, and then waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", _BUILDER, source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PGARCHITECT_DATA_DIR": str(home.data_dir)},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def await_step(process: subprocess.Popen[str], step: str) -> None:
    assert process.stdout is not None
    assert any(line.startswith(step) for line in process.stdout)


@pytest.mark.parametrize("step", ["dump", "restore", "set lengths", "built"])
def test_the_signal_of_ctrl_c_ends_all_that_we_started(source: str, home: Settings, step: str) -> None:
    with builder(source, home) as process:
        await_step(process, step)
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert twins(home) == []
    assert servers_below(home.data_dir) == []


def test_the_next_twin_removes_what_a_killed_process_left(source: str, home: Settings) -> None:
    with builder(source, home) as process:
        await_step(process, "built")
        (left,) = twins(home)
        process.kill()
        process.wait(30)
    assert servers_below(left) != []
    with PlannerTwin.of(source, home, tables=["users"]):
        assert left not in twins(home)
        assert servers_below(left) == []
    assert twins(home) == []


def test_two_twins_at_once(source: str, settings: Settings, twin: PlannerTwin) -> None:
    with PlannerTwin.of(source, settings, tables=["behavior_logs"]) as other:
        assert other.url != twin.url
        other.try_index("CREATE INDEX by_session ON behavior_logs (user_id)")
        with other.configuration(present=["by_session"]):
            assert other.explain("SELECT * FROM behavior_logs WHERE user_id = 5").indexes() == ("by_session",)
            assert twin.explain(BY_KEY).indexes() == ("behavior_logs_pkey",)
    assert twin.explain(BY_KEY).indexes() == ("behavior_logs_pkey",)


@pytest.mark.parametrize("step", ["dump", "restore", "write statistics", "set lengths", "built"])
def test_a_full_disk_is_one_sentence(source: str, step: str) -> None:
    with open_folder() as folder, small_disk(folder / "disk", "200m") as disk:
        small = Settings(data_dir=disk / "home")
        with pytest.raises(HomeUnavailable, match="free disk space"):
            build_and_fill(source, small, disk, step)
        assert twins(small) == []


def build_and_fill(source: str, settings: Settings, disk: Path, step: str) -> None:
    """Make a twin and indexes in it, on a disk that is full from ``step`` on."""

    def progress(now: str) -> None:
        if now.startswith(step):
            fill(disk)

    with PlannerTwin.of(source, settings, progress) as twin:
        progress("built")
        for number in range(100):
            twin.try_index(f"CREATE INDEX filling_{number} ON users (email)")


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(65_536))


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("this account may not mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_the_matrix_is_what_single_plans_say(twin: PlannerTwin) -> None:
    statements = [BY_KEY, "SELECT nonsense FROM users", STATEMENT, "SELECT count(*) FROM users"]
    configurations = [
        Configuration(),
        Configuration(present=("by_session",)),
        Configuration(absent=("behavior_logs_pkey",)),
        Configuration(present=("by_session",), absent=("behavior_logs_pkey",)),
    ]
    matrix = twin.plan_all(statements, configurations)
    assert len(matrix) == len(configurations)
    for row, each in zip(matrix, configurations, strict=True):
        assert isinstance(row[1], Unplannable)
        assert "nonsense" in row[1].reason
        with twin.configuration(each.present, each.absent):
            for number in (0, 2, 3):
                assert row[number] == twin.explain(statements[number])
    assert twin.plan_all(statements, []) == []
    assert twin.plan_all([], configurations) == [[], [], [], []]


def test_what_all_configurations_share_is_switched_back(twin: PlannerTwin) -> None:
    shared = Configuration(present=("by_session",), absent=("behavior_logs_pkey",))
    matrix = twin.plan_all([BY_KEY, STATEMENT] * 40, [shared, shared])
    assert [plan.indexes() for plan in matrix[1][:2] if not isinstance(plan, Unplannable)] == [(), ("by_session",)]
    assert matrix[0] == matrix[1]
    assert twin.explain(BY_KEY).indexes() == ("behavior_logs_pkey",)
    assert twin.explain(STATEMENT).indexes() == ()


def test_configurations_can_be_nested(twin: PlannerTwin) -> None:
    with twin.configuration(present=["by_session"]):
        with twin.configuration(absent=["behavior_logs_pkey"]):
            assert twin.explain(BY_KEY).indexes() == ()
            assert twin.explain(STATEMENT).indexes() == ("by_session",)
        assert twin.explain(BY_KEY).indexes() == ("behavior_logs_pkey",)
        with twin.configuration(absent=["by_session"]):
            assert twin.explain(STATEMENT).indexes() == ()
