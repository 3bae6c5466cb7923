"""What the steps of ``schema check`` take, one after the other in one process; the command does some at once."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.difference import Wishes, difference
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.mirrors.files import mirror_files
from pgarchitect.schema.psl.reading import read_schema
from pgarchitect.schema.shadow import replayed, shadow_database
from pgarchitect.schema.spelling import spelled
from pgarchitect.settings import Settings

RUNS: Final = 3
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Seconds:
    """The best of some runs: on the clock, and of the processor by this process."""

    wall: float
    own: float


def steps(
    path: Path, migrations: Sequence[Migration], url: str, mirrors: Path, settings: Settings
) -> Iterator[tuple[str, Seconds]]:
    """Each step and what it takes; the embedded server of the settings runs."""
    yield "loading the command", _loading()
    schema, seconds = _timed(lambda: read_schema(path))
    yield "reading schema.prisma", seconds
    wanted, seconds = _timed(lambda: lower(schema))
    yield "lowering it", seconds
    with shadow_database(settings, wanted.extensions) as shadow:
        made, seconds = _timed(lambda: replayed(shadow, migrations, wanted.schemas), runs=1)
        yield "replaying the migrations and reading what they made", seconds
        spelt, seconds = _timed(lambda: spelled(wanted, shadow))
        yield "spelling the schema's expressions", seconds
    with connect(url, settings) as connection:
        there, seconds = _timed(lambda: read_database_schema(connection, wanted.schemas))
    yield "reading the database", seconds
    _, seconds = _timed(lambda: difference(made, spelt, Wishes(keep_inexpressible=True)))
    yield "comparing migrations and schema", seconds
    _, seconds = _timed(lambda: difference(there, made, Wishes()))
    yield "comparing database and migrations", seconds
    _, seconds = _timed(lambda: [each.state for each in mirror_files(schema, mirrors)])
    yield "writing the mirrors and comparing them", seconds


def _loading() -> Seconds:
    """What Python and the modules of the command take, and ending it."""

    def load() -> None:
        subprocess.run(
            [sys.executable, "-m", "pgarchitect", "schema", "check", "--help"], capture_output=True, check=True
        )

    used = of_children()
    seconds = _timed(load)[1]
    return replace(seconds, own=(of_children() - used) / RUNS)


def of_children() -> float:
    """Processor time of the processes that we started and waited for; a server is nobody's child."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _timed(work: Callable[[], _Result], runs: int = RUNS) -> tuple[_Result, Seconds]:
    walls, owns = [], []
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        result = work()
        owns.append(time.process_time() - used)
        walls.append(time.perf_counter() - began)
    return result, Seconds(min(walls), min(owns))
