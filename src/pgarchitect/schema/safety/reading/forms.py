"""Statements read as the forms that rules ask about."""

from dataclasses import dataclass

from pgarchitect.schema.safety.reading.alter_table import AlterTable, read_alter_table
from pgarchitect.schema.safety.reading.create_index import CreateIndex, read_create_index
from pgarchitect.schema.safety.reading.create_table import CreateTable, read_create_table
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement


@dataclass(frozen=True, slots=True)
class DropObjects:
    """``DROP TABLE a, b CASCADE`` and the like: ``kind`` is TABLE, INDEX, MATERIALIZED VIEW, …"""

    kind: str
    names: tuple[Name, ...]
    concurrently: bool
    cascade: bool


Form = AlterTable | CreateIndex | CreateTable | DropObjects

_DROPPED = (
    "TABLE", "FOREIGN TABLE", "INDEX", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "SCHEMA", "DATABASE", "TYPE", "DOMAIN",
    "FUNCTION", "PROCEDURE", "EXTENSION", "TRIGGER", "POLICY",
)  # fmt: skip


def read_form(statement: Statement) -> Form | None:
    """The statement as one of the forms; None when it is something else."""
    return (
        read_alter_table(statement)
        or read_create_index(statement)
        or read_create_table(statement)
        or read_drop(statement)
    )


def read_drop(statement: Statement) -> DropObjects | None:
    """What a DROP removes; None when the statement is none."""
    reader = Reader(statement)
    if not reader.take("DROP"):
        return None
    kind = next((each for each in _DROPPED if reader.take(*each.split())), "")
    if not kind:
        return None
    concurrently = reader.take("CONCURRENTLY")
    reader.if_exists()
    names = reader.names()
    return DropObjects(kind, names, concurrently, reader.find("CASCADE") is not None)
