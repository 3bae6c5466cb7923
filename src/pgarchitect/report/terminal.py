"""The audit on a terminal: what to do first, then why, readable at 80 columns and without colour."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.recommendations.audit import Audit
from pgarchitect.report import quantities, wording
from pgarchitect.report.figures import Figures, figures, known, proposed, rejected, without_proposal
from pgarchitect.report.safe_text import brief, one_line
from pgarchitect.report.terminal_changes import (
    earlier,
    earlier_sql,
    proposals,
    rejections,
    sql_to_copy,
)
from pgarchitect.report.terminal_schema import schema_title, schema_to_copy


def render(audit: Audit, console: Console) -> None:
    """Print the whole report of an audit to ``console``."""
    numbers = figures(audit)
    _headline(audit, numbers, console)
    if audit.warnings:
        console.print()
        console.print(Group(*(_item("!", warning, "yellow") for warning in audit.warnings)))
    if numbers.slower:
        _section(console, "Slower with the changes", _slower(audit, numbers, console.width))
    if proposed(audit):
        _section(console, "What to do", proposals(audit, console.width))
        _section(console, "SQL to copy", None)
        sql_to_copy(audit, console)
    if known(audit):
        _section(console, "Found by earlier audits, so not proposed again", earlier(audit))
        earlier_sql(audit, console)
    if title := schema_title(audit):
        _section(console, title, None)
        schema_to_copy(audit, console)
    if rejected(audit):
        _section(
            console,
            f"Tried and rejected: {quantities.plural(numbers.rejected, 'change')}",
            rejections(audit, console.width),
        )
    if without_proposal(audit):
        _section(console, "Statements without a proposal", _without(audit, console.width))
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
    table.add_column(overflow="fold")
    for name, told in _key_figures(audit, numbers):
        table.add_row(name, Text(told))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _key_figures(audit: Audit, numbers: Figures) -> Iterator[tuple[str, str]]:
    yield "Statements", f"{numbers.slow} slow ones of {numbers.seen:,} seen, {wording.covered(numbers)}"
    if numbers.proposed or not numbers.known:
        yield "Proposals", f"{numbers.proposed}, of which {numbers.proven} proven by real runs"
    if numbers.known:
        yield "Earlier", wording.earlier(numbers)
    if numbers.proven:
        yield "Saved", _saved(numbers)
    if numbers.proposed or numbers.rejected:
        yield "Proven on", one_line(audit.proven_on) if audit.proven_on else "nothing was run"
    if audit.twin:
        yield "Planner twin", _twin(audit.twin)


def _twin(use: TwinUse) -> str:
    was = "was" if use.screened == 1 else "were"
    spared = f"{quantities.plural(use.screened, 'change')} {was} not worth real runs; " if use.screened else ""
    return (
        f"{spared}read {quantities.size(use.bytes_read)} of the database"
        f" in {quantities.plural(use.statements, 'statement')}"
    )


def _took(audit: Audit) -> str:
    return (
        f"took {quantities.span(audit.seconds) if audit.seconds >= 1 else quantities.duration(audit.seconds * 1_000)}"
    )


def _saved(numbers: Figures) -> str:
    return (
        f"{quantities.share(numbers.saved_share)} of execution time: "
        f"{quantities.duration(numbers.saved_ms)} of {quantities.duration(numbers.total_ms)}"
    )


def _section(console: Console, title: str, body: RenderableType | None) -> None:
    console.print()
    console.print(Text(title, style="bold underline"))
    if body is not None:
        console.print(body)


def _plain_table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))


def _without(audit: Audit, width: int) -> Group:
    lines: list[RenderableType] = []
    for finding in without_proposal(audit):
        share = quantities.share(finding.statement.share).rjust(7)
        lines.append(Text(f"{share}  {brief(finding.statement.text, width - 10)}"))
        reason = finding.note or f"{finding.outcome.value.capitalize()}."
        lines.append(Padding(Text(one_line(reason), style="dim"), (0, 0, 0, 9), expand=False))
    return Group(*lines)


def _slower(audit: Audit, numbers: Figures, width: int) -> Group:
    lines: list[RenderableType] = [_item("!", wording.slower(numbers), "yellow")]
    for item in numbers.slower:
        lines.append(_below(brief(f"{wording.change_of_share(item)}  {item.finding.statement.text}", width - 4)))
        if names := wording.slowed_by(item, audit):
            lines.append(_below(brief(f"its plan then uses {names}", width - 4)))
    return Group(*lines)


def _item(mark: str, text: str, style: str = "") -> Table:
    table = _plain_table()
    table.padding = (0, 1, 0, 0)
    table.add_row(Text(f"  {mark}", style=style), Text(one_line(text)))
    return table


def _below(text: str) -> Padding:
    return Padding(Text(one_line(text), style="dim"), (0, 0, 0, 4), expand=False)
