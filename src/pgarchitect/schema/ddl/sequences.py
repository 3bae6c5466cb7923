"""Sequences in SQL: those that no column owns, and those whose column SERIAL cannot make."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import Column, DatabaseSchema, DefaultKind, Sequence, Table
from pgarchitect.schema.ddl.columns import is_serial
from pgarchitect.schema.ddl.quoting import qualified, quote


def create_sequence(sequence: Sequence, home: str = "public") -> str:
    """CREATE SEQUENCE."""
    return f"CREATE SEQUENCE {qualified(sequence.schema, sequence.name, home)};"


def owned_sequences(database: DatabaseSchema) -> Iterator[tuple[Sequence, Table, Column]]:
    """Sequences that a column owns although it is not SERIAL (``numeric``, say), with table and column."""
    for table in database.tables:
        for column in table.columns:
            owns = column.default is not None and column.default.kind is DefaultKind.SEQUENCE
            if owns and column.default and not is_serial(column) and not table.partition_bound:
                yield Sequence(table.schema, column.default.sequence), table, column


def own_sequence(sequence: Sequence, table: Table, column: Column, home: str = "public") -> str:
    """ALTER SEQUENCE … OWNED BY: it goes with its column."""
    owner = f"{qualified(table.schema, table.name, home)}.{quote(column.name)}"
    return f"ALTER SEQUENCE {qualified(sequence.schema, sequence.name, home)} OWNED BY {owner};"


def drop_sequence(sequence: Sequence, home: str = "public") -> str:
    """DROP SEQUENCE."""
    return f"DROP SEQUENCE {qualified(sequence.schema, sequence.name, home)};"
