"""Rejected changes by the reason why: dozens of them say what a few sentences say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pgarchitect.recommendations.recommendation import Recommendation

_GENERAL = (
    (
        re.compile(r".+ serves the same statements at least as well"),
        "another change serves the same statements as well",
    ),
    (re.compile(r"(.+): cost [\d.,]+ → [\d.,]+"), r"\1"),
    (re.compile(r"its gain of .+ is not above (.+)"), r"the gain is not above \1"),
    (re.compile(r"the server refused it: .+", re.DOTALL), "the server refused it"),
)
"""Reasons that name one index or one figure, and what they say without it."""


@dataclass(frozen=True, slots=True)
class Rejections:
    """Changes that were rejected for the same kind of reason."""

    reason: str
    changes: tuple[Recommendation, ...]


def by_reason(items: Iterable[Recommendation]) -> tuple[Rejections, ...]:
    """Group rejected changes, the largest group first, each group in the order of ``items``."""
    groups: dict[str, list[Recommendation]] = {}
    for item in items:
        groups.setdefault(general_reason(item.next_step), []).append(item)
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    return tuple(Rejections(reason, tuple(members)) for reason, members in ranked)


def general_reason(next_step: str) -> str:
    """``Nothing to do: a_idx serves the same …`` without what is particular to one change."""
    reason = next_step.partition("Nothing to do: ")[2].rstrip(".") or next_step.rstrip(".")
    for pattern, told in _GENERAL:
        if match := pattern.fullmatch(reason):
            return match.expand(told)
    return reason
