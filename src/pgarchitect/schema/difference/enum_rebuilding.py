"""An enum whose values go or change their order: a new type takes its place, and every column is cast to it by label.

In Prisma's words and order: PostgreSQL itself can only add values.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from pgarchitect.schema.database_schema import Column, DefaultKind, EnumType, Table, TypeKind
from pgarchitect.schema.ddl.columns import default_sql
from pgarchitect.schema.ddl.enums import create_enum, drop_enum
from pgarchitect.schema.ddl.quoting import literal, qualified, quote
from pgarchitect.schema.difference.equality import same_default
from pgarchitect.schema.difference.identifiers import mentions
from pgarchitect.schema.difference.matching import Tables
from pgarchitect.schema.difference.rename_order import free_name
from pgarchitect.schema.difference.step import Step, StepKind

_Place = tuple[Table, Column, Column | None]
"""A table as it is, a column of it, and the column that it becomes; None: it goes."""


def rebuilding_steps(old: EnumType, new: EnumType, tables: Tables, names: Collection[str], home: str) -> Iterator[Step]:
    """The steps.

    Args:
        old: the enum as it is.
        new: as it is to be, under the same name.
        tables: matched.
        names: that types have already, before or after.
        home: schema that is left out of names.
    """
    fresh = replace(new, name=free_name(new.name, names, "new"))
    spare = replace(new, name=free_name(new.name, {*names, fresh.name}))
    places = [place for place in _places(tables) if _is_of(place[1], old)]
    staying = [place for place in places if place[2] is not None and _is_of(place[2], old)]
    name = qualified(new.schema, new.name, home)
    defaults = [
        place for place in _places(tables) if _has_default(place, old) and (place in staying or place not in places)
    ]
    last = drop_enum(spare, home)
    leaving = len(staying) < len(places)
    statements = (
        "BEGIN;",
        create_enum(fresh, home),
        *(f"{_alter(place, home)} DROP DEFAULT;" for place in defaults),
        *(_cast(place, fresh, home) for place in staying),
        f"ALTER TYPE {name} RENAME TO {quote(spare.name)};",
        f"ALTER TYPE {qualified(fresh.schema, fresh.name, home)} RENAME TO {quote(new.name)};",
        *(() if leaving else (last,)),
        *(_set_default(place, home) for place in defaults if _keeps_default(place)),
        "COMMIT;",
    )
    removed = [each for each in old.labels if each not in new.labels]
    warning = (
        f"{', '.join(map(literal, removed))} will be no values of {name} any more: rows that have one make it fail."
    )
    yield Step(StepKind.ALTER_ENUM, statements, name, "", (warning,) if removed else (), transactional=False)
    if leaving:
        # Columns of the old type are dropped or get another one later.
        yield Step(StepKind.DROP_ENUM, (last,), name)


def _places(tables: Tables) -> Iterator[_Place]:
    """Columns that a table does not have from its parent, but those that a rebuilding has dropped before."""
    for old, new in tables.pairs:
        if not old.partition_bound:
            yield from ((old, each, new.column(each.name)) for each in old.columns if not each.generated)


def _is_of(column: Column, enum: EnumType) -> bool:
    return column.type.kind is TypeKind.ENUM and (column.type.schema, column.type.name) == (enum.schema, enum.name)


def _has_default(place: _Place, enum: EnumType) -> bool:
    """Whether a column's default has to step aside: it is of the type, or mentions it."""
    default = place[1].default
    if default is None:
        return False
    return _is_of(place[1], enum) or (default.kind is DefaultKind.EXPRESSION and mentions(default.sql, {enum.name}))


def _keeps_default(place: _Place) -> bool:
    _, old, new = place
    return new is not None and same_default(old, new)


def _alter(place: _Place, home: str) -> str:
    table, column, _ = place
    return f"ALTER TABLE {qualified(table.schema, table.name, home)} ALTER COLUMN {quote(column.name)}"


def _cast(place: _Place, fresh: EnumType, home: str) -> str:
    to = qualified(fresh.schema, fresh.name, home) + ("[]" if place[1].type.array else "")
    return f"{_alter(place, home)} TYPE {to} USING ({quote(place[1].name)}::text::{to});"


def _set_default(place: _Place, home: str) -> str:
    column = place[1]
    return f"{_alter(place, home)} SET DEFAULT {default_sql(column, column.default, home)};" if column.default else ""
