"""What a table has and the language has no word for, told in the documentation of a new model.

The sentences are those of Prisma's own introspection, to the letter, so that a schema is the same whichever of the two
wrote it. None of it is lost: migrations leave alone what the schema cannot tell.
"""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import DatabaseSchema, Index, Table
from pgarchitect.schema.expressible import written_index
from pgarchitect.schema.modelling.naming import is_reserved

_VOID = (
    "We could not retrieve columns for the underlying table. Either it has none or you are missing rights to see them."
    " Please check your privileges."
)
_NAMELESS = (
    "The underlying table does not contain a valid unique identifier and can therefore currently not be handled by"
    " Prisma Client."
)
_COMMENTED = "has comments in the database, and requires an additional setup for migrations: Read more:"
_COMMENTS = "https://pris.ly/d/database-comments"
ENUM_COMMENTED = (
    f"This enum is commented in the database, and requires an additional setup for migrations: Read more: {_COMMENTS}"
)


def _setup(what: str, page: str) -> str:
    return f"{what} requires additional setup for migrations. Visit https://pris.ly/d/{page} for more info."


def remarks(table: Table, model: str, database: DatabaseSchema, *, nameless: bool) -> str:
    """Documentation of a new model.

    Args:
        table: that it stands for.
        model: its name.
        database: that both are of.
        nameless: no key identifies its rows.
    """
    told = [_renamed("model", table.name, model), *_of_table(table, database), *_of_rows(table, nameless=nameless)]
    return "\n".join(each for each in [*told, *_of_parts(table)] if each)


def _renamed(kind: str, name: str, new: str) -> str:
    if not is_reserved(name) or name == new:
        return ""
    return (
        f"This {kind} has been renamed to '{new}' during introspection, because the original name '{name}' is reserved."
    )


def _of_table(table: Table, database: DatabaseSchema) -> Iterator[str]:
    if table.partition_key:
        yield _setup("This table is a partition table and", "partition-tables")
    heirs = (each for each in database.tables if each.partition_of == (table.schema, table.name))
    if not table.partition_key and any(heirs):
        yield _setup("This table has subclasses and", "table-inheritance")
    if any(each.definition.startswith("CHECK") for each in table.constraints):
        yield _setup("This table contains check constraints and", "check-constraints")
    if any(each.definition.startswith("EXCLUDE") for each in table.constraints):
        yield _setup("This table contains exclusion constraints and", "exclusion-constraints")


def _of_rows(table: Table, *, nameless: bool) -> Iterator[str]:
    if not table.columns:
        yield _VOID
    elif nameless:
        yield _NAMELESS
    if table.comment or any(each.comment for each in table.columns):
        yield f"This model or at least one of its fields {_COMMENTED} {_COMMENTS}"


def _of_parts(table: Table) -> Iterator[str]:
    deferrable = [*(each.deferrable for each in table.foreign_keys), *(each.deferrable for each in table.indexes)]
    if any(deferrable):
        yield _setup("This model has constraints using non-default deferring rules and", "constraint-deferring")
    if table.row_security:
        yield _setup("This model contains row level security and", "row-level-security")
    if any(map(_has_strange_nulls, table.indexes)):
        yield _setup("This model contains an index with non-default null sort order and", "default-index-null-ordering")
    if any(part.expression for each in table.indexes for part in each.columns):
        yield _setup("This model contains an expression index which", "expression-indexes")


def _has_strange_nulls(index: Index) -> bool:
    orderly = all(each.nulls_first is each.descending for each in index.columns)
    return not orderly and written_index(index) is not None
