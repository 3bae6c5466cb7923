"""Locks on tables: their modes, what each of them blocks, and which ones a statement takes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from pgarchitect.schema.safety.known import Known
from pgarchitect.schema.safety.reading.alter_table import (
    Action,
    AddConstraint,
    AlterColumn,
    AlterTable,
    OtherAction,
    Rename,
)
from pgarchitect.schema.safety.reading.constraints import ConstraintKind
from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.create_table import CreateTable
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.script import Step


class LockMode(StrEnum):
    """Modes of table locks, the weakest first (docs of PostgreSQL, "Explicit Locking")."""

    NONE = ""
    ACCESS_SHARE = "ACCESS SHARE"
    ROW_SHARE = "ROW SHARE"
    ROW_EXCLUSIVE = "ROW EXCLUSIVE"
    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    EXCLUSIVE = "EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    @property
    def strength(self) -> int:
        """Its place in the order."""
        return list(LockMode).index(self)

    @property
    def blocks_writes(self) -> bool:
        """Whether INSERT, UPDATE and DELETE of others wait."""
        return self.strength >= LockMode.SHARE.strength

    @property
    def blocks_reads(self) -> bool:
        """Whether even SELECT waits."""
        return self is LockMode.ACCESS_EXCLUSIVE


_WEAK_ACTIONS: Final = (
    ("VALIDATE CONSTRAINT", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ("ATTACH PARTITION", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ("CLUSTER ON", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ("SET WITHOUT CLUSTER", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ("SET (", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ("RESET (", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ("DISABLE TRIGGER", LockMode.SHARE_ROW_EXCLUSIVE),
    ("ENABLE TRIGGER", LockMode.SHARE_ROW_EXCLUSIVE),
    ("ENABLE REPLICA TRIGGER", LockMode.SHARE_ROW_EXCLUSIVE),
    ("ENABLE ALWAYS TRIGGER", LockMode.SHARE_ROW_EXCLUSIVE),
)
_WEAK_COLUMN_ACTIONS: Final = ("SET STATISTICS", "SET (", "RESET (")


def locks_of(step: Step, known: Known) -> Iterator[tuple[Name, LockMode]]:
    """Existing tables that a statement locks more than a write does, each with the mode; new tables are left out."""
    for table, mode in _locks(step, known):
        if not known.is_new(table) and mode.strength > LockMode.ROW_EXCLUSIVE.strength:
            yield table, mode


def _locks(step: Step, known: Known) -> Iterator[tuple[Name, LockMode]]:
    match step.form:
        case AlterTable(relation="TABLE", table=table, actions=actions):
            for action in actions:
                yield table, mode_of(action)
                if isinstance(action, AddConstraint) and action.constraint.references is not None:
                    yield action.constraint.references, LockMode.SHARE_ROW_EXCLUSIVE
        case CreateIndex(table=table, concurrently=concurrently):
            yield table, LockMode.SHARE_UPDATE_EXCLUSIVE if concurrently else LockMode.SHARE
        case DropObjects(kind="TABLE", names=names):
            yield from ((name, LockMode.ACCESS_EXCLUSIVE) for name in names)
        case DropObjects(kind="INDEX", names=names, concurrently=False):
            owners = filter(None, map(known.table_of, names))
            yield from ((owner, LockMode.ACCESS_EXCLUSIVE) for owner in owners)
        case CreateTable(parent=Name() as parent):
            yield parent, LockMode.ACCESS_EXCLUSIVE
        case _:
            yield from _by_words(step)


def mode_of(action: Action) -> LockMode:
    """The lock on its own table that an action of ALTER TABLE takes."""
    if isinstance(action, AddConstraint) and action.constraint.kind is ConstraintKind.FOREIGN_KEY:
        return LockMode.SHARE_ROW_EXCLUSIVE
    if isinstance(action, AlterColumn) and action.what.startswith(_WEAK_COLUMN_ACTIONS):
        return LockMode.SHARE_UPDATE_EXCLUSIVE
    if isinstance(action, OtherAction):
        return next(
            (mode for words, mode in _WEAK_ACTIONS if action.words.startswith(words)), LockMode.ACCESS_EXCLUSIVE
        )
    if isinstance(action, Rename) and action.kind == "CONSTRAINT":
        return LockMode.ACCESS_EXCLUSIVE
    return LockMode.ACCESS_EXCLUSIVE


def _by_words(step: Step) -> Iterator[tuple[Name, LockMode]]:
    reader = Reader(step.statement)
    if reader.take("TRUNCATE"):
        reader.take("TABLE")
        reader.take("ONLY")
        yield from ((name, LockMode.ACCESS_EXCLUSIVE) for name in reader.names())
    elif reader.take("LOCK"):
        reader.take("TABLE")
        reader.take("ONLY")
        names = reader.names()
        yield from ((name, lock_asked(reader)) for name in names)
    elif reader.take("CLUSTER") or reader.take("VACUUM", "FULL"):
        if (name := reader.name()) is not None:
            yield name, LockMode.ACCESS_EXCLUSIVE
    elif _creates_trigger(reader):
        reader.until({"ON"})
        reader.take("ON")
        if (name := reader.name()) is not None:
            yield name, LockMode.SHARE_ROW_EXCLUSIVE


def _creates_trigger(reader: Reader) -> bool:
    if not reader.take("CREATE"):
        return False
    reader.take("OR", "REPLACE")
    reader.take("CONSTRAINT")
    return reader.take("TRIGGER")


def lock_asked(reader: Reader) -> LockMode:
    """The mode that stands behind the names of LOCK TABLE."""
    if not reader.take("IN"):
        return LockMode.ACCESS_EXCLUSIVE
    asked = reader.until({"MODE"}).upper()
    return next((mode for mode in LockMode if mode.value == " ".join(asked.split())), LockMode.ACCESS_EXCLUSIVE)


def sets_lock_timeout(step: Step) -> bool:
    """Whether a statement bounds how long the ones behind it wait for locks."""
    return step.statement.begins("SET") and "LOCK_TIMEOUT" in {token.word for token in step.statement.tokens}
