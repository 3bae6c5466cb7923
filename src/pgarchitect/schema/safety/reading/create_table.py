"""CREATE TABLE: its columns, its constraints, and where it stands among partitions."""

from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.columns import ColumnDefinition, read_column
from pgarchitect.schema.safety.reading.constraints import Constraint, read_table_constraint
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement

_CONSTRAINTS: Final = frozenset(["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE"])


@dataclass(frozen=True, slots=True)
class CreateTable:
    """``CREATE TABLE``.

    Attributes:
        table: its name.
        temporary: it belongs to the session alone.
        columns: defined in it.
        constraints: of the table.
        parent: the table that it becomes a partition of.
        bound: text from FOR VALUES on, or DEFAULT; empty unless it is a partition.
        key: columns of its own partition key; those that are expressions are left out.
        method: RANGE, LIST or HASH where it is partitioned; empty otherwise.
        if_not_exists: IF NOT EXISTS.
    """

    table: Name
    temporary: bool
    columns: tuple[ColumnDefinition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    parent: Name | None = None
    bound: str = ""
    key: tuple[str, ...] = ()
    method: str = ""
    if_not_exists: bool = False


def read_create_table(statement: Statement) -> CreateTable | None:
    """What a CREATE TABLE makes, SELECT … INTO left aside; None when the statement is none."""
    reader = Reader(statement)
    if not reader.take("CREATE"):
        return None
    temporary = False
    while reader.peek() in {"GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "FOREIGN"}:
        temporary = temporary or reader.peek().startswith("TEMP")
        reader.skip()
    if not reader.take("TABLE"):
        return None
    perhaps = reader.if_not_exists()
    table = reader.name()
    if table is None:
        return None
    parent = reader.name() if reader.take("PARTITION", "OF") else None
    columns, constraints = _elements(reader.group())
    bound = _bound(reader) if parent else ""
    method, key = _partitioning(reader)
    return CreateTable(table, temporary, columns, constraints, parent, bound, key, method, perhaps)


def _elements(inside: Reader | None) -> tuple[tuple[ColumnDefinition, ...], tuple[Constraint, ...]]:
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    for item in inside.items() if inside else ():
        if item.peek() == "LIKE":
            continue
        if item.peek() in _CONSTRAINTS:
            if (constraint := read_table_constraint(item)) is not None:
                constraints.append(constraint)
        elif (column := read_column(item)) is not None:
            columns.append(column)
    return tuple(columns), tuple(constraints)


def _bound(reader: Reader) -> str:
    start = reader.position
    reader.until(
        {"PARTITION", "USING", "TABLESPACE"} | ({"WITH"} if reader.find("FOR", "VALUES", "WITH") is None else set())
    )
    return reader.text(start, reader.position)


def _partitioning(reader: Reader) -> tuple[str, tuple[str, ...]]:
    at = reader.find("PARTITION", "BY")
    if at is None:
        return "", ()
    ahead = Reader(reader.statement, at + 2, reader.end)
    method = ahead.take_any("RANGE", "LIST", "HASH")
    inside = ahead.group()
    if inside is None:
        return method, ()
    return method, tuple(part for item in inside.items() if (part := item.part()) is not None)
