"""What the impact of a migration is called, on a terminal and in a pull request alike."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pgarchitect.recommendations.impact import Effect, Impact, Outcome
from pgarchitect.report import quantities
from pgarchitect.report.safe_text import one_line

_MINUS: Final = "\N{MINUS SIGN}"

TITLES: Final = {
    Outcome.BROKEN: "Broken: can no longer be planned",
    Outcome.WORSE: "Worse",
    Outcome.BETTER: "Better",
    Outcome.UNKNOWN: "Not known: they read what a data statement fills",
    Outcome.NEW: "Can be planned only after the migration",
    Outcome.UNPLANNED: "Could not be planned, before or after",
}
"""Headings of the lists, in their order; what stays as it is is counted only."""


def lead(impact: Impact) -> str:
    """The most important in a sentence."""
    parts = [
        f"{quantities.plural(len(found), 'statement')} {one if len(found) == 1 else many}"
        for outcome, one, many in (
            (Outcome.BROKEN, "breaks", "break"),
            (Outcome.WORSE, "gets worse", "get worse"),
            (Outcome.BETTER, "gets better", "get better"),
        )
        if (found := impact.of(outcome))
    ]
    same = len(impact.of(Outcome.SAME))
    if not parts and not same:
        return "Nothing is known of the impact: no statement could be compared."
    if not parts:
        return f"No plan gets worse or better: {quantities.plural(same, 'statement')} stay{'s' * (same == 1)} the same."
    return f"{', '.join(parts)}; {same} of {len(impact.effects)} stay the same."


def total(impact: Impact) -> str:
    """The cost of the whole workload."""
    before, after = impact.totals
    what = f"cost {quantities.TIMES} calls" if impact.counted else f"cost {quantities.TIMES} weights"
    return f"{what} {cost(before)} → {cost(after)} ({change(impact.total_change)})"


def cost(value: float | None) -> str:
    """A cost in the planner's units."""
    return quantities.NOTHING if value is None else quantities.significant(value)


def change(part: float) -> str:
    """A rise or fall: ``+12 %``."""
    if math.isinf(part):
        return "from nothing"
    if part == 0:
        return "±0 %"
    if abs(part) < 0.0005:
        return f"{100 * part:+.2f} %".replace("-", _MINUS)
    return f"{'+' if part > 0 else ''}{quantities.percent(100 * part)}"


def weighed(effect: Effect) -> str:
    """What all its calls cost more, or less."""
    sign = "+" if effect.weighed >= 0 else _MINUS
    return f"{sign}{quantities.significant(abs(effect.weighed))} in all"


def calls(effect: Effect, impact: Impact) -> str:
    """How often a statement runs."""
    if impact.counted:
        return quantities.plural(round(effect.calls), "call")
    return f"weight {effect.calls:g}"


def plan(effect: Effect) -> str:
    """What happens to its plans."""
    before, after = effect.indexes(after=False), effect.indexes(after=True)
    parts = []
    if effect.other_plan:
        lost = [name for name in before if name not in after]
        gained = [name for name in after if name not in before]
        parts.append("other plan")
        if gained:
            parts.append(f"uses {', '.join(gained)}")
        if lost:
            parts.append(f"no longer {', '.join(lost)}")
        if not gained and not lost:
            parts.extend(_other_nodes(effect))
    else:
        parts.append("same plan")
        parts.append(f"uses {', '.join(after)}" if after else "no index")
    if effect.chosen_anew:
        parts.append("planned with other values, as the old ones do not fit the new types")
    return one_line("; ".join(parts))


def _other_nodes(effect: Effect) -> Iterator[str]:
    """The kinds of nodes that differ, of all forms together."""
    kinds = [
        Counter(name for plan in plans if plan is not None for name in plan.nodes())
        for plans in ([form.before for form in effect.forms], [form.after for form in effect.forms])
    ]
    gained, lost = (", ".join(sorted(more - less)) for more, less in (kinds[::-1], kinds))
    if gained and lost:
        yield f"{gained} in place of {lost}"
    elif gained or lost:
        yield f"with {gained}" if gained else f"without {lost}"


def definitions(impact: Impact) -> Iterator[str]:
    """What the migration does, as far as it costs something."""
    migrated = impact.migrated
    for index in migrated.indexes:
        levels = "" if index.height is None else f", {quantities.plural(index.height + 1, 'level')}"
        yield one_line(f"new index {index.name} on {index.table}: {quantities.size(index.size_bytes)}{levels}")
    for name in migrated.dropped_indexes:
        yield one_line(f"drops index {name}")
    for each in migrated.rewritten:
        yield one_line(
            f"rewrites {each.table}, which nobody may use meanwhile: {quantities.size(each.before_bytes)} →"
            f" {quantities.size(each.after_bytes)}"
        )


def notes(impact: Impact) -> Iterator[str]:
    """What a reader has to know to judge it."""
    yield from _upkeep(impact)
    yield from impact.migrated.warnings
    others = sum(effect.other_plan for effect in impact.of(Outcome.SAME))
    if others:
        yield f"{quantities.plural(others, 'statement')} of the same cost get{'s' * (others == 1)} another plan."
    yield from impact.limits


def _upkeep(impact: Impact) -> Iterator[str]:
    """Tables with new indexes that the workload writes."""
    new = Counter(index.table.rpartition(".")[2].strip('"') for index in impact.migrated.indexes)
    for table, number in new.items():
        writing = [
            effect
            for effect in impact.effects
            if any(table in form.before.written() for form in effect.forms if form.before is not None)
        ]
        if writing:
            often = f", {sum(effect.calls for effect in writing):,.0f} calls in all," if impact.counted else ""
            yield (
                f"{quantities.plural(len(writing), 'statement')}{often} write{'s' * (len(writing) == 1)} {table} and"
                f" keep{'s' * (len(writing) == 1)} up {quantities.plural(number, 'index', 'indexes')} more: the"
                " planner's cost leaves that out."
            )


def skipped(impact: Impact) -> Iterator[tuple[str, str]]:
    """Statements of the migration that were not run, and why."""
    for each in impact.migrated.skipped:
        yield f"line {each.line}: {each.text}", each.reason
