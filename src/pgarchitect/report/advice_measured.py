"""What real runs said of an advised set of indexes, as a person reads it, and as a program does."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.measured import Change, Measured, MeasuredStatement, State
from pgarchitect.report import quantities
from pgarchitect.report.safe_text import brief, one_line

_FIGURES = 62
"""Characters that the figures beside a statement take at most."""


def verdict(measured: Measured) -> str:
    """The measured gain beside the planner's, in a sentence or two."""
    if not measured.whole:
        return f"Measured on {measured.sandbox}: nothing, since no statement could be run to its end."
    before, after = measured.ms
    was, now = measured.cost
    cpu = measured.cpu_ms
    processor = f" and {_less(*cpu)} processor time" if cpu else ""
    return (
        f"Measured on {measured.sandbox}: {_less(before, after)} time{processor} for the"
        f" {quantities.plural(len(measured.whole), 'statement')} that were run, where its planner expects"
        f" {_less(was, now)} cost."
    )


def _less(before: float, after: float) -> str:
    saved = 1 - after / before if before > 0 else 0.0
    return f"{quantities.share(abs(saved))} {'less' if saved >= 0 else 'more'}"


def shown(advice: Advice, measured: Measured, console: Console) -> None:
    """Print what was measured: each statement whose plan changed, what went, and what was not run."""
    for line in _removed(measured):
        console.print(line)
    texts = {each.number: each.text for each in advice.statements}
    changed = [each for each in measured.statements if each.change is not Change.SAME]
    if changed:
        console.print()
        console.print(_table(changed, texts, console.width))
    same = len(measured.statements) - len(changed)
    if same:
        console.print(Text(f"{quantities.plural(same, 'statement')} keep their plans.", style="dim"))
    for number, reason in measured.not_run.items():
        console.print(Text(f"Statement {number} was not measured. {one_line(reason)}", style="yellow"))


def _removed(measured: Measured) -> Iterator[Text]:
    for index in measured.removed:
        yield Text(f"Taken out after real runs: {one_line(index.ddl)}", style="bold")
        yield Text(f"    {one_line(index.reason)}")
    for name in measured.added:
        yield Text(f"Put in after real runs: {one_line(name)}, for a statement that the others had made slower.")


def _table(changed: list[MeasuredStatement], texts: dict[int, str], width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("", "Before", "After", "", "Processor", "Blocks"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Measured", no_wrap=True, overflow="ellipsis")
    for each in changed:
        style = "red" if each.change is Change.SLOWER else "" if each.change is Change.FASTER else "dim"
        table.add_row(*_row(each), Text(brief(texts[each.number], max(20, width - _FIGURES))), style=style)
    return table


def _row(each: MeasuredStatement) -> tuple[str, ...]:
    before, after = each.before, each.after
    return (
        str(each.number),
        _time(before),
        _time(after),
        _percent(before.ms, after.ms),
        _percent(before.cpu_ms, after.cpu_ms),
        _percent(before.blocks, after.blocks),
    )


def _time(state: State) -> str:
    return f"{'> ' if state.ended else ''}{quantities.duration(state.ms)}"


def _percent(before: float | None, after: float | None) -> str:
    if before is None or after is None or before <= 0:
        return quantities.NOTHING
    return f"{100 * (after / before - 1):+.0f} %"


def measured_json(measured: Measured) -> dict[str, Any]:
    """As docs/advise.md explains it."""
    before, after = measured.ms
    cost_before, cost_after = measured.cost
    cpu = measured.cpu_ms
    return {
        "sandbox": measured.sandbox,
        "ms_before": before,
        "ms_after": after,
        "cpu_ms_before": cpu[0] if cpu else None,
        "cpu_ms_after": cpu[1] if cpu else None,
        "cost_before": cost_before,
        "cost_after": cost_after,
        "measured_gain": _gain(before, after),
        "planner_gain": _gain(cost_before, cost_after),
        "statements": [_statement(each) for each in measured.statements],
        "not_run": [{"number": number, "reason": reason} for number, reason in measured.not_run.items()],
        "indexes": [
            {"name": each.name, "size_bytes": each.size_bytes, "build_ms": each.build_ms} for each in measured.built
        ],
        "removed": [{"name": each.name, "ddl": each.ddl, "reason": each.reason} for each in measured.removed],
        "added": list(measured.added),
        "seconds": measured.seconds,
        "warnings": list(measured.warnings),
    }


def _gain(before: float, after: float) -> float | None:
    return 1 - after / before if before > 0 else None


def _statement(each: MeasuredStatement) -> dict[str, Any]:
    return {
        "number": each.number,
        "weight": each.weight,
        "parameters": list(each.parameters),
        "rounds": each.rounds,
        "change": each.change.value,
        "before": _state(each.before),
        "after": _state(each.after),
        "indexes": list(each.indexes),
    }


def _state(state: State) -> dict[str, Any]:
    return {
        "ms": state.ms,
        "least_ms": state.least_ms,
        "most_ms": state.most_ms,
        "cpu_ms": state.cpu_ms,
        "blocks": state.blocks,
        "cost": state.cost,
        "ended": state.ended,
    }
