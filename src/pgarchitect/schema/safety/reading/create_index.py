"""CREATE INDEX."""

from dataclasses import dataclass

from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """``CREATE INDEX``.

    Attributes:
        name: empty where the server chooses one.
        table: that it is on.
        unique: UNIQUE.
        concurrently: CONCURRENTLY.
        if_not_exists: IF NOT EXISTS.
        only: ON ONLY, which leaves partitions alone.
        columns: its keys that are plain columns.
        rest: the text behind the table's name.
    """

    name: str
    table: Name
    unique: bool
    concurrently: bool
    if_not_exists: bool
    only: bool
    columns: tuple[str, ...]
    rest: str


def read_create_index(statement: Statement) -> CreateIndex | None:
    """What a CREATE INDEX asks for; None when the statement is none."""
    reader = Reader(statement)
    if not reader.take("CREATE"):
        return None
    unique = reader.take("UNIQUE")
    if not reader.take("INDEX"):
        return None
    concurrently = reader.take("CONCURRENTLY")
    exists = reader.if_not_exists()
    name = "" if reader.peek() == "ON" else (reader.part() or "")
    if not reader.take("ON"):
        return None
    only = reader.take("ONLY")
    table = reader.name()
    if table is None:
        return None
    rest = reader.text()
    if reader.take("USING"):
        reader.part()
    inside = reader.group()
    columns = tuple(part for item in inside.items() if (part := _column(item))) if inside else ()
    return CreateIndex(name, table, unique, concurrently, exists, only, columns, rest)


def _column(item: Reader) -> str:
    """A key that is a column; empty for an expression."""
    if item.peek() == "(" or item.peek(1) in {"(", "."}:
        return ""
    return item.part() or ""
