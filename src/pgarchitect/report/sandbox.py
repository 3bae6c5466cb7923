"""Sandboxes as a person reads of them, and as a program does."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgarchitect.report import quantities
from pgarchitect.report.safe_text import one_line, visible
from pgarchitect.sandbox.made import CopiedTable, Made
from pgarchitect.sandbox.sandbox import Sandbox
from pgarchitect.twin.limits import lacks

SCHEMA_VERSION: Final = "1"
"""Raised when a field is removed, renamed or given another meaning."""
_NEEDLESS: Final = re.compile(r'"([a-z_][a-z0-9_]*)"')
_MOST: Final = 20
"""Tables that are listed on the terminal, the largest first."""


def render(made: Made, console: Console) -> None:
    """Tell of a new sandbox."""
    console.print()
    console.print(Text(_lead(made), style="bold green"))
    console.print(_tables(made.tables))
    if len(made.tables) > _MOST:
        console.print(Text(f"and {len(made.tables) - _MOST} smaller tables; --format json lists them.", style="dim"))
    for warning in (*made.warnings, *lacks(made.left_out, made.missing, called="sandbox")):
        console.print(Text(f"! {_plain(one_line(warning))}", style="yellow"))
    console.print()
    console.print(
        Text(f"The source's rows are now below {made.place}; pgarchitect sandbox drop {made.name} removes them.")
    )
    for line in _use(made):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _lead(made: Made) -> str:
    about = made.about
    share = "a whole copy" if about.share == 1 else f"a sample of {quantities.percent(100 * about.share)}"
    seconds, reading = (quantities.duration(1_000 * each) for each in (made.seconds, made.seconds_reading))
    return (
        f'Sandbox "{made.name}": {share} of {about.source}, {quantities.size(made.size_bytes)} of'
        f" {quantities.size(made.source_bytes)}, on PostgreSQL {about.version}; made in {seconds}, the source was"
        f" read for {reading}."
    )


def _use(made: Made) -> Iterator[str]:
    yield f'Use it with: pgarchitect audit "$DSN" --sandbox {made.name}'
    yield f"Its DSN:     {visible(made.dsn)}"


def _tables(tables: Sequence[CopiedTable]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Table", no_wrap=True, overflow="ellipsis")
    for title in ("Rows", "of"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Which")
    for each in sorted(tables, key=lambda each: (-each.of, each.name))[:_MOST]:
        about = "" if each.whole else "about "
        table.add_row(_plain(each.name), f"{each.rows:,}", f"{about}{each.of:,}", _plain(_which(each)))
    return table


def _which(each: CopiedTable) -> str:
    if each.whole:
        return "all"
    drawn = f"those of {each.follows}" if each.follows else "by a hash of its key"
    return f"{drawn}; {each.referred:,} since others refer to them" if each.referred else drawn


def _plain(text: str) -> str:
    """Names without quotes where they need none."""
    return _NEEDLESS.sub(r"\1", text)


def render_list(found: Sequence[Sandbox], console: Console) -> None:
    """Tell of all sandboxes."""
    if not found:
        console.print("There is no sandbox; `pgarchitect sandbox create` makes one.", markup=False, highlight=False)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Name", "Rows of the source", "Rows", "Size", "PostgreSQL", "Made"):
        table.add_column(title, justify="right" if title in {"Rows", "Size"} else "left")
    table.add_column("Copy of", overflow="fold")
    for each in found:
        about = each.description
        share = "all" if about.share == 1 else quantities.percent(100 * about.share)
        size = quantities.size(each.size_bytes)
        made = quantities.moment(about.made)
        table.add_row(each.name, share, f"{about.rows:,}", size, about.version, made, one_line(about.source))
    console.print(table)


def to_json(made: Made) -> str:
    """A new sandbox for programs; docs/sandbox.md lists the fields."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "name": made.name,
        "dsn": made.dsn,
        "directory": str(made.place),
        "source": made.about.source,
        "version": made.about.version,
        "made": made.about.made.isoformat(),
        "share": made.about.share,
        "rows": made.about.rows,
        "size_bytes": made.size_bytes,
        "source_size_bytes": made.source_bytes,
        "seconds": made.seconds,
        "seconds_reading": made.seconds_reading,
        "tables": [_table(each) for each in made.tables],
        "left_out": [{"name": each.name, "reason": each.reason} for each in made.left_out],
        "missing": list(made.missing),
        "warnings": list(made.warnings),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _table(each: CopiedTable) -> dict[str, Any]:
    return {
        "name": each.name,
        "rows": each.rows,
        "rows_of_source": each.of,
        "whole": each.whole,
        "referred": each.referred,
        "follows": each.follows or None,
    }


def list_to_json(found: Sequence[Sandbox]) -> str:
    """All sandboxes for programs."""
    sandboxes = [
        {
            "name": each.name,
            "dsn": each.dsn,
            "directory": str(each.home.root),
            "source": each.description.source,
            "version": each.description.version,
            "made": each.description.made.isoformat(),
            "share": each.description.share,
            "rows": each.description.rows,
            "size_bytes": each.size_bytes,
            "running": each.is_running,
        }
        for each in found
    ]
    return json.dumps({"schema_version": SCHEMA_VERSION, "sandboxes": sandboxes}, ensure_ascii=False, indent=2)
