"""Drift: what a schema says, what its migrations make, what a database has and what mirrors say, compared in pairs."""

from dataclasses import dataclass

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference import Step, StepKind, Wishes, difference
from pgarchitect.schema.programs import Programs, program_differences

_EXTENSIONS = frozenset({StepKind.CREATE_EXTENSION, StepKind.ALTER_EXTENSION, StepKind.DROP_EXTENSION})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        between: the two sides: ``migrations and schema``, ``database and migrations``, ``mirror and schema``.
        concerns: the object or file.
        told: what it takes to make the first side like the second.
        file: where the difference is to be put right, for annotations; empty: nowhere in the repository.
    """

    between: str
    concerns: str
    told: str
    file: str = ""


def compared(
    between: str, before: DatabaseSchema, after: DatabaseSchema, file: str = "", *, said_all: bool = False
) -> tuple[Difference, ...]:
    """What it takes to make one side like the other.

    Args:
        between: the two sides.
        before: the first.
        after: the second, as a server spells it.
        file: where a difference is to be put right; empty: nowhere in the repository.
        said_all: the second says all that there is; otherwise it is a schema.prisma, which has no word for some.
    """
    steps = difference(before, after, Wishes(keep_inexpressible=not said_all))
    return tuple(
        Difference(between, each.concerns, _told(each), file) for each in steps if each.kind not in _EXTENSIONS
    )


def programs_compared(between: str, before: Programs, after: Programs) -> tuple[Difference, ...]:
    """Likewise of functions, triggers and whatever else stands beside the tables."""
    return tuple(Difference(between, *each) for each in program_differences(before, after))


def _told(step: Step) -> str:
    return " ".join(" ".join(step.statements).split())
