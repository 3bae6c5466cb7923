"""What keeps a twin from being its source, in sentences."""

from collections.abc import Iterator, Sequence
from typing import Final

from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.scope import LeftOut

OTHER_VERSION: Final = (
    "The twin is not of the database's own version and statistics, so its costs are less sure;"
    " PGARCHITECT_TWIN_PROGRAMS can name the programs of that version."
)


def limits(twin: PlannerTwin, most: int | None = None) -> tuple[str, ...]:
    """What keeps a twin from being its source, a sentence each.

    Args:
        twin: as it is now; a sample that is read later may add a sentence.
        most: so many tables are named in a sentence, and so many other things, the rest counted; None: all.
    """
    other = () if twin.same_major else (OTHER_VERSION,)
    return (*other, *twin.warnings, *lacks(twin.left_out, twin.missing, most))


def lacks(
    left_out: Sequence[LeftOut], missing: Sequence[str], most: int | None = None, called: str = "planner twin"
) -> Iterator[str]:
    """What a copy, ``called`` so, lacks, a sentence each.

    Args:
        left_out: tables that were wanted.
        missing: what else could not be recreated, one message of its server each.
        most: as for ``limits``.
    """
    reasons: dict[str, list[str]] = {}
    for each in left_out:
        reasons.setdefault(each.reason, []).append(each.name)
    for reason, names in reasons.items():
        yield f"The {called} lacks {_some(names, most)}: {reason}."
    messages = list(dict.fromkeys(missing))
    for message in messages[:most]:
        yield f"The {called} could not recreate something of the database ({message})."
    more = 0 if most is None else len(messages[most:])
    if more:
        yield f"The {called} lacks {more} things more; the JSON report names them."


def _some(names: Sequence[str], most: int | None) -> str:
    more = 0 if most is None else max(0, len(names) - most)
    return ", ".join(names[:most]) + (f" and {more} more tables" if more else "")
