"""COMMENT ON."""

from pgarchitect.schema.database_schema import Column, Table, View
from pgarchitect.schema.ddl.quoting import literal, qualified, quote
from pgarchitect.schema.ddl.views import kind_of


def comment_on_table(table: Table, home: str = "public") -> str:
    """The table's comment; an empty one is taken off."""
    return f"COMMENT ON TABLE {qualified(table.schema, table.name, home)} IS {_text(table.comment)};"


def comment_on_view(view: View, home: str = "public") -> str:
    """The view's comment; an empty one is taken off."""
    return f"COMMENT ON {kind_of(view)} {qualified(view.schema, view.name, home)} IS {_text(view.comment)};"


def comment_on_column(table: Table | View, column: Column, home: str = "public") -> str:
    """A column's comment; an empty one is taken off."""
    name = f"{qualified(table.schema, table.name, home)}.{quote(column.name)}"
    return f"COMMENT ON COLUMN {name} IS {_text(column.comment)};"


def _text(comment: str) -> str:
    return literal(comment) if comment else "NULL"
