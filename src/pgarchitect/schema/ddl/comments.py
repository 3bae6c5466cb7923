"""COMMENT ON."""

from pgarchitect.schema.database_schema import Column, Table
from pgarchitect.schema.ddl.quoting import literal, qualified, quote


def comment_on_table(table: Table, home: str = "public") -> str:
    """The table's comment; an empty one is taken off."""
    return f"COMMENT ON TABLE {qualified(table.schema, table.name, home)} IS {_text(table.comment)};"


def comment_on_column(table: Table, column: Column, home: str = "public") -> str:
    """A column's comment; an empty one is taken off."""
    name = f"{qualified(table.schema, table.name, home)}.{quote(column.name)}"
    return f"COMMENT ON COLUMN {name} IS {_text(column.comment)};"


def _text(comment: str) -> str:
    return literal(comment) if comment else "NULL"
