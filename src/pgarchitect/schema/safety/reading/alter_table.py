"""ALTER TABLE: its actions, as far as a rule asks about them."""

from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.columns import ColumnDefinition, read_column
from pgarchitect.schema.safety.reading.constraints import Constraint, read_table_constraint
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement
from pgarchitect.schema.safety.reading.types import TypeName, read_type

_CONSTRAINTS: Final = frozenset(["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE", "NOT"])
_TYPE_ENDS: Final = frozenset({"USING", "COLLATE"})


@dataclass(frozen=True, slots=True)
class AddColumn:
    """``ADD COLUMN``."""

    column: ColumnDefinition
    text: str


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """``ADD CONSTRAINT``."""

    constraint: Constraint
    text: str


@dataclass(frozen=True, slots=True)
class AlterType:
    """``ALTER COLUMN … TYPE``; ``using`` and ``collation`` are empty without one."""

    column: str
    type: TypeName
    using: str
    collation: str
    text: str


@dataclass(frozen=True, slots=True)
class AlterColumn:
    """Another ``ALTER COLUMN``: ``what`` is its text behind the column's name, in upper case outside quotes."""

    column: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Drop:
    """``DROP COLUMN`` and ``DROP CONSTRAINT``: ``kind`` is the second word."""

    kind: str
    name: str
    text: str
    cascade: bool


@dataclass(frozen=True, slots=True)
class Rename:
    """``RENAME``: ``kind`` is TABLE, COLUMN or CONSTRAINT; ``old`` is the table's own name for TABLE."""

    kind: str
    old: str
    new: str
    text: str


@dataclass(frozen=True, slots=True)
class OtherAction:
    """Anything else: ``words`` are its first words in upper case, ``at`` the number of its first token."""

    words: str
    text: str
    at: int
    end: int


Action = AddColumn | AddConstraint | AlterType | AlterColumn | Drop | Rename | OtherAction


@dataclass(frozen=True, slots=True)
class AlterTable:
    """``ALTER TABLE``; ``relation`` is TABLE, INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE or FOREIGN TABLE."""

    relation: str
    table: Name
    actions: tuple[Action, ...]


def read_alter_table(statement: Statement) -> AlterTable | None:
    """What an ALTER of a relation asks for; None when the statement is none."""
    reader = Reader(statement)
    if not reader.take("ALTER"):
        return None
    relation = next(
        (
            kind
            for kind in ("TABLE", "FOREIGN TABLE", "INDEX", "MATERIALIZED VIEW", "VIEW")
            if reader.take(*kind.split())
        ),
        "",
    )
    if not relation or reader.take("ALL", "IN"):
        return None
    reader.if_exists()
    reader.take("ONLY")
    table = reader.name()
    reader.take("*")
    if table is None:
        return None
    return AlterTable(relation, table, tuple(_action(item, table) for item in reader.items()))


def _action(reader: Reader, table: Name) -> Action:
    start = reader.position
    text = reader.text()
    found = _add(reader, text) or _alter(reader, text) or _drop(reader, text) or _rename(reader, table, text)
    if found is not None:
        return found
    words = " ".join(token.word for token in reader.statement.tokens[start : min(start + 4, reader.end)])
    return OtherAction(words, text, start, reader.end)


def _add(reader: Reader, text: str) -> Action | None:
    if not reader.take("ADD"):
        return None
    if reader.peek() in _CONSTRAINTS:
        constraint = read_table_constraint(reader)
        return None if constraint is None else AddConstraint(constraint, text)
    reader.take("COLUMN")
    reader.if_not_exists()
    column = read_column(reader)
    return None if column is None else AddColumn(column, text)


def _alter(reader: Reader, text: str) -> Action | None:
    if reader.peek() != "ALTER" or reader.peek(1) in {"CONSTRAINT", "INDEX"}:
        return None
    reader.take("ALTER")
    reader.take("COLUMN")
    column = reader.part()
    if column is None:
        return None
    if reader.take("TYPE") or reader.take("SET", "DATA", "TYPE"):
        kind = read_type(reader, _TYPE_ENDS)
        collation = reader.until({"USING"}) if reader.take("COLLATE") else ""
        using = reader.text() if reader.take("USING") else ""
        return AlterType(column, kind, using, collation, text)
    what = " ".join(token.word or token.text for token in reader.left())
    return AlterColumn(column, what, text)


def _drop(reader: Reader, text: str) -> Action | None:
    if not reader.take("DROP"):
        return None
    kind = reader.take_any("COLUMN", "CONSTRAINT") or "COLUMN"
    reader.if_exists()
    name = reader.part()
    return None if name is None else Drop(kind, name, text, cascade=reader.take("CASCADE"))


def _rename(reader: Reader, table: Name, text: str) -> Action | None:
    if not reader.take("RENAME"):
        return None
    if reader.take("TO"):
        return Rename("TABLE", table.name, reader.part() or "", text)
    kind = reader.take_any("COLUMN", "CONSTRAINT") or "COLUMN"
    old = reader.part()
    if old is None or not reader.take("TO"):
        return None
    return Rename(kind, old, reader.part() or "", text)
