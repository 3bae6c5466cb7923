"""Sequences that no column owns, in SQL."""

from pgarchitect.schema.database_schema import Sequence
from pgarchitect.schema.ddl.quoting import qualified


def create_sequence(sequence: Sequence, home: str = "public") -> str:
    """CREATE SEQUENCE."""
    return f"CREATE SEQUENCE {qualified(sequence.schema, sequence.name, home)};"


def drop_sequence(sequence: Sequence, home: str = "public") -> str:
    """DROP SEQUENCE."""
    return f"DROP SEQUENCE {qualified(sequence.schema, sequence.name, home)};"
