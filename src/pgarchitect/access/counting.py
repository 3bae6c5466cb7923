"""``{"_count": …}`` of ``include``: how many rows the relations of a row lead to, counted with it in one statement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.forms import mapping
from pgarchitect.access.shapes import RelationShape, TableShape

WORD: Final = "_count"
"""What stands in ``include`` for it; no field can have this name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A relation whose rows are counted: it, and the condition on those that count (None: all)."""

    relation: RelationShape
    where: Where | None = None


def counted_of(table: TableShape, asked: object) -> tuple[Counted, ...]:
    """The relations to count: all that lead to many rows, or those that are named.

    Raises:
        UnknownField: a name is no relation's.
        InvalidCondition: a relation leads to one row, or something does not have the form that it must have.
    """
    if asked is True:
        return tuple(Counted(each) for each in table.relations if each.to_many)
    return tuple(_counted(table, mapping(asked, f"include of {WORD}")))


def _counted(table: TableShape, asked: Mapping[str, object]) -> Iterator[Counted]:
    for name, given in asked.items():
        relation = table.relation(name)
        if not relation.to_many:
            raise InvalidCondition(
                f"{name} of {table.name} leads to one row at most; load it, there is nothing to count."
            )
        if given is True:
            yield Counted(relation)
        elif given is not False:
            yield Counted(relation, _where(relation, given))


def _where(relation: RelationShape, given: object) -> Where:
    parts = mapping(given, f"{WORD} of {relation.name}")
    if set(parts) != {"where"}:
        raise InvalidCondition(f'{WORD} of {relation.name} takes True, or {{"where": …}} with a condition on its rows.')
    where = parts["where"] or {}
    return mapping(where, f"{WORD} of {relation.name}")


def listed(table: TableShape, counts: tuple[Counted, ...], conditions: Conditions, alias: str) -> list[str]:
    """The numbers as a SELECT of rows ``alias`` has them."""
    made = [conditions.number(table, each.relation, each.where, alias) for each in counts]
    return [f"{sql} AS {name}" for sql, name in zip(made, names(counts), strict=True)]


def names(counts: tuple[Counted, ...]) -> list[str]:
    """What the statement calls them."""
    return [f'"{WORD} {number}"' for number in range(len(counts))]
