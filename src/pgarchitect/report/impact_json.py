"""The impact of a migration as JSON; docs/plan-impact.md describes it."""

import json
import math
from collections.abc import Sequence
from typing import Any

from pgarchitect.recommendations.impact import Effect, Form, Impact

_FORMAT = 1
"""Raised when a field changes its meaning or goes; new ones may come without."""


def impact_json(impact: Impact, breaches: Sequence[str]) -> str:
    """The document, with the reasons why the command fails."""
    before, after = impact.totals
    migrated = impact.migrated
    document = {
        "format": _FORMAT,
        "database": impact.database,
        "migration": impact.migration,
        "breaches": list(breaches),
        "total": {"cost_before": before, "cost_after": after, "change_percent": _percent(impact.total_change)},
        "calls_counted": impact.counted,
        "statements": [_effect(each) for each in impact.effects],
        "indexes": [
            {
                "name": each.name,
                "table": each.table,
                "ddl": each.ddl,
                "size_bytes": each.size_bytes,
                "height": each.height,
            }
            for each in migrated.indexes
        ],
        "dropped_indexes": list(migrated.dropped_indexes),
        "rewritten": [
            {"table": each.table, "bytes_before": each.before_bytes, "bytes_after": each.after_bytes}
            for each in migrated.rewritten
        ],
        "obstacles": list(migrated.obstacles),
        "skipped": [{"line": each.line, "text": each.text, "reason": each.reason} for each in migrated.skipped],
        "warnings": [*migrated.warnings, *impact.limits],
        "left_out": [{"reason": each.reason, "count": each.count} for each in impact.left_out],
        "same_major": impact.same_major,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _effect(each: Effect) -> dict[str, Any]:
    compared = each.cost_before is not None and each.cost_after is not None
    return {
        "statement": each.statement,
        "outcome": each.outcome.value,
        "calls": each.calls,
        "cost_before": each.cost_before,
        "cost_after": each.cost_after,
        "change_percent": _percent(each.change) if compared else None,
        "other_plan": each.other_plan,
        "indexes_before": list(each.indexes(after=False)),
        "indexes_after": list(each.indexes(after=True)),
        "reason": each.reason or None,
        "values_chosen_anew": each.chosen_anew,
        "forms": [_form(form) for form in each.forms],
    }


def _form(form: Form) -> dict[str, Any]:
    return {
        "parameters": list(form.parameters),
        "weight": form.weight,
        "plan_before": form.before.tree if form.before else None,
        "plan_after": form.after.tree if form.after else None,
    }


def _percent(part: float) -> float | None:
    return None if math.isinf(part) else round(100 * part, 3)
