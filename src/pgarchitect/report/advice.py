"""An advice as a person reads it, and as a program does."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgarchitect.recommendations.advice import Advice, AdvisedIndex, AdvisedStatement
from pgarchitect.report import quantities
from pgarchitect.report.advice_measured import measured_json, shown, verdict
from pgarchitect.report.safe_text import brief, one_line
from pgarchitect.report.schema_words import dropped_json, schema_json, schema_words

SCHEMA_VERSION = "1"
_UNITS = {"cost": "cost", "ms": "time"}
_UNCHANGED = 0.005
"""A statement whose cost changes by less is not listed."""
_FIGURES = 40
"""Characters that the figures beside a statement take at most."""


def render(advice: Advice, console: Console) -> None:
    """Print an advice."""
    console.print()
    console.print(Text(_lead(advice), style="bold green" if advice.indexes else "bold"))
    _preamble(advice, console)
    if not _none_planned(advice):
        console.print(Text(_search(advice), style="dim"))
    for number, index in enumerate(advice.indexes, start=1):
        console.print()
        for line in _index(number, index, advice):
            console.print(line)
    console.print()
    for line in _refused(advice):
        console.print(line)
    if any(map(_changes, advice.statements)):
        console.print(_statements(advice, console.width))
    same = sum(not each.refusal and not _changes(each) for each in advice.statements)
    if same:
        console.print(Text(f"{quantities.plural(same, 'statement')} cost what they cost today.", style="dim"))
    for each in advice.statements:
        if each.refusal:
            console.print(Text(f"Statement {each.number} could not be planned: {one_line(each.refusal)}", style="red"))
    if advice.measured is not None:
        console.print()
        shown(advice, advice.measured, console)


def _preamble(advice: Advice, console: Console) -> None:
    """What is to be known before any index is looked at."""
    if advice.measured is not None:
        console.print(Text(verdict(advice.measured), style="bold"))
    for warning in (*advice.warnings, *(advice.measured.warnings if advice.measured else ())):
        console.print(Text(f"! {one_line(warning)}", style="yellow"))


def _none_planned(advice: Advice) -> bool:
    return all(each.refusal for each in advice.statements)


def _lead(advice: Advice) -> str:
    if _none_planned(advice):
        number = len(advice.statements)
        asked = f"None of the {number} statements could" if number > 1 else "The statement could not"
        return f"{asked} be planned, so no index was looked for."
    if not advice.indexes:
        return "No index within the limits makes this workload cheaper."
    kept = 1 - advice.cost_after / advice.cost_before
    count = quantities.plural(len(advice.indexes), "index", "indexes")
    word = "the planner's word" if advice.measured else "the planner's word; --sandbox has it measured"
    return (
        f"{count} of {quantities.size(advice.size_bytes)} together: {quantities.percent(100 * kept)} less"
        f" {_UNITS[advice.unit]} for the workload is to be expected, by {word}."
    )


def _search(advice: Advice) -> str:
    built, searched = (quantities.duration(1_000 * each) for each in (advice.twin_seconds, advice.seconds))
    gap, ideal = (quantities.percent(100 * each) for each in (advice.optimality_gap, _ideal(advice)))
    return (
        f"{quantities.plural(advice.considered, 'index', 'indexes')} considered in"
        f" {quantities.plural(advice.planner_calls, 'plan')}; twin built in {built}, searched for"
        f" {searched}. No set of them does better by more than {gap} (optimality gap); all of them together, whatever"
        f" their size, would save {ideal}."
    )


def _ideal(advice: Advice) -> float:
    return 1 - advice.cost_with_all / advice.cost_before if advice.cost_before else 0.0


def _index(number: int, index: AdvisedIndex, advice: Advice) -> Iterator[Text]:
    saved = (index.cost_before - index.cost_after) / advice.cost_before if advice.cost_before else 0.0
    served = ", ".join(map(str, index.statements))
    yield Text(f"{number:>2}. {one_line(index.ddl)}", style="bold")
    yield Text(
        f"    {quantities.size(index.size_bytes)}, for statements {served}, which save"
        f" {quantities.percent(100 * saved)} of the workload's {_UNITS[advice.unit]}. {one_line(index.reason)}"
    )
    if index.in_schema is not None:
        yield Text(f"    In {one_line(index.in_schema.path)}: {one_line(schema_words(index.in_schema))}")
    if index.write_cost is not None:
        lost = f"; {index.hot_lost:,.0f} updates would no longer be heap-only" if index.hot_lost >= 1 else ""
        part = quantities.percent(100 * _part(index.write_cost, advice))
        yield Text(f"    Writes take {part} more for it{lost}.")
    for each in index.replaces:
        freed = quantities.size(each.size_bytes)
        yield Text(f"    It extends {each.name}, which no statement misses then ({freed}): {one_line(each.ddl)}")
        if each.in_schema is not None:
            yield Text(f"    In {one_line(each.in_schema.path)}: {one_line(schema_words(each.in_schema))}")
    yield Text(f"    Undo: {one_line(index.rollback)}", style="dim")


def _part(cost: float, advice: Advice) -> float:
    return cost / advice.cost_before if advice.cost_before else 0.0


def _refused(advice: Advice) -> Iterator[Text]:
    for each in advice.refused:
        gain, writes = (quantities.percent(100 * _part(cost, advice)) for cost in (each.gain, each.write_cost))
        lost = f", and {each.hot_lost:,.0f} updates would no longer be heap-only" if each.hot_lost >= 1 else ""
        unit = _UNITS[advice.unit]
        yield Text(f"Refused: {one_line(each.ddl)}")
        yield Text(f"    It would save {gain} of the workload's {unit}, but its writes take {writes}{lost}.")


def _statements(advice: Advice, width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("", "Cost now", "then", ""):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Statement", no_wrap=True, overflow="ellipsis")
    for each in advice.statements:
        if _changes(each):
            table.add_row(*_row(each, width))
    return table


def _changes(each: AdvisedStatement) -> bool:
    before, after = each.cost_before, each.cost_after
    return before is not None and after is not None and abs(after - before) > _UNCHANGED * before


def _row(each: AdvisedStatement, width: int) -> tuple[str | Text, ...]:
    before, after = each.cost_before or 0.0, each.cost_after or 0.0
    change = 100 * (after / before - 1) if before else 0.0
    text = Text(brief(each.text, max(20, width - _FIGURES)))
    return str(each.number), quantities.significant(before), quantities.significant(after), f"{change:+.0f} %", text


def to_json(advice: Advice) -> str:
    """An advice as JSON text; docs/advise.md explains it."""
    return json.dumps(_document(advice), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _document(advice: Advice) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "indexes": [_index_json(each) for each in advice.indexes],
        "statements": [_statement_json(each) for each in advice.statements],
        "unit": advice.unit,
        "cost_before": advice.cost_before,
        "cost_after": advice.cost_after,
        "cost_with_all": advice.cost_with_all,
        "size_bytes": advice.size_bytes,
        "considered": advice.considered,
        "planner_calls": advice.planner_calls,
        "twin_seconds": advice.twin_seconds,
        "seconds": advice.seconds,
        "optimality_gap": advice.optimality_gap,
        "warnings": list(advice.warnings),
        "refused": [
            {"ddl": each.ddl, "gain": each.gain, "write_cost": each.write_cost, "hot_lost": each.hot_lost}
            for each in advice.refused
        ],
        "measured": measured_json(advice.measured) if advice.measured else None,
    }


def _index_json(index: AdvisedIndex) -> dict[str, Any]:
    return {
        "name": index.name,
        "ddl": index.ddl,
        "rollback": index.rollback,
        "method": index.method,
        "size_bytes": index.size_bytes,
        "reason": index.reason,
        "statements": list(index.statements),
        "cost_before": index.cost_before,
        "cost_after": index.cost_after,
        "write_cost": index.write_cost,
        "hot_lost": index.hot_lost,
        "replaces": [
            {
                "name": each.name,
                "ddl": each.ddl,
                "rollback": each.rollback,
                "size_bytes": each.size_bytes,
                "in_schema": dropped_json(each.in_schema),
            }
            for each in index.replaces
        ],
        "in_schema": schema_json(index.in_schema),
    }


def _statement_json(each: AdvisedStatement) -> dict[str, Any]:
    return {
        "number": each.number,
        "statement": each.text,
        "weight": each.weight,
        "parameters": list(each.parameters),
        "cost_before": each.cost_before,
        "cost_after": each.cost_after,
        "saved": each.saved,
        "indexes": list(each.indexes),
        "refusal": each.refusal or None,
    }
