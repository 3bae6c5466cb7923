"""How long ``schema check`` of 300 models takes, migrations, a live database and all mirrors included.

The whole command is timed as a user runs it, and so is Prisma's own engine where Node is, which answers two of the
three questions: do the migrations make the schema, and does the database have it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console
from rich.table import Table

from benchmarks.schema_project import MODELS, write_project
from benchmarks.schema_steps import of_children, steps
from pgarchitect.postgres.embedded import EmbeddedServer, destroy, embedded_server, ensure_database
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.settings import Settings
from tests.prisma_engine import DATABASE, is_empty, migrations, prisma_engine, schema

RUNS: Final = 5
_FILES: Final = 3_400
"""As many as a replay makes."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each run: on the clock, and of the processor by our own process alone."""

    wall: list[float]
    own: list[float]


def run(console: Console) -> None:
    """Make the project, measure, and print what was measured."""
    with tempfile.TemporaryDirectory(prefix="pgarchitect-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root the server runs as another account, which must reach its files
        live = Settings(data_dir=folder / "live", home_url=None)
        with ExitStack() as stack:
            stack.callback(destroy, live, force=True)
            server = stack.enter_context(embedded_server(live))
            console.print(_measured(folder, server, live, console))


def _measured(folder: Path, server: EmbeddedServer, live: Settings, console: Console) -> Table:
    url = ensure_database(server, "checked", [])
    path = write_project(folder)
    several = read_migrations(folder / "migrations")
    with migrating(url, live) as connection:
        deploy(connection, several)
    _pgarchitect(["schema", "generate", str(folder / "mirrors"), "--schema", str(path)], live)
    command = ["schema", "check", url, "--schema", str(path), "--mirrors", str(folder / "mirrors")]
    lines = path.read_text(encoding="utf-8").count("\n")
    title = (
        f"schema check: {MODELS} models, {lines:,} lines, {len(several)} migrations; {RUNS} runs;"
        f" {1000 * _making_a_file(folder):.2f} ms to make a file here"
    )
    table = Table(title=title, box=None, title_justify="left")
    table.add_column("What")
    for column in ("Median, s", "Range, s", "Own processor time, s"):
        table.add_column(column, justify="right")
    for when, times in _checked(folder, command).items():
        _row(table, when, times)
    _peer(table, folder, url, path, console)
    for what, seconds in steps(path, several, url, folder / "mirrors", live):
        table.add_row(f"  of it {what}", f"{seconds.wall:.3f}", "", f"{seconds.own:.3f}")
    return table


def _making_a_file(folder: Path) -> float:
    """Seconds to make a file as a server makes those of an index: what a replay takes is up to this."""
    there = folder / "files"
    there.mkdir()
    began = time.perf_counter()
    for each in range(_FILES):
        (there / str(each)).touch()
    return (time.perf_counter() - began) / _FILES


def _checked(folder: Path, command: list[str]) -> dict[str, Times]:
    """The command in one home after the other, from the first time that it is used there.

    No home is removed, and none holds so many databases that one is dropped, before all is measured: for minutes after
    thousands of files were removed, ext4 takes thirty times as long to make new ones, since it does not take their
    inodes again so soon and looks at each of them in vain.
    """
    times: dict[str, Times] = {}
    for each in range(RUNS):
        home = Settings(data_dir=folder / f"home{each}", home_url=None)
        check = partial(_pgarchitect, command, home)

        def timed(what: str, check: Callable[[], object] = check) -> None:
            with _clocks(times.setdefault(what, Times([], []))):
                check()

        timed("in a new home, which is made")
        timed("again, server started and stopped")
        _touch(folder / "migrations")
        timed("migrations replayed, server started and stopped")
        with embedded_server(home):
            timed("again, server running")
            _touch(folder / "migrations")
            timed("migrations replayed, server running")
    return times


def _pgarchitect(arguments: list[str], settings: Settings) -> None:
    environment = {**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)}
    done = subprocess.run(
        [sys.executable, "-m", "pgarchitect", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr + done.stdout)


def _timed(action: Callable[[], object], before: Callable[[], object] = lambda: None) -> Times:
    """Run an action several times, each time after another one that is not timed."""
    times = Times([], [])
    action()  # once for the disk's sake
    for _ in range(RUNS):
        before()
        with _clocks(times):
            action()
    return times


def _touch(migrations: Path) -> None:
    """Change a migration, but not what it does: it has to be tried anew."""
    last = max(migrations.glob("*/migration.sql"))
    last.write_text(last.read_text(encoding="utf-8") + "-- changed\n", encoding="utf-8")


@contextmanager
def _clocks(times: Times) -> Iterator[None]:
    began, used = time.perf_counter(), of_children()
    yield
    times.wall.append(time.perf_counter() - began)
    times.own.append(of_children() - used)


def _row(table: Table, what: str, times: Times) -> None:
    span = f"{min(times.wall):.2f} to {max(times.wall):.2f}"
    table.add_row(what, f"{statistics.median(times.wall):.2f}", span, f"{statistics.median(times.own):.2f}")


def _peer(table: Table, folder: Path, url: str, path: Path, console: Console) -> None:
    """Prisma's engine as a process of its own: migrations against schema, database against schema; no mirrors."""
    text = path.read_text(encoding="utf-8")

    def check() -> None:
        with prisma_engine() as engine:
            said = [engine.diff(side, schema(text), url) for side in (migrations(folder / "migrations"), DATABASE)]
        if not all(map(is_empty, said)):
            raise RuntimeError("".join(said))

    try:
        times = _timed(check)
    except pytest.skip.Exception as reason:
        console.print(f"without Prisma's engine: {reason}")
    else:
        _row(table, "Prisma's engine under Node, without mirrors", times)
