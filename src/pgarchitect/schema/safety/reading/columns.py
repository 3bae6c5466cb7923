"""Definitions of columns, in CREATE TABLE and in ADD COLUMN."""

from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.constraints import Constraint, ConstraintKind
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.types import TypeName, read_type

_BEGINNINGS: Final = frozenset(
    [
        "CONSTRAINT",
        "NOT",
        "NULL",
        "DEFAULT",
        "CHECK",
        "UNIQUE",
        "PRIMARY",
        "REFERENCES",
        "GENERATED",
        "COLLATE",
        "STORAGE",
        "COMPRESSION",
        "DEFERRABLE",
        "INITIALLY",
        "OPTIONS",
    ]
)
_AFTER_REFERENCE: Final = _BEGINNINGS - {"NULL", "DEFAULT", "DEFERRABLE", "INITIALLY", "NOT"}
"""``ON DELETE SET NULL`` holds words that begin a constraint elsewhere."""


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column as it is defined.

    Attributes:
        name: as the catalog has it.
        type: of its values.
        not_null: it has NOT NULL, or is a primary key.
        default: text of the expression; empty without one.
        identity: text from GENERATED on; empty unless it is an identity column.
        generated: the expression of a generated column; empty otherwise.
        stored: of a generated column; without STORED and VIRTUAL it is virtual since PostgreSQL 18.
        collation: text; empty without one.
        constraints: others, those of a column written as those of a table.
    """

    name: str
    type: TypeName
    not_null: bool = False
    default: str = ""
    identity: str = ""
    generated: str = ""
    stored: bool = False
    collation: str = ""
    constraints: tuple[Constraint, ...] = ()


def read_column(reader: Reader) -> ColumnDefinition | None:
    """The column that comes next and fills the reader to its end; None when it is something else."""
    name = reader.part()
    if name is None:
        return None
    parts = _Parts(name, read_type(reader, _BEGINNINGS))
    while not reader.done:
        parts.take(reader)
    return parts.made()


class _Parts:
    """A column while its parts come by."""

    def __init__(self, name: str, kind: TypeName) -> None:
        self._name, self._type = name, kind
        self._not_null = self._stored = False
        self._default = self._identity = self._generated = self._collation = ""
        self._constraints: list[Constraint] = []
        self._called = ""

    def made(self) -> ColumnDefinition:
        """The column."""
        return ColumnDefinition(
            self._name,
            self._type,
            self._not_null,
            self._default,
            self._identity,
            self._generated,
            self._stored,
            self._collation,
            tuple(self._constraints),
        )

    def take(self, reader: Reader) -> None:
        """Go past the next part."""
        if reader.take("CONSTRAINT"):
            self._called = reader.part() or ""
            return
        if reader.take("NOT", "NULL"):
            self._not_null = True
        elif reader.take("DEFAULT"):
            start = reader.position
            reader.skip()
            reader.until(_BEGINNINGS)
            self._default = reader.text(start, reader.position)
        elif reader.take("COLLATE"):
            start = reader.position
            reader.name()
            self._collation = reader.text(start, reader.position)
        elif reader.peek() == "GENERATED":
            self._generation(reader)
        elif not self._constraint(reader):
            reader.skip()
        self._called = ""

    def _generation(self, reader: Reader) -> None:
        start = reader.position
        reader.take("GENERATED")
        if not reader.take("ALWAYS"):
            reader.take("BY", "DEFAULT")
        reader.take("AS")
        if reader.take("IDENTITY"):
            reader.group()
            self._identity = reader.text(start, reader.position)
            self._not_null = True
            return
        inside = reader.group()
        self._generated = inside.text() if inside else ""
        self._stored = reader.take("STORED")
        reader.take("VIRTUAL")

    def _constraint(self, reader: Reader) -> bool:
        start = reader.position
        column = (self._name,)
        spelled = quoted(self._name)
        if reader.take("CHECK"):
            reader.group()
            self._add(ConstraintKind.CHECK, reader.text(start, reader.position), ())
        elif reader.take("PRIMARY", "KEY"):
            self._not_null = True
            self._add(ConstraintKind.PRIMARY_KEY, f"PRIMARY KEY ({spelled})", column)
        elif reader.take("UNIQUE"):
            self._add(ConstraintKind.UNIQUE, f"UNIQUE ({spelled})", column)
        elif reader.take("REFERENCES"):
            other = reader.name()
            reader.until(_AFTER_REFERENCE)
            body = f"FOREIGN KEY ({spelled}) {reader.text(start, reader.position)}"
            self._constraints.append(Constraint(ConstraintKind.FOREIGN_KEY, self._called, body, column, other))
        else:
            return False
        return True

    def _add(self, kind: ConstraintKind, body: str, columns: tuple[str, ...]) -> None:
        self._constraints.append(Constraint(kind, self._called, body, columns))
