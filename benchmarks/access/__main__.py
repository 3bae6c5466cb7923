"""``make bench-access``: the generated client, drivers and other libraries on the same rows; writes the page."""

import argparse
import asyncio
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.access.chart import chart
from benchmarks.access.contenders import ENTRIES, PGBENCH, PSQL, Entry
from benchmarks.access.node_packages import NodeMissing, installed, node_process
from benchmarks.access.page import CHOOSING, IMAGE, NAME, part, relative
from benchmarks.access.pgbench import Pgbench
from benchmarks.access.process import ContenderFailed, Process, python_process
from benchmarks.access.psql import Psql
from benchmarks.access.race import Asked, Length, Race
from benchmarks.access.results import Results
from benchmarks.access.rows import Sizes
from benchmarks.access.server import access_server
from benchmarks.access.tables import Tables
from benchmarks.access.where import load, machine
from benchmarks.advisor.page import PAGE, between_markers
from pgarchitect.errors import PgArchitectError

SIZES: Final = Sizes(users=100, logs=2_000)
QUICK_SIZES: Final = Sizes(users=4, logs=1_200)
LENGTH: Final = Length(rounds=16, seconds=3.0)
MOST_PUSH: Final = 2.0
"""Times the bare driver's 95th percentile that ours may take from NOTIFY to the client."""
QUICK: Final = Length(rounds=2, seconds=0.3, warm_ups=1)


def main(words: Sequence[str]) -> int:
    """Run what the command line names; the exit code."""
    given = _options().parse_args(words)
    console = Console(soft_wrap=True)
    entries = [each for each in ENTRIES if not given.only or each.name in given.only]
    sizes = QUICK_SIZES if given.quick else SIZES
    length = QUICK if given.quick else Length(given.rounds, LENGTH.seconds)
    try:
        with access_server(given.programs) as (url, programs):
            before = load()
            results, version = race(Ground(url, programs / "psql", sizes), entries, length, teller(console))
            said = part(results, f"Measured {machine(version)}; load average {before} before, {load()} after")
    except PgArchitectError as error:
        console.print(str(error), style="red", markup=False)
        return error.exit_code
    console.print(said, markup=False)
    if given.page is not None:
        write(given.page, said, relative(results), chart(results))
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.access", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="does everything work? small tables, two rounds")
    parser.add_argument("--rounds", type=int, default=LENGTH.rounds, help="that count")
    parser.add_argument("--programs", type=Path, help="directory of another PostgreSQL's programs")
    parser.add_argument("--only", action="append", metavar="NAME", help="a contender; may be repeated")
    parser.add_argument("--page", type=Path, help=f"the page that is written; none by default ({PAGE.name} by make)")
    return parser


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the contenders run: an empty database, the program psql, how much is filled in, and a folder of the run."""

    url: str
    psql: Path
    sizes: Sizes
    folder: Path = Path()


def race(ground: Ground, entries: Sequence[Entry], length: Length, tell: Callable[[str], None]) -> tuple[Results, str]:
    """Fill the tables, start the contenders, let them run; what was measured, and the server's version."""
    with (
        closing(Tables(ground.url, ground.sizes)) as tables,
        tempfile.TemporaryDirectory(prefix="pgarchitect-bench-access-") as folder,
    ):
        tell("fill the tables")
        tables.fill()
        with started(entries, replace(ground, folder=Path(folder))) as (running, missing):
            for name, why in missing.items():
                tell(f"{name} does not take part: {why}")
            made = Race(tables, running, length, tell)
            made.results.failed |= missing
            made.run()
        # The contenders are gone: only the bare driver and the client run now.
        if all(each.name in {entry.name for entry in entries} for each in ENTRIES):
            made.results.notes.append(pushes(ground.url))
        return made.results, tables.version()


def pushes(url: str) -> str:
    """How long a NOTIFY takes to a client of a WebSocket, in a sentence."""
    try:
        module = importlib.import_module("benchmarks.access_notify")
    except ModuleNotFoundError as error:
        return f"NOTIFY to a client of a WebSocket: not measured ({error})"
    times = asyncio.run(module.pushes(url))
    holds = "holds" if times.ratio <= MOST_PUSH else "does not hold"
    return f"NOTIFY to a client of a WebSocket: {times}; promised at most {MOST_PUSH:g}, which {holds}"


@contextmanager
def started(entries: Sequence[Entry], ground: Ground) -> Iterator[tuple[dict[Entry, Asked], dict[str, str]]]:
    """The contenders that can run, and of the others why they cannot."""
    running: dict[Entry, Asked] = {}
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        for entry in entries:
            try:
                running[entry] = stack.enter_context(closing(_process(entry, ground)))
            except (ContenderFailed, NodeMissing) as error:
                missing[entry.name] = str(error)
        yield running, missing


def _process(entry: Entry, ground: Ground) -> Psql | Pgbench | Process:
    if entry.name == PSQL:
        return Psql(ground.psql, ground.url, ground.folder)
    if entry.name == PGBENCH:
        return Pgbench(ground.psql.with_name("pgbench"), ground.url, ground.sizes, ground.folder)
    if entry.module and importlib.util.find_spec(entry.module) is None:
        raise ContenderFailed(f"the package {entry.module} is not installed")
    if entry.is_node:
        made = node_process(entry, installed(), ground.folder, ground.url, ground.sizes)
    else:
        log = ground.folder / f"{entry.program.replace(':', '.')}.log"
        made = python_process(entry, ground.url, ground.sizes, log)
    made.wait_until_ready()
    return made


def write(page: Path, said: str, ratios: str, picture: str) -> None:
    """Put the part into the page, the ratios into the one on choosing, and the picture beside them."""
    for file, name, text in ((page, NAME, said), (page.parent / "choosing-a-data-layer.md", CHOOSING, ratios)):
        whole = between_markers(file.read_text(encoding="utf-8"), name, text, by="make bench-access")
        file.write_text(whole, encoding="utf-8")
    (page.parent / IMAGE).parent.mkdir(exist_ok=True)
    (page.parent / IMAGE).write_text(picture, encoding="utf-8")


def teller(console: Console) -> Callable[[str], None]:
    """Says each step with the seconds since the start."""
    began = time.monotonic()
    return lambda step: console.print(f"{time.monotonic() - began:7.1f} s  {step}", markup=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
