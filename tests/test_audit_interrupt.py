"""Audits that are interrupted or killed: nothing half done, nothing left behind, the next one works."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgarchitect.architect import COLLECT, DECIDE, NAMES, PROVE, RECORD
from pgarchitect.cli.interruption import interruptible
from pgarchitect.errors import AuditRunning, Interrupted
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings
from tests.audit_lab import (
    Shop,
    Silent,
    command,
    locked,
    nobody_of_ours,
    open_shop,
    run,
    state,
    wait_until_blocked,
)
from tests.embedded_lab import open_folder, processes

PATIENT = {"PGARCHITECT_LOCK_TIMEOUT_MS": "60000", "PGARCHITECT_STATEMENT_TIMEOUT_MS": "60000"}
NOTHING = "Interrupted: nothing was changed and nothing was recorded"


@pytest.fixture
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    with open_shop(server, settings) as found:
        yield found


class _Interrupts(Silent):
    """Presses Ctrl-C when a step begins or ends."""

    def __init__(self, number: int, *, at_the_end: bool) -> None:
        self._number, self._at_the_end = number, at_the_end
        self._running = 0

    def step(self, number: int, name: str, total: int | None = None) -> None:  # noqa: ARG002  # a listener's form
        self._running = number
        if number == self._number and not self._at_the_end:
            signal.raise_signal(signal.SIGINT)

    def done(self, count: str) -> None:  # noqa: ARG002  # a listener's form
        if self._running == self._number and self._at_the_end:
            signal.raise_signal(signal.SIGINT)


def test_every_step_can_be_interrupted_at_its_beginning_and_its_end(shop: Shop) -> None:
    """Nothing is recorded before step 6 has written, everything after; the sandbox is as it was; then it works."""
    before = state(shop.sandbox)
    for number in NAMES:
        for at_the_end in (False, True):
            with pytest.raises((KeyboardInterrupt, Interrupted)) as raised, interruptible():
                shop.audit(listener=_Interrupts(number, at_the_end=at_the_end))
            recorded = number == DECIDE or (number == RECORD and at_the_end)
            assert isinstance(raised.value, Interrupted) is recorded
            assert (len(shop.log()), shop.snapshots()) == ((1, 1) if recorded else (0, 0)), (number, at_the_end)
            if recorded:
                assert "after the audit was recorded" in str(raised.value)
                run(shop.home, "DROP SCHEMA pgarchitect CASCADE", "DROP EXTENSION IF EXISTS vector")
                shop.log()
    assert state(shop.sandbox) == before
    assert [item.verdict for item in shop.audit().recommendations] == [Verdict.APPLY]
    nobody_of_ours(shop.home)


@pytest.mark.parametrize(
    ("number", "place", "mode", "kind"),
    [
        pytest.param(COLLECT, "target", "ACCESS EXCLUSIVE", signal.SIGTERM, id="collect-term"),
        pytest.param(PROVE, "sandbox", "ACCESS EXCLUSIVE", signal.SIGINT, id="prove-int"),
        pytest.param(PROVE, "sandbox", "ACCESS EXCLUSIVE", signal.SIGTERM, id="prove-term"),
        pytest.param(RECORD, "home", "SHARE", signal.SIGINT, id="record-int"),
    ],
)
def test_a_statement_that_waits_is_interrupted(  # noqa: PLR0917
    shop: Shop, tmp_path: Path, number: int, place: str, mode: str, kind: signal.Signals
) -> None:
    """The command hangs in a statement of the step, at a lock that the test holds, when the signal comes."""
    table = {"target": "pg_stat_statements", "sandbox": "orders", "home": "pgarchitect.optimization_log"}[place]
    before = state(shop.sandbox)
    html = tmp_path / "report.html"
    with command(
        tmp_path, "pgarchitect", *shop.arguments("--html", str(html)), env={**shop.environment, **PATIENT}
    ) as audit:
        with locked(getattr(shop, place), table, mode) as blocker:
            wait_until_blocked(shop.home, blocker)
            assert f"[{number - 1}/7]" in audit.stderr or number == COLLECT
            for _ in range(3):  # people are impatient
                audit.send(kind)
                time.sleep(0.002)
            assert audit.wait() == 130, audit.stderr
        assert audit.sentence.startswith(
            "pgarchitect: Interrupted while the audit was recorded" if number == RECORD else f"pgarchitect: {NOTHING}"
        )
        assert f"[{number}/7] {NAMES[number]}: interrupted" in audit.stderr
        assert audit.stdout == ""
    nobody_of_ours(shop.home)
    assert not html.exists()
    assert (shop.log(), shop.snapshots()) == ((), 0)
    assert state(shop.sandbox) == before


def test_a_killed_audit_leaves_no_statement_running_and_the_next_one_works(shop: Shop, tmp_path: Path) -> None:
    """Kill -9 while step 5 waits on the sandbox: the server ends the statement by itself, without being asked to."""
    before = state(shop.sandbox)
    with (
        command(tmp_path, "pgarchitect", *shop.arguments(), env={**shop.environment, **PATIENT}) as audit,
        locked(shop.sandbox, "orders") as blocker,
    ):
        wait_until_blocked(shop.home, blocker)
        audit.send(signal.SIGKILL)
        audit.wait()
        nobody_of_ours(shop.home)  # although the lock is still held
    assert state(shop.sandbox) == before
    assert shop.log() == ()
    assert [item.verdict for item in shop.audit().recommendations] == [Verdict.APPLY]


def test_an_audit_right_after_a_killed_one_waits_for_it_to_be_gone(shop: Shop, tmp_path: Path) -> None:
    with command(tmp_path, "pgarchitect", *shop.arguments(), env={**shop.environment, **PATIENT}) as audit:
        with locked(shop.sandbox, "orders") as blocker:
            wait_until_blocked(shop.home, blocker)
            audit.send(signal.SIGKILL)
            audit.wait()
        assert [item.verdict for item in shop.audit().recommendations] == [Verdict.APPLY]


def test_two_audits_at_once_do_not_disturb_each_other(shop: Shop, tmp_path: Path) -> None:
    """The second one of the same database, or on the same sandbox, is told to wait; another one is not."""
    quick = Settings(data_dir=shop.settings.data_dir, lock_timeout_ms=50)
    with command(tmp_path, "pgarchitect", *shop.arguments(), env={**shop.environment, **PATIENT}) as audit:
        with locked(shop.sandbox, "orders") as blocker:
            wait_until_blocked(shop.home, blocker)
            with pytest.raises(AuditRunning, match="Another audit of this database is running; wait"):
                Shop(shop.target, shop.sandbox, shop.home, quick).audit(sandbox=False)
            with pytest.raises(AuditRunning, match="Another audit on this sandbox is running; wait"):
                Shop(shop.home, shop.sandbox, shop.home, quick).audit()
        assert audit.wait() == 0, audit.stderr
    assert [entry.verdict for entry in shop.log()] == [Verdict.APPLY]


@pytest.fixture
def empty_home() -> Iterator[Settings]:
    with open_folder() as folder:
        yield Settings(data_dir=folder / "home")


def test_the_demonstration_can_be_interrupted_while_it_loads_plays_and_proves(
    empty_home: Settings, tmp_path: Path
) -> None:
    """Each time one sentence, no process left; the last time it is let through and has lost nothing."""
    env = {"PGARCHITECT_DATA_DIR": str(empty_home.data_dir)}
    words = ("demo", "--scale", "0.02", "--html", str(tmp_path / "report.html"))
    for told, kind, kept in (
        ("PostgreSQL is running", signal.SIGINT, "nothing was loaded or recorded"),
        ("is loaded into edfinance", signal.SIGTERM, "the sample stays loaded, nothing was recorded"),
        ("Now the audit:", signal.SIGINT, "the sample stays loaded, nothing was recorded"),
    ):
        with command(tmp_path, "examples.edfinance", *words, env=env) as demo:
            demo.wait_until_told(told)
            demo.send(kind)
            assert demo.wait() == 130, demo.stderr
            assert demo.sentence == f"pgarchitect: Interrupted: {kept}; run `make demo` again."
            assert demo.stdout == ""
        assert processes(empty_home) == []
    with command(tmp_path, "examples.edfinance", *words, env=env) as demo:
        assert demo.wait(100.0) == 0, demo.stderr
        assert "edfinance on embedded server" in demo.stdout
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert processes(empty_home) == []
