"""What is touched so that all that stands on it has to go first and to come back after.

PostgreSQL refuses to change the type of a column that a view, a generated column or a policy uses, rebuilds indexes
with the old text of their conditions, and takes with a column whatever mentions it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from pgarchitect.schema.database_schema import Column, DatabaseSchema, EnumType, TypeKind
from pgarchitect.schema.difference.casts import cast_between
from pgarchitect.schema.difference.equality import same_expression, same_type
from pgarchitect.schema.difference.identifiers import mentions
from pgarchitect.schema.difference.matching import Tables
from pgarchitect.schema.lowering.generated import refers_to

Name = tuple[str, str]
"""Schema and name."""
_NONE: frozenset[str] = frozenset()


class Fate(Enum):
    """What becomes of a column that is in both schemas."""

    STAYS = "stays"
    RETYPED = "retyped"
    ANEW = "anew"
    """Dropped and added: PostgreSQL has no other way."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What is touched.

    Attributes:
        rebuilt: enums that are made anew, since values go or change their order.
        retyped: table → columns whose type changes, also because its enum is rebuilt.
        gone: table → columns that are dropped, also those that are added again.
        dropped: tables that are dropped, also those that are created again.
    """

    rebuilt: frozenset[Name]
    retyped: Mapping[Name, frozenset[str]]
    gone: Mapping[Name, frozenset[str]]
    dropped: frozenset[Name]

    def columns(self, table: Name) -> frozenset[str]:
        """Columns of a table that are retyped or gone."""
        return self.retyped.get(table, _NONE) | self.gone.get(table, _NONE)

    def disturbs(self, table: Name, expression: str) -> bool:
        """Whether an expression over a table cannot stay while this happens."""
        return _moves(expression, self.columns(table), {name for _, name in self.rebuilt})


def touched(before: DatabaseSchema, after: DatabaseSchema, tables: Tables) -> Touched:
    """Find what is touched between two schemas, renames done."""
    rebuilt = frozenset((each.schema, each.name) for each in before.enums if is_rebuilt(each, after))
    names = {name for _, name in rebuilt}
    retyped: dict[Name, frozenset[str]] = {}
    gone: dict[Name, frozenset[str]] = {}
    for old, new in tables.pairs:
        name = (old.schema, old.name)
        fates = {each.name: column_fate(each, new.column(each.name)) for each in old.columns}
        recast = {each.name for each in old.columns if has_enum(each, rebuilt)}
        anew = {column for column, fate in fates.items() if fate is Fate.ANEW}
        changed = {column for column, fate in fates.items() if fate is Fate.RETYPED} | recast
        generated = {
            each.name
            for each in old.columns
            if each.generated and (each.name in changed or _moves(each.generated, changed | anew, names))
        }
        gone[name] = frozenset(anew | generated)
        retyped[name] = frozenset(changed) - gone[name]
    dropped = frozenset((each.schema, each.name) for each in tables.dropped)
    return Touched(rebuilt, retyped, gone, dropped)


def _moves(expression: str, columns: Collection[str], types: Collection[str]) -> bool:
    """Whether an expression, as a server prints it, stands on one of these columns or types."""
    return mentions(expression, types) or refers_to(expression, columns, printed=True)


def is_rebuilt(enum: EnumType, after: DatabaseSchema) -> bool:
    """Whether an enum that stays cannot be brought to its new labels by adding some."""
    other = after.enum(enum.schema, enum.name)
    return other is not None and tuple(each for each in other.labels if each in enum.labels) != enum.labels


def has_enum(column: Column, enums: frozenset[Name]) -> bool:
    """Whether a column's values, or their elements, are of one of these enums."""
    return column.type.kind is TypeKind.ENUM and (column.type.schema, column.type.name) in enums


def column_fate(old: Column, new: Column | None) -> Fate:
    """What becomes of a column; ``new`` None: it is dropped, which counts as made anew."""
    if new is None:
        return Fate.ANEW
    if old == new:
        return Fate.STAYS
    same = same_type(old.type, new.type) and old.collation == new.collation
    if new.generated:
        stays = same and same_expression(old.generated, new.generated) and old.stored is new.stored
        return Fate.STAYS if stays else Fate.ANEW
    if (old.generated and not old.stored) or cast_between(old.name, old.type, new.type) is None:
        return Fate.ANEW
    return Fate.STAYS if same else Fate.RETYPED
