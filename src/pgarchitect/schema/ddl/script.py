"""The script that creates a whole database: what ``prisma migrate diff --from-empty --script`` prints, and the rest.

Statement by statement what Prisma writes, in its order. What Prisma knows nothing of (sequences, comments, views, …)
stands where it works: after what it needs, before what needs it.
"""

from collections.abc import Iterator, Sequence

from pgarchitect.schema.database_schema import DatabaseSchema, EnumType, Table, View
from pgarchitect.schema.database_schema import Sequence as SequenceObject
from pgarchitect.schema.ddl.comments import comment_on_column, comment_on_table
from pgarchitect.schema.ddl.enums import create_enum
from pgarchitect.schema.ddl.foreign_keys import add_foreign_key
from pgarchitect.schema.ddl.indexes import create_index
from pgarchitect.schema.ddl.namespaces import create_extension, create_schema
from pgarchitect.schema.ddl.partitions import add_own_constraints, own_foreign_keys
from pgarchitect.schema.ddl.sequences import create_sequence, own_sequence, owned_sequences
from pgarchitect.schema.ddl.tables import create_table, enable_row_security, parents_first
from pgarchitect.schema.ddl.views import comments_on_view, create_view

EMPTY = "-- This is an empty migration.\n"
"""What Prisma prints where there is nothing to do."""

_Step = tuple[str, str]
"""A comment and its statement."""


def create_script(database: DatabaseSchema) -> str:
    """The SQL that makes an empty database this one, with a comment above each statement as Prisma writes it."""
    home = database.schemas[0] if database.schemas else "public"
    steps = [*_foundations(database, home), *_tables(database, home), *_views(database, home), *_keys(database, home)]
    return "\n".join(f"-- {comment}\n{statement}\n" for comment, statement in steps) if steps else EMPTY


def _foundations(database: DatabaseSchema, home: str) -> Iterator[_Step]:
    for name in sorted(used_schemas(database, home)):
        yield "CreateSchema", create_schema(name)
    for extension in database.extensions:
        yield "CreateExtension", create_extension(extension)
    for enum in database.enums:
        yield "CreateEnum", create_enum(enum, home)
    for sequence in database.sequences:
        yield "CreateSequence", create_sequence(sequence, home)


def used_schemas(database: DatabaseSchema, home: str) -> set[str]:
    """Schemas that hold anything; Prisma does not create those that are only named."""
    kinds: tuple[Sequence[EnumType | Table | View | SequenceObject], ...] = (
        database.enums,
        database.tables,
        database.views,
        database.sequences,
    )
    holders = {each.schema for objects in kinds for each in objects}
    of_extensions = {each.schema for each in database.extensions} & set(database.schemas) - {home}
    return holders | of_extensions


def _tables(database: DatabaseSchema, home: str) -> Iterator[_Step]:
    tables = tuple(parents_first(database.tables))
    for sequence, _, _ in owned_sequences(database):
        yield "CreateSequence", create_sequence(sequence, home)
    for table in tables:
        yield "CreateTable", create_table(table, home)
    for sequence, table, column in owned_sequences(database):
        yield "AlterSequence", own_sequence(sequence, table, column, home)
    for table in tables:
        yield from _comments(table, home)
        if table.row_security:
            yield "AlterTable", enable_row_security(table, home)
    for table in tables:
        for statement in add_own_constraints(table, database, home):
            yield "AddConstraint", statement
    for table in tables:
        for index in table.indexes:
            comment = "AddConstraint" if index.constraint else "CreateIndex"
            yield comment, create_index(table.schema, table.name, index, home)


def _comments(table: Table, home: str) -> Iterator[_Step]:
    if table.comment:
        yield "CommentOnTable", comment_on_table(table, home)
    for column in table.columns:
        if column.comment:
            yield "CommentOnColumn", comment_on_column(table, column, home)


def _views(database: DatabaseSchema, home: str) -> Iterator[_Step]:
    for view in database.views:
        yield "CreateView", "\n".join((create_view(view, home), *comments_on_view(view, home)))
        for index in view.indexes:
            yield "CreateIndex", create_index(view.schema, view.name, index, home)


def _keys(database: DatabaseSchema, home: str) -> Iterator[_Step]:
    for table in database.tables:
        for key in own_foreign_keys(table, database):
            yield "AddForeignKey", add_foreign_key(table.schema, table.name, key, home)
