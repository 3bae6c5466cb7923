"""``make bench-advisor``: compare index advisors on TPC-H, TPC-DS and the sample application, and write the page."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.advisor.answers import peer
from benchmarks.advisor.chart import chart
from benchmarks.advisor.contest import Contest, hold
from benchmarks.advisor.edfinance import edfinance
from benchmarks.advisor.machine import load, machine
from benchmarks.advisor.page import PAGE, between_markers, part
from benchmarks.advisor.server import bench_server, drop_database, new_database
from benchmarks.advisor.subject import Lab, Subject, first
from benchmarks.advisor.tpcds import tpcds
from benchmarks.advisor.tpch import tpch
from pgarchitect.errors import PgArchitectError
from pgarchitect.settings import Settings
from pgarchitect.workload.statement_file import statements_of

SUBJECTS: Final[dict[str, Callable[[float], Subject]]] = {"tpch": tpch, "tpcds": tpcds, "edfinance": edfinance}


def main(words: Sequence[str]) -> int:
    """Run what the command line names; the exit code."""
    given = _options().parse_args(words)
    console = Console(soft_wrap=True)
    try:
        peers = [peer(name, _ddl(file)) for name, _, file in (each.partition("=") for each in given.peer)]
        with bench_server(given.programs) as (server, settings):
            for name in given.subjects or SUBJECTS:
                subject = SUBJECTS[name](given.scale)
                subject = subject if given.first is None else first(subject, given.first)
                console.rule(subject.title)
                url = new_database(server, name)
                before = load()
                console.print("load")
                subject.load(url, settings)
                if given.serve:
                    _serve(console, subject, url, settings)
                else:
                    lab = Lab(url, settings, _teller(console))
                    found = hold(subject, lab, peers if name == "tpch" else [], given.rounds)
                    _tell(
                        console,
                        found,
                        f"{machine(server.version)}; load average {before} before, {load()} after",
                        given.page,
                    )
                drop_database(server, name)
    except PgArchitectError as error:
        console.print(str(error), style="red", markup=False)
        return error.exit_code
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.advisor", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], help="which; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="scale factor; budgets shrink with it")
    parser.add_argument("--programs", type=Path, help="directory of another PostgreSQL's programs")
    parser.add_argument("--first", type=int, metavar="N", help="only the first statements: does everything work?")
    parser.add_argument(
        "--rounds", type=int, default=5, help="real runs of each statement that count; 0: no statement is executed"
    )
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=FILE", help="another program's indexes")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page that is written")
    parser.add_argument("--serve", action="store_true", help="load, tell the address, and wait: for other programs")
    return parser


def _ddl(file: str) -> list[str]:
    return [each.text for each in statements_of(Path(file).read_text(encoding="utf-8"))]


def _tell(console: Console, found: Contest, where: str, page: Path) -> None:
    """Write the page's part and the picture, and show the part."""
    image = f"images/advisor-{found.subject.name}.svg"
    said = part(found, f"Measured {where}", image)
    page.write_text(between_markers(page.read_text(encoding="utf-8"), found.subject.name, said), encoding="utf-8")
    (page.parent / image).parent.mkdir(exist_ok=True)
    (page.parent / image).write_text(chart(found.measured, found.before), encoding="utf-8")
    console.print(said, markup=False)


def _teller(console: Console) -> Callable[[str], None]:
    began = time.monotonic()
    return lambda step: console.print(f"{time.monotonic() - began:7.1f} s  {step}", markup=False)


def _serve(console: Console, subject: Subject, url: str, settings: Settings) -> None:
    statements = subject.wanted(url, settings)
    file = Path(f"{subject.name}.sql").absolute()
    file.write_text("\n".join(f"-- weight: {each.weight:g}\n{each.text};\n" for each in statements), encoding="utf-8")
    console.print(f"{url}\n{file}\nCtrl-C ends it.", markup=False)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(60)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
