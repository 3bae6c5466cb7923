"""The clean-up of indexes on a terminal: what can go first, why, and the SQL to copy."""

from collections import defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgarchitect.recommendations.cleanup_advice import Action, CleanupAdvice, CleanupReport, Suffering
from pgarchitect.report import quantities
from pgarchitect.report.change_title import unqualified
from pgarchitect.report.safe_text import brief, one_line, visible
from pgarchitect.report.schema_words import schema_words

_STYLES = {Action.DROP: "bold green", Action.REINDEX: "bold cyan", Action.LOOK: "yellow"}
_TITLES = {
    Action.DROP: "To be dropped",
    Action.REINDEX: "To be rebuilt",
    Action.LOOK: "To be looked at by a person first",
}
_SHOWN = 3
"""Statements shown for one index; JSON has them all."""
_ALONE = "-- CONCURRENTLY cannot run inside a transaction: run statement by statement, and watch between them."

_MIGRATED = "-- Out of the application's schema as well, each by: pgarchitect schema index 'DROP INDEX …'"


def render_cleanup(report: CleanupReport, console: Console) -> None:
    """Print what a clean-up found."""
    console.print()
    _line(console, f'database "{report.database}" on {report.server}, PostgreSQL {report.server_version}', "bold")
    _line(console, _counted(report), "dim")
    console.print()
    _line(console, _lead(report), "bold green" if report.advice else "bold")
    for warning in report.warnings:
        _item(console, 2, "!", warning, "yellow")
    number = 0
    for action in Action:
        if report.of(action):
            console.print()
            _line(console, _TITLES[action], "bold underline")
            for advice in report.of(action):
                number += 1
                _show(console, number, advice)
    _sql(console, report)
    _spared(console, report)
    console.print()


def _counted(report: CleanupReport) -> str:
    asked = len(report.standbys)
    where = f"the primary and {quantities.plural(asked, 'standby', 'standbys')}" if asked else "this server"
    since = "" if report.counted_since is None else f"since {quantities.moment(report.counted_since)} "
    age = "" if report.age is None else f" ({quantities.span(report.age.total_seconds())})"
    planned = quantities.plural(report.statements, "statement")
    return f"Scans counted {since}on {where}{age}; {planned} planned on a twin; nothing was changed."


def _lead(report: CleanupReport) -> str:
    if not report.advice:
        return f"Nothing to clean up among {quantities.plural(report.indexes, 'index', 'indexes')}."
    told = [
        f"{len(report.of(action))} {word}"
        for action, word in ((Action.DROP, "to drop"), (Action.REINDEX, "to rebuild"), (Action.LOOK, "to look at"))
        if report.of(action)
    ]
    sure = [each.cleanup for each in report.advice if each.action is not Action.LOOK]
    freed = f"; the sure ones free {quantities.size(sum(each.saved_bytes for each in sure))}" if sure else ""
    return (
        f"Of {quantities.plural(report.indexes, 'index', 'indexes')} ({quantities.size(report.size_bytes)}):"
        f" {', '.join(told)}{freed}."
    )


def _show(console: Console, number: int, advice: CleanupAdvice) -> None:
    cleanup = advice.cleanup
    head = Text(f"{number:>3}  ")
    head.append(visible(unqualified(cleanup.index.qualified)), _STYLES[advice.action])
    head.append(f" on {visible(unqualified(cleanup.index.table_name))}: {_figures(advice)}")
    console.print(head)
    for mark, text, style in _told(advice):
        _item(console, 5, mark, text, style)
    for each in advice.suffering[:_SHOWN]:
        told = brief(f"{_dearer(each)}  {each.text}", max(40, console.width - 7))
        console.print(Padding(Text(told, style="dim"), (0, 0, 0, 7), expand=False))
    if len(advice.suffering) > _SHOWN:
        more = f"and {len(advice.suffering) - _SHOWN} more; --format json has them all"
        console.print(Padding(Text(more, style="dim"), (0, 0, 0, 7), expand=False))


def _figures(advice: CleanupAdvice) -> str:
    cleanup = advice.cleanup
    kind = cleanup.candidate.kind.removesuffix("_index")
    if cleanup.saved_bytes != cleanup.size_bytes:
        return (
            f"{kind}, {quantities.size(cleanup.size_bytes)}, of which {quantities.size(cleanup.saved_bytes)} are waste"
        )
    return f"{kind}, {quantities.size(cleanup.size_bytes)}{_writes(advice)}"


def _writes(advice: CleanupAdvice) -> str:
    cleanup = advice.cleanup
    if not cleanup.saved_entries:
        return ", no writes seen"
    if cleanup.saved_per_day is not None:
        return f", {quantities.rows(cleanup.saved_per_day)} index entries a day"
    return f", {quantities.plural(cleanup.saved_entries, 'index entry', 'index entries')} so far"


def _told(advice: CleanupAdvice) -> Iterator[tuple[str, str, str]]:
    cleanup = advice.cleanup
    yield "", cleanup.candidate.reason + _planned(advice), ""
    yield from (("!", each, "yellow") for each in cleanup.concerns)
    yield from (("·", each, "dim") for each in cleanup.notes)
    if advice.in_schema is not None:
        yield "·", f"In {advice.in_schema.path}: {schema_words(advice.in_schema)}.", "dim"


def _planned(advice: CleanupAdvice) -> str:
    if not advice.planned or advice.suffering:
        return ""
    if advice.planned == 1:
        return " The one statement on its table is planned no dearer without it."
    return f" None of {advice.planned:,} statements on its table is planned notably dearer without it."


def _dearer(each: Suffering) -> str:
    before, after = quantities.significant(each.cost_before), quantities.significant(each.cost_after)
    return f"cost {before} → {after}"


def _sql(console: Console, report: CleanupReport) -> None:
    sure = [each for each in report.advice if each.action is not Action.LOOK]
    if not report.advice:
        return
    console.print()
    _line(console, "SQL to copy", "bold underline")
    _copy(console, _ALONE, "dim")
    for each in sure:
        _copy(console, each.cleanup.candidate.sql)
    if any(each.in_schema is not None for each in sure):
        _copy(console, _MIGRATED, "dim")
    for each in report.of(Action.LOOK):
        _copy(console, f"-- look first: {each.cleanup.candidate.sql}", "dim")
    for each in report.advice:
        for line in each.cleanup.candidate.rollback_sql.splitlines():
            if not line.startswith("--"):
                _copy(console, f"-- undo: {line}", "dim")


def _spared(console: Console, report: CleanupReport) -> None:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for each in report.spared:
        by_reason[each.reason].append(unqualified(each.index.qualified))
    if by_reason:
        console.print()
        _line(console, f"Left alone: {quantities.plural(len(report.spared), 'index', 'indexes')}", "bold underline")
    for reason, names in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        console.print(Text(one_line(f"{len(names):>4} {quantities.TIMES} {reason}")))
        named = brief(", ".join(names), max(40, console.width - 8))
        console.print(Padding(Text(named, style="dim"), (0, 0, 0, 7), expand=False))


def _item(console: Console, indent: int, mark: str, text: str, style: str) -> None:
    """A text with a mark in front of it and its lines below each other."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    if mark:
        table.add_row(Text(mark, style=style), Text(one_line(text), style=style))
    else:
        table.add_row(Text(one_line(text), style=style))
    console.print(Padding(table, (0, 0, 0, indent), expand=False))


def _line(console: Console, text: str, style: str) -> None:
    console.print(Text(one_line(text), style=style))


def _copy(console: Console, line: str, style: str = "") -> None:
    console.print(Text(visible(line), style=style), soft_wrap=True)
