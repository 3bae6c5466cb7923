"""Constraints of tables and columns."""

from dataclasses import dataclass
from enum import StrEnum

from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader


class ConstraintKind(StrEnum):
    """What a constraint demands."""

    CHECK = "CHECK"
    FOREIGN_KEY = "FOREIGN KEY"
    NOT_NULL = "NOT NULL"
    UNIQUE = "UNIQUE"
    PRIMARY_KEY = "PRIMARY KEY"
    EXCLUDE = "EXCLUDE"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint.

    Attributes:
        kind: what it demands.
        name: as it is written; empty where the server chooses one.
        body: its text without its name and without ``NOT VALID``: ``CHECK (a > 0)``.
        columns: of this table, that it is about; empty for CHECK and EXCLUDE.
        references: the other table of a foreign key.
        valid: False with ``NOT VALID``.
        index: of ``USING INDEX``; empty otherwise.
    """

    kind: ConstraintKind
    name: str
    body: str
    columns: tuple[str, ...] = ()
    references: Name | None = None
    valid: bool = True
    index: str = ""

    @property
    def condition(self) -> str:
        """Of a CHECK: what stands in its parentheses."""
        return self.body[self.body.find("(") + 1 : self.body.rfind(")")].strip() if "(" in self.body else ""


def read_table_constraint(reader: Reader) -> Constraint | None:
    """The constraint that comes next and fills the reader to its end; None when it is something else."""
    name = (reader.part() or "") if reader.take("CONSTRAINT") else ""
    start = reader.position
    kind = _kind(reader)
    if kind is None:
        return None
    at = reader.find("NOT", "VALID")
    stop = reader.end if at is None else at
    columns, references, index = _about(reader, kind)
    body = _body(reader, start, stop)
    return Constraint(kind, name, body, columns, references, at is None, index)


def _kind(reader: Reader) -> ConstraintKind | None:
    for kind in ConstraintKind:
        if reader.take(*kind.value.split()):
            return kind
    return None


def _about(reader: Reader, kind: ConstraintKind) -> tuple[tuple[str, ...], Name | None, str]:
    """Columns, the other table, the index."""
    if kind is ConstraintKind.NOT_NULL:
        return tuple(filter(None, (reader.part(),))), None, ""
    if kind in {ConstraintKind.CHECK, ConstraintKind.EXCLUDE}:
        return (), None, ""
    if reader.take("USING", "INDEX"):
        return (), None, reader.part() or ""
    reader.take("NULLS", "DISTINCT")
    reader.take("NULLS", "NOT", "DISTINCT")
    inside = reader.group()
    columns = tuple(each.part() or "" for each in inside.items()) if inside else ()
    references = reader.name() if reader.take("REFERENCES") else None
    return columns, references, ""


def _body(reader: Reader, start: int, stop: int) -> str:
    """Its text; what stands behind NOT VALID (DEFERRABLE) stays."""
    before = reader.text(start, stop)
    behind = reader.text(min(stop + 2, reader.end), reader.end)
    return f"{before} {behind}".strip()
