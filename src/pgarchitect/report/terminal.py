"""The audit on a terminal: what to do first, then why, readable at 80 columns and without colour."""

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.report import quantities, wording
from pgarchitect.report.change_title import change_title
from pgarchitect.report.figures import (
    Figures,
    figures,
    known,
    main_evidence,
    proposed,
    recommendation_share,
    rejected,
    without_proposal,
)
from pgarchitect.report.safe_text import brief, one_line, visible

_STYLES = {
    Verdict.APPLY: "bold green",
    Verdict.REVIEW: "bold cyan",
    Verdict.LOG: "yellow",
    Verdict.HUMAN: "bold magenta",
    Verdict.UNPROVEN: "yellow",
    Verdict.REJECTED: "red",
}
_WIDE = 110
_MOST_REJECTED = 6
"""Rejected changes that are listed; the other reports list all of them."""


def render(audit: Audit, console: Console) -> None:
    """Print the whole report of an audit to ``console``."""
    numbers = figures(audit)
    _headline(audit, numbers, console)
    if proposed(audit):
        _section(console, "What to do", _proposals(audit, wide=console.width >= _WIDE))
        _sql(audit, console)
    if known(audit):
        _section(console, "Known from memory, so not proposed again", _known(audit, console.width))
    if rejected(audit):
        _section(console, "Tried and rejected", _rejected(audit))
    if without_proposal(audit):
        _section(console, "Statements without a proposal", _without(audit, console.width))
    if numbers.slower:
        _section(console, "Slower with the changes", _slower(numbers, console.width))
    if audit.warnings:
        _section(console, "Warnings", Group(*(_item("!", warning, "yellow") for warning in audit.warnings)))
    console.print()


def _headline(audit: Audit, numbers: Figures, console: Console) -> None:
    console.print()
    console.print(Text(one_line(wording.where(audit)), style="bold"))
    console.print(Text(f"Audit of {quantities.moment(audit.started_at)}, {_took(audit)}", style="dim"))
    console.print()
    console.print(Text(wording.lead(numbers), style="bold green" if numbers.proven else "bold"))
    console.print()
    table = _plain_table()
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("Statements", f"{numbers.slow} slow ones of {numbers.seen:,} seen, {wording.covered(numbers)}")
    table.add_row("Proposals", f"{numbers.proposed}, of which {numbers.proven} proven by real runs")
    table.add_row("Saved", _saved(numbers))
    table.add_row("Proven on", Text(one_line(audit.proven_on)) if audit.proven_on else "nothing was run")
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _took(audit: Audit) -> str:
    return (
        f"took {quantities.span(audit.seconds) if audit.seconds >= 1 else quantities.duration(audit.seconds * 1_000)}"
    )


def _saved(numbers: Figures) -> str:
    return (
        f"{quantities.share(numbers.saved_share)} of execution time: "
        f"{quantities.duration(numbers.saved_ms)} of {quantities.duration(numbers.total_ms)}"
    )


def _section(console: Console, title: str, body: RenderableType) -> None:
    console.print()
    console.print(Text(title, style="bold underline"))
    console.print(body)


def _plain_table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))


def _proposals(audit: Audit, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Change", overflow="fold", ratio=None)
    table.add_column("Before → after", justify="right", no_wrap=wide)
    table.add_column("Gain", justify="right", no_wrap=True)
    table.add_column("Sure" if not wide else "Confidence", justify="right", no_wrap=True)
    table.add_column("Saves" if not wide else "Saves of all time", justify="right", no_wrap=True)
    for rank, item in enumerate(proposed(audit), 1):
        table.add_row(*_proposal(rank, item, audit))
    return table


def _proposal(rank: int, item: Recommendation, audit: Audit) -> tuple[RenderableType, ...]:
    evidence = main_evidence(item)
    times = (
        f"{wording.measured(evidence.before)} → {wording.measured(evidence.after)}"
        if evidence is not None
        else quantities.NOTHING
    )
    return (
        str(rank),
        Text(item.verdict.value, style=_STYLES[item.verdict]),
        Text(change_title(item.candidate)),
        times,
        wording.recommendation_gain(item),
        quantities.share(item.confidence),
        quantities.share(recommendation_share(item, audit)) if item.saved_ms > 0 else quantities.NOTHING,
    )


def _sql(audit: Audit, console: Console) -> None:
    """Print the SQL without indentation or line breaks of ours, so that it can be copied as it stands."""
    console.print()
    console.print(Text("SQL to copy", style="bold underline"))
    for rank, item in enumerate(proposed(audit), 1):
        if rank > 1:
            console.print()
        _copy(console, f"-- {rank} {item.verdict.value}: {one_line(item.next_step)}", "dim")
        _copy(console, terminated(visible(item.candidate.sql)))
        _copy(console, f"-- undo: {terminated(one_line(item.candidate.rollback_sql))}", "dim")


def terminated(sql: str) -> str:
    """SQL that ends with exactly one semicolon."""
    return sql.rstrip().rstrip(";") + ";"


def _copy(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style=style), soft_wrap=True)


def _known(audit: Audit, width: int) -> Group:
    lines: list[RenderableType] = []
    for item in known(audit):
        source = item.known_from
        if source is None:
            continue
        gain = f", gain {quantities.percent(source.gain_percent)}" if source.gain_percent is not None else ""
        applied = f"in place since {quantities.day(source.applied_at)}" if source.applied_at else "not in place yet"
        told = (
            f"{quantities.day(source.recorded_at)}: {source.verdict.value}{gain}; "
            f"similarity {source.similarity:.2f}; log entry {source.log_id}; {applied}"
        )
        lines.append(_item("·", change_title(item.candidate)))
        lines.append(_below(told))
        lines.append(_below(brief(item.statement.text, width - 4)))
    return Group(*lines)


def _rejected(audit: Audit) -> Group:
    lines: list[RenderableType] = []
    for item in rejected(audit)[:_MOST_REJECTED]:
        lines.append(_item("·", f"{change_title(item.candidate)} ({_gain(item)})"))
        lines.append(_below(item.next_step))
    more = len(rejected(audit)) - _MOST_REJECTED
    if more > 0:
        lines.append(_item("·", f"and {more} more, listed in the HTML and JSON reports"))
    return Group(*lines)


def _gain(item: Recommendation) -> str:
    return f"gain {wording.recommendation_gain(item)}" if item.gain_percent is not None else "not measured"


def _without(audit: Audit, width: int) -> Group:
    lines: list[RenderableType] = []
    for finding in without_proposal(audit):
        share = quantities.share(finding.statement.share).rjust(7)
        lines.append(Text(f"{share}  {brief(finding.statement.text, width - 10)}"))
        reason = finding.note or f"{finding.outcome.value.capitalize()}."
        lines.append(Padding(Text(one_line(reason), style="dim"), (0, 0, 0, 9), expand=False))
    return Group(*lines)


def _slower(numbers: Figures, width: int) -> Group:
    lines = [f"{wording.change_of_share(item)}  {item.finding.statement.text}" for item in numbers.slower]
    return Group(_item("!", wording.slower(numbers), "yellow"), *(_below(brief(line, width - 4)) for line in lines))


def _item(mark: str, text: str, style: str = "") -> Table:
    table = _plain_table()
    table.padding = (0, 1, 0, 0)
    table.add_row(Text(f"  {mark}", style=style), Text(one_line(text)))
    return table


def _below(text: str) -> Padding:
    return Padding(Text(one_line(text), style="dim"), (0, 0, 0, 4), expand=False)
