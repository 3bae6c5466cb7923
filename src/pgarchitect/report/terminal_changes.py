"""The changes on a terminal: those proposed, those of earlier audits, those rejected, and their SQL to copy."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.report import quantities, wording
from pgarchitect.report.change_title import change_title
from pgarchitect.report.figures import in_force, known, main_evidence, proposed, recommendation_share, rejected
from pgarchitect.report.rejections import by_reason
from pgarchitect.report.safe_text import brief, one_line
from pgarchitect.report.sql_text import script_lines

_STYLES = {
    Verdict.APPLY: "bold green",
    Verdict.REVIEW: "bold cyan",
    Verdict.LOG: "yellow",
    Verdict.HUMAN: "bold magenta",
    Verdict.UNPROVEN: "yellow",
    Verdict.REJECTED: "red",
}
_FITTING = 0.9
"""Part of the titles that must fit beside their figures; the few longer ones are folded."""
_COLUMNS = ("Verdict", "Before → after", "Gain", "Confidence", "Saves")
_SAVES = "Saves: part of the time of all statements. Changes that help the same statement do not add up."


def proposals(audit: Audit, width: int) -> RenderableType:
    """The proposed changes with their figures: a line each, or two where most do not fit on one."""
    items = proposed(audit)
    rows = [_figures(item, audit) for item in items]
    widths = [max(map(cell_len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    titles = sorted(cell_len(change_title(item.candidate)) for item in items)
    needed = len(f"{len(items)}  ") + titles[int(_FITTING * (len(titles) - 1))] + sum(2 + each for each in widths)
    table = _one_line_each(items, rows) if needed <= width else _two_lines_each(items, rows, widths)
    notes = [_SAVES] if any(item.saved_ms > 0 for item in items) else []
    notes += [f"Less sure ({_ranks(ranks)}): {one_line(doubt)}" for doubt, ranks in wording.doubted(audit).items()]
    return Group(table, *(Padding(Text(note, style="dim"), (1, 0, 0, 0), expand=False) for note in notes))


def _one_line_each(items: Sequence[Recommendation], rows: Sequence[tuple[str, ...]]) -> Table:
    table = _table()
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Change", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "Verdict" else "right", no_wrap=True)
    for rank, (item, (verdict, *figures)) in enumerate(zip(items, rows, strict=True), 1):
        table.add_row(str(rank), Text(change_title(item.candidate)), Text(verdict, _STYLES[item.verdict]), *figures)
    return table


def _two_lines_each(items: Sequence[Recommendation], rows: Sequence[tuple[str, ...]], widths: Sequence[int]) -> Table:
    table = _table()
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(Text("Change\n") + _aligned(_COLUMNS, widths), overflow="fold")
    for rank, (item, row) in enumerate(zip(items, rows, strict=True), 1):
        figures = _aligned(row, widths)
        figures.stylize(_STYLES[item.verdict], 0, len(row[0]))
        table.add_row(str(rank), Text(change_title(item.candidate)) + Text("\n") + figures)
    return table


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> Text:
    first, *others = (" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    right = "".join(f"  {blanks}{cell}" for cell, blanks in zip(cells[1:], others, strict=True))
    return Text(f"{cells[0]}{first}{right}")


def _figures(item: Recommendation, audit: Audit) -> tuple[str, ...]:
    evidence = main_evidence(item)
    if evidence is None:
        times = quantities.NOTHING
    elif evidence.after is None:
        times = wording.measured(evidence.before)
    else:
        times = f"{wording.measured(evidence.before)} → {wording.measured(evidence.after)}"
    saved = quantities.share(recommendation_share(item, audit)) if item.saved_ms > 0 else quantities.NOTHING
    return item.verdict.value, times, wording.recommendation_gain(item), quantities.share(item.confidence), saved


def sql_to_copy(audit: Audit, console: Console) -> None:
    """Print the SQL of the proposals by verdict, without indentation or line breaks of ours."""
    ranked = sorted(enumerate(proposed(audit), 1), key=lambda pair: list(Verdict).index(pair[1].verdict))
    for verdict, group in groupby(ranked, _verdict):
        console.print()
        members = list(group)
        shared, own = _steps([item for _, item in members])
        ranks = _ranks([rank for rank, _ in members])
        _copy(console, f"-- {verdict.value} ({ranks}): {shared or wording.VERDICT_MEANING[verdict]}", "dim")
        for (rank, _), step in zip(members, own, strict=True):
            if step:
                _copy(console, f"-- {rank}: {step}", "dim")
        _script(console, [item for _, item in members])


def _steps(items: Sequence[Recommendation]) -> tuple[str, list[str]]:
    """The last sentence of the next steps where all share it, and what each says beside it."""
    sentences = [one_line(item.next_step).rpartition(". ") for item in items]
    if len({last for _, _, last in sentences}) > 1:
        return "", [one_line(item.next_step) for item in items]
    return sentences[0][2], [f"{first}." if first else "" for first, _, _ in sentences]


def _verdict(ranked: tuple[int, Recommendation]) -> Verdict:
    return ranked[1].verdict


def _ranks(ranks: Sequence[int]) -> str:
    """``1 to 22`` where none is missing, else all of them."""
    if len(ranks) > 2 and ranks[-1] - ranks[0] == len(ranks) - 1:
        return f"{ranks[0]} to {ranks[-1]}"
    return ", ".join(map(str, ranks))


def _script(console: Console, items: Sequence[Recommendation]) -> None:
    for line in script_lines(tuple(items)):
        _copy(console, line, "dim" if line.startswith("--") else "")


def _copy(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style=style), soft_wrap=True)


def earlier(audit: Audit) -> Table:
    """The changes that earlier audits recorded, a line each, under what they wait for."""
    table = _table()
    table.add_column("  Change", overflow="fold")
    for name in ("Gain then", "Recorded"):
        table.add_column(name, justify="right", no_wrap=True)
    for state, group in groupby(known(audit), wording.known_state):
        members = list(group)
        table.add_row(Text(f"{state} ({len(members)})", style="bold"), "", "")
        for row in _known_rows(members):
            table.add_row(*row)
    return table


def _known_rows(members: Sequence[Recommendation]) -> Iterator[tuple[RenderableType, ...]]:
    for item in members:
        source = item.known_from
        if source is not None:
            gain = quantities.NOTHING if source.gain_percent is None else quantities.percent(source.gain_percent)
            yield (
                Padding(Text(change_title(item.candidate)), (0, 0, 0, 2), expand=False),
                gain,
                f"{source.recorded_at:%Y-%m-%d}",
            )


def earlier_sql(audit: Audit, console: Console) -> None:
    """Print the SQL of what earlier audits proposed and is not in force."""
    missing = [item for item in known(audit) if not in_force(item)]
    if missing:
        console.print()
        _script(console, missing)


def rejections(audit: Audit, width: int) -> Group:
    """How many changes were rejected for which reason, with the first of each."""
    lines: list[RenderableType] = []
    for group in by_reason(rejected(audit)):
        lines.append(Text(f"{len(group.changes):>4} {quantities.TIMES} {brief(group.reason, width - 8)}"))
        named = "; ".join(change_title(item.candidate) for item in group.changes)
        lines.append(Padding(Text(brief(named, width - 8), style="dim"), (0, 0, 0, 7), expand=False))
    lines.append(Text("       The HTML and JSON reports list each with its figures.", style="dim"))
    return Group(*lines)


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
