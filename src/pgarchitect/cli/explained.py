"""Statements planned on a twin before and after, with every parameter set that they are likely called with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console

from pgarchitect.evidence.asked_form import AskedForm, asked_forms
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.postgres.connection import Connection
from pgarchitect.report.safe_text import brief
from pgarchitect.twin.plan import Configuration, Plan, Unplannable
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workload.workload import Statement

_DEARER = 1.01
"""What an index costs a plan that does not use it stays below this."""
_WIDTH = 60
"""Letters of a value that are shown on a terminal."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A statement with one parameter set, before and after.

    Attributes:
        statement: with the values in place; with ``$1`` … where it was planned without values.
        scenario: which kind of values; empty for a statement without parameters.
        parameters: the values, as SQL literals.
        weight: how much the set counts among those of the statement, 0 … 1.
        without_values: why no values could be found, so that this is the plan for any; else empty.
    """

    statement: str
    scenario: str
    parameters: tuple[str, ...]
    weight: float
    before: Plan
    after: Plan
    without_values: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """One statement: its parameter sets, the likeliest first; without any, ``refusal`` says why."""

    text: str
    sets: tuple[Planned, ...] = ()
    refusal: str = ""


def explained(
    twin: PlannerTwin, session: Connection, source: Connection, texts: Sequence[str], after: Configuration
) -> list[Explained]:
    """Plan statements as the twin is and under ``after``.

    Args:
        twin: plans them.
        session: to the twin: values are chosen from its statistics.
        source: what it is a twin of: values of JSON parameters are chosen from its documents.
        texts: statements; parameters get likely values.
        after: the other indexes.
    """
    forms = [_forms(session, source, text) for text in texts]
    asked = [form.asked for each in forms if not isinstance(each, str) for form in each]
    rows = twin.plan_all(asked, [Configuration(), after])
    pairs = iter(zip(*rows, strict=True))
    found: list[Explained] = []
    for text, each in zip(texts, forms, strict=True):
        if isinstance(each, str):
            found.append(Explained(text, refusal=each))
        else:
            found.append(_explained(text, each, [next(pairs) for _ in each]))
    return found


def _forms(session: Connection, source: Connection, text: str) -> Sequence[AskedForm] | str:
    """What to plan for a statement, or why there is nothing."""
    try:
        return asked_forms(session, source, Statement.uncounted(text))
    except CannotRun as error:
        return str(error)


def _explained(
    text: str, forms: Sequence[AskedForm], plans: Sequence[tuple[Plan | Unplannable, Plan | Unplannable]]
) -> Explained:
    sets = [
        Planned(form.statement, form.scenario, form.parameters, form.weight, before, after, form.without_values)
        for form, (before, after) in zip(forms, plans, strict=True)
        if isinstance(before, Plan) and isinstance(after, Plan)
    ]
    if not sets:
        reasons = [each.reason for pair in plans for each in pair if isinstance(each, Unplannable)]
        return Explained(text, refusal=reasons[0])
    total = sum(each.weight for each in sets)
    return Explained(text, tuple(replace(each, weight=each.weight / total) for each in sets))


def as_json(item: Explained) -> dict[str, Any]:
    """A statement for programs: its likeliest parameter set, and all of them."""
    first = item.sets[0] if item.sets else None
    return {
        "statement": first.statement if first else item.text,
        "parameters": list(first.parameters) if first else [],
        **_plans(first),
        "scenarios": [
            {
                "scenario": each.scenario,
                "weight": each.weight,
                "statement": each.statement,
                "parameters": list(each.parameters),
                **_plans(each),
            }
            for each in item.sets
        ],
        "without_values": (first.without_values if first else "") or None,
        "refusal": item.refusal or None,
    }


def _plans(found: Planned | None) -> dict[str, Any]:
    return {
        "cost_before": found.before.cost if found else None,
        "cost_after": found.after.cost if found else None,
        "plan_before": found.before.tree if found else None,
        "plan_after": found.after.tree if found else None,
        "indexes_used": list(found.after.indexes()) if found else [],
    }


def show(number: int, item: Explained, console: Console) -> None:
    """A statement for people: its likeliest parameter set, and which others get dearer."""
    text = " ".join(item.text.split())
    console.print(f"{number:>3}  {text}", markup=False, highlight=False, no_wrap=True, overflow="ellipsis")
    if not item.sets:
        console.print(f"     no plan: {item.refusal}", style="red", markup=False, highlight=False)
        return
    first = item.sets[0]
    lines = [*_values(item), f"{_cost(first)}; uses {', '.join(first.after.indexes()) or 'no index'}", *_dearer(item)]
    for line in lines:
        console.print(f"     {line}", markup=False, highlight=False)


def without_plan(found: Sequence[Explained]) -> list[str]:
    """How many statements have no plan, as a sentence, where there are any."""
    missing = sum(not item.sets for item in found)
    return [f"{missing} of {len(found)} statements could not be planned; the reason stands below each."] * bool(missing)


def _values(item: Explained) -> list[str]:
    first = item.sets[0]
    if first.without_values:
        return [f"planned for any values, as none were found: {first.without_values}"]
    if not first.parameters:
        return []
    others = f", likeliest of {len(item.sets)} sets ({first.weight:.0%})" if len(item.sets) > 1 else ""
    named = ", ".join(f"${number} = {brief(value, _WIDTH)}" for number, value in enumerate(first.parameters, start=1))
    return [f"{first.scenario}: {named}{others}"]


def _dearer(item: Explained) -> list[str]:
    return [
        f"dearer for {each.scenario} ({each.weight:.0%}): {brief(', '.join(each.parameters), _WIDTH)}: {_cost(each)}"
        for each in item.sets[1:]
        if each.after.cost > _DEARER * each.before.cost
    ]


def _cost(found: Planned) -> str:
    before, after = found.before.cost, found.after.cost
    change = f" ({after / before - 1:+.1%})" if before else ""
    return f"cost {before:,.2f} → {after:,.2f}{change}"
