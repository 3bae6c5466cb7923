"""COMMENT ON tables and columns."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import Table, View
from pgarchitect.schema.ddl.comments import comment_on_column, comment_on_table, comment_on_view
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.difference.step import Step, StepKind


def comment_steps(old: Table | None, new: Table, gone: frozenset[str], home: str) -> Iterator[Step]:
    """The steps of one table.

    Args:
        old: the table as it is; None: it is created.
        new: as it is to be.
        gone: columns that are dropped, also those that are added again.
        home: schema that is left out of names.
    """
    statements = []
    if new.comment != (old.comment if old else ""):
        statements.append(comment_on_table(new, home))
    for column in new.columns:
        was = old.column(column.name) if old and column.name not in gone else None
        if column.comment != (was.comment if was else ""):
            statements.append(comment_on_column(new, column, home))
    if statements:
        yield Step(StepKind.COMMENT_ON, tuple(statements), qualified(new.schema, new.name, home))


def view_comment_steps(old: View | None, new: View, home: str) -> Iterator[Step]:
    """The steps of one view; ``old``: as it is; None: it is created."""
    was = {each.name: each.comment for each in old.columns} if old else {}
    statements = [] if new.comment == (old.comment if old else "") else [comment_on_view(new, home)]
    statements += [comment_on_column(new, each, home) for each in new.columns if each.comment != was.get(each.name, "")]
    if statements:
        yield Step(StepKind.COMMENT_ON, tuple(statements), qualified(new.schema, new.name, home))
