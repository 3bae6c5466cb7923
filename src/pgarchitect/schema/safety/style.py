"""Columns that a statement defines, for rules of taste."""

from collections.abc import Iterator

from pgarchitect.schema.safety.reading.alter_table import AddColumn, AlterTable
from pgarchitect.schema.safety.reading.columns import ColumnDefinition
from pgarchitect.schema.safety.reading.constraints import ConstraintKind
from pgarchitect.schema.safety.reading.create_table import CreateTable
from pgarchitect.schema.safety.reading.forms import Form
from pgarchitect.schema.safety.reading.names import Name


def written_columns(form: Form | None) -> Iterator[tuple[Name, ColumnDefinition]]:
    """The columns of CREATE TABLE and of ADD COLUMN, each with its table."""
    if isinstance(form, CreateTable):
        yield from ((form.table, column) for column in form.columns)
    elif isinstance(form, AlterTable):
        for action in form.actions:
            if isinstance(action, AddColumn):
                yield form.table, action.column


def is_key(form: Form | None, column: ColumnDefinition) -> bool:
    """Whether a constraint of the new table makes it the primary key, by itself."""
    return isinstance(form, CreateTable) and any(
        each.kind is ConstraintKind.PRIMARY_KEY and each.columns == (column.name,) for each in form.constraints
    )
