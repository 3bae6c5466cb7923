"""How long each step of an audit takes, on the sample application on an embedded server of its own."""

import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from examples.edfinance import generate, workload
from pgarchitect.architect import AuditRequest, run_audit
from pgarchitect.postgres.embedded import destroy, embedded_server, ensure_database
from pgarchitect.recommendations.audit import StepTime
from pgarchitect.report.progress import Progress
from pgarchitect.settings import Settings
from pgarchitect.workload.pg_stat_statements import Filters

RUNS: Final = 3
SCALE: Final = 1.0


def run(console: Console) -> None:
    """Audit the sample several times, each time as if for the first, and print the median and range of each step."""
    with tempfile.TemporaryDirectory(prefix="pgarchitect-bench-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another account, which must reach its files
        settings = Settings(data_dir=Path(folder) / "home", home_url=None)
        try:
            steps = _measure(settings)
        finally:
            destroy(settings, force=True)
    console.print(_table(steps))


def _measure(settings: Settings) -> dict[str, list[StepTime]]:
    found: dict[str, list[StepTime]] = defaultdict(list)
    with embedded_server(settings) as server:
        url = ensure_database(server, "edfinance", ["pg_stat_statements"])
        generate.load(url, SCALE)
        workload.run(url)
        home = ensure_database(server, "pgarchitect", ["vector"])
        request = AuditRequest(url, "embedded server", home, url, "itself", Filters(min_mean_ms=0.2), reconsider=True)
        for _ in range(RUNS):
            for step in run_audit(request, settings, Progress(quiet=True)).steps:
                found[step.name].append(step)
    return found


def _table(steps: dict[str, list[StepTime]]) -> Table:
    table = Table(title=f"Audit of the sample at scale {SCALE:g}, {RUNS} runs", box=None, title_justify="left")
    table.add_column("Step")
    for name in ("Median, s", "Range, s"):
        table.add_column(name, justify="right")
    table.add_column("Count in the last run")
    for name, times in steps.items():
        seconds = [each.seconds for each in times]
        span = f"{min(seconds):.3f} to {max(seconds):.3f}"
        table.add_row(name, f"{statistics.median(seconds):.3f}", span, times[-1].count)
    return table
