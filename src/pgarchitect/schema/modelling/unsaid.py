"""What a table has and schema.prisma has no word for, told in its documentation so that a reader knows of it."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import Table
from pgarchitect.schema.modelling.keys import is_said


def unsaid(table: Table, *, nameless: bool) -> str:
    """Documentation of a new model; empty where there is nothing to tell. Migrations keep all of it."""
    return "\n".join(_lines(table, nameless=nameless))


def _lines(table: Table, *, nameless: bool) -> Iterator[str]:
    if table.comment:
        yield from table.comment.splitlines()
    if nameless:
        yield "No unique key of required columns: rows cannot be told apart, so clients leave this model out."
    if table.constraints:
        yield f"Not said here: the constraints {', '.join(each.name for each in table.constraints)}."
    hidden = [each.name for each in table.indexes if not is_said(each)]
    if hidden:
        yield f"Not said here: the indexes {', '.join(hidden)}."
    generated = [each.name for each in table.columns if each.generated]
    if generated:
        yield f"Not said here: the generated columns {', '.join(generated)}."
    if table.partition_key:
        yield f"Not said here: partitions by {table.partition_key}."
    if table.row_security:
        yield "Not said here: row-level security."
