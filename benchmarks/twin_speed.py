"""How fast a planner twin is: to build, by number of tables; to plan; to switch; and what a terabyte costs on disk."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from examples.edfinance import generate
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, destroy, embedded_server, ensure_database
from pgarchitect.settings import Settings
from pgarchitect.twin.building import DATABASE
from pgarchitect.twin.lengths import set_lengths
from pgarchitect.twin.planner_twin import Configuration, PlannerTwin

TABLES: Final = (50, 500, 2_000)
RUNS: Final = 3
STATEMENTS: Final = 1_000
SCALE: Final = 10_000
_TABLE: Final = """
CREATE TABLE t{number} (id bigint PRIMARY KEY, parent_id bigint, kind int, name text, note text, amount numeric,
                        flag boolean, created_at timestamptz, updated_at timestamptz, tags text[]);
INSERT INTO t{number} SELECT i, i / 7, i % 20, 'name ' || i, md5(i::text), i * 1.5, i % 2 = 0,
                             now() - i * interval '1 minute', now(), ARRAY['a' || i % 5] FROM generate_series(1, 300) i;
CREATE INDEX ON t{number} (parent_id);
CREATE INDEX ON t{number} (created_at);
"""


def run(console: Console) -> None:
    """Measure, and print what was measured."""
    with tempfile.TemporaryDirectory(prefix="pgarchitect-bench-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another account, which must reach its files
        settings = Settings(data_dir=Path(folder) / "home", home_url=None, statement_timeout_ms=300_000)
        try:
            with embedded_server(settings) as server:
                console.print(_builds(server, settings))
                console.print(_planning(server, settings))
        finally:
            destroy(settings, force=True)


def _builds(server: EmbeddedServer, settings: Settings) -> Table:
    table = Table(title="Building a twin", box=None, title_justify="left")
    table.add_column("Tables")
    for name in ("Median, s", "Range, s", "On disk, MB", "Read, kB", "Statements", "The source's part, s"):
        table.add_column(name, justify="right")
    for tables in TABLES:
        url = ensure_database(server, f"bench_{tables}", [])
        _fill(url, tables)
        seconds: list[float] = []
        disk = 0.0
        for _ in range(RUNS if tables <= 500 else 1):
            with _timed(seconds.append), PlannerTwin.of(url, settings) as twin:
                disk, cost = _megabytes(twin), twin.cost_of_reading
        span = f"{min(seconds):.1f} to {max(seconds):.1f}"
        read = f"{cost.bytes_read / 1000:,.0f}"
        table.add_row(
            f"{tables:,}", f"{statistics.median(seconds):.1f}", span, f"{disk:.0f}", read, str(cost.statements),
            f"{cost.seconds:.1f}",
        )  # fmt: skip
    return table


def _fill(url: str, tables: int) -> None:
    with connect(url, read_only=False, statement_timeout_ms=300_000) as connection:
        for number in range(tables):
            connection.execute(_TABLE.format(number=number).encode())
        connection.execute("ANALYZE")


@contextmanager
def _timed(heard: Callable[[float], None]) -> Iterator[None]:
    """Time until the block inside begins to end, the removal of a twin included."""
    began = time.perf_counter()
    yield
    heard(time.perf_counter() - began)


def _planning(server: EmbeddedServer, settings: Settings) -> Table:
    url = ensure_database(server, "edfinance", [])
    generate.load(url, 1.0)
    table = Table(title="Planning with the sample at scale 1", box=None, title_justify="left")
    table.add_column("What")
    table.add_column("Measured", justify="right")
    with PlannerTwin.of(url, settings) as twin:
        for what, measured in (*_speeds(twin), *_enlarged(twin, settings)):
            table.add_row(what, measured)
    return table


def _speeds(twin: PlannerTwin) -> Iterator[tuple[str, str]]:
    statements = [f"SELECT * FROM behavior_logs WHERE user_id = {number}" for number in range(STATEMENTS)]
    made = [
        twin.try_index(f"CREATE INDEX candidate_{number} ON behavior_logs ({columns})").name
        for number, columns in enumerate(("user_id", "session_id", "user_id, created_at", "created_at, user_id"))
    ]
    yield "an EXPLAIN at a time, a second", _rate(STATEMENTS, lambda: [twin.explain(each) for each in statements])
    yield "EXPLAINs in a batch, a second", _rate(STATEMENTS, lambda: twin.plan_all(statements, [Configuration()]))
    alone = [Configuration(present=(name,)) for name in made] * 25
    yield (
        "10 statements under 100 sets of indexes, a second",
        _rate(1_000, lambda: twin.plan_all(statements[:10], alone)),
    )
    yield "an empty set of indexes, switched on and off, ms", _switching(twin, made)
    began = time.perf_counter()
    for number in range(20):
        twin.try_index(f"CREATE INDEX another_{number} ON wallet_transactions (status, created_at)")
    yield "creating a hypothetical index, ms", f"{(time.perf_counter() - began) / 20 * 1000:.1f}"


def _rate(count: int, action: Callable[[], object]) -> str:
    best = 0.0
    for _ in range(RUNS):
        began = time.perf_counter()
        action()
        best = max(best, count / (time.perf_counter() - began))
    return f"{best:,.0f}"


def _switching(twin: PlannerTwin, names: list[str]) -> str:
    """What switching adds to one EXPLAIN."""
    statement, rounds = "SELECT 1", 500
    began = time.perf_counter()
    for _ in range(rounds):
        twin.explain(statement)
    without = time.perf_counter() - began
    began = time.perf_counter()
    for number in range(rounds):
        with twin.configuration(present=[names[number % len(names)]]):
            twin.explain(statement)
    return f"{(time.perf_counter() - began - without) / rounds * 1000:.2f}"


def _enlarged(twin: PlannerTwin, settings: Settings) -> Iterator[tuple[str, str]]:
    """The same twin, with files that many times longer."""
    larger = tuple(replace(each, pages=each.pages * SCALE) for each in twin.source.relations)
    set_lengths(twin._server, DATABASE, replace(twin.source, relations=larger), twin._workshop.ends, settings)  # noqa: SLF001  # a bench
    twin.close()
    apparent = sum(each.pages for each in larger) * 8192 / 1e9
    began = time.perf_counter()
    twin.explain("SELECT count(*) FROM behavior_logs")
    yield f"first EXPLAIN over {apparent:,.0f} GB, ms", f"{(time.perf_counter() - began) * 1000:.0f}"
    yield f"{apparent:,.0f} GB on disk, MB", f"{_megabytes(twin):.0f}"


def _megabytes(twin: PlannerTwin) -> float:
    """What the twin really takes on disk."""
    blocks = 0
    for folder, _, files in os.walk(twin._server.data):  # noqa: SLF001  # a bench
        blocks += sum(Path(folder, name).lstat().st_blocks for name in files)
    return blocks * 512 / 1e6
