"""What is known when a statement comes: from the database, from earlier migrations, from earlier statements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from pgarchitect.schema.safety.facts import Key, TableFact, TableFacts
from pgarchitect.schema.safety.reading.alter_table import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    AlterType,
    Drop,
    Rename,
)
from pgarchitect.schema.safety.reading.columns import ColumnDefinition
from pgarchitect.schema.safety.reading.constraints import Constraint, ConstraintKind
from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.create_table import CreateTable
from pgarchitect.schema.safety.reading.forms import DropObjects, Form
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement, statements_in
from pgarchitect.schema.safety.reading.tokens import tokens
from pgarchitect.schema.safety.reading.types import SERIAL, TypeName, read_type

_NO_TYPE: Final[frozenset[str]] = frozenset()
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column's type, and whether it is NOT NULL."""

    type: TypeName
    not_null: bool


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """A check constraint's condition, and whether all rows are known to meet it."""

    condition: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is partitioned, and which partition takes what fits no other."""

    method: str
    key: tuple[str, ...]
    default: Name | None = None


class Known:
    """It grows with every statement; ``created`` holds the tables of the script at hand alone."""

    def __init__(self, facts: TableFacts | None = None) -> None:
        """Begin with what a database tells, if one was asked."""
        self.facts = facts
        self.created: set[Key] = set()
        self._columns: dict[Key, dict[str, KnownColumn]] = {}
        self._checks: dict[Key, dict[str, KnownCheck]] = {}
        self._indexes: dict[Key, Name] = dict(facts.indexes) if facts else {}
        self._partitioning: dict[Key, Partitioning] = {}
        for key, fact in facts.tables.items() if facts else ():
            self._take(key, fact)

    def begin_script(self) -> None:
        """What was created so far is there already."""
        self.created.clear()

    def fact(self, table: Name | None) -> TableFact | None:
        """What the database tells of a table; one without its schema may be in another than public."""
        if table is None or self.facts is None:
            return None
        found = self.facts.tables.get(table.key)
        if found is None and not table.schema:
            return next((fact for (_, name), fact in self.facts.tables.items() if name == table.name), None)
        return found

    def is_to_come(self, table: Name | None) -> bool:
        """Whether the database does not have it yet: an earlier migration that has not run makes it."""
        return table is not None and self.facts is not None and self.fact(table) is None and table.key in self._columns

    def is_new(self, table: Name | None) -> bool:
        """Whether this script has created it, so that nobody else can be using it."""
        return table is not None and table.key in self.created

    def column(self, table: Name, column: str) -> KnownColumn | None:
        """A column, where it is known."""
        return self._columns.get(table.key, {}).get(column)

    def columns_of(self, kind: str) -> Iterator[tuple[Name, str]]:
        """The columns whose type has that name, each with its table."""
        for (schema, table), columns in self._columns.items():
            for name, column in columns.items():
                if column.type.name == kind:
                    yield Name("" if schema == "public" else schema, table), name

    def checks(self, table: Name) -> dict[str, KnownCheck]:
        """The check constraints of a table that are known."""
        return self._checks.get(table.key, {})

    def proven_not_null(self, table: Name, column: str) -> bool:
        """Whether a validated check says that no row has a null there, so that SET NOT NULL reads nothing."""
        found = self.column(table, column)
        return (found is not None and found.not_null) or any(
            check.valid and words(check.condition) == [column, "is", "not", "null"]
            for check in self.checks(table).values()
        )

    def table_of(self, index: Name) -> Name | None:
        """The table of an index, where it is known."""
        return self._indexes.get(index.key)

    def partitioning(self, table: Name) -> Partitioning | None:
        """How a table is partitioned; None where it is not, or where nobody knows."""
        return self._partitioning.get(table.key)

    def learn(self, statement: Statement, form: Form | None) -> None:
        """Take in what a statement does."""
        if isinstance(form, CreateTable):
            self._create(form)
        elif isinstance(form, CreateIndex):
            self._indexes[form.table.beside(form.name).key] = form.table
        elif isinstance(form, DropObjects):
            self._drop(form)
        elif isinstance(form, AlterTable):
            self._alter(form)
        else:
            self._create_view(statement)

    def _take(self, key: Key, fact: TableFact) -> None:
        self._columns[key] = {
            name: KnownColumn(type_of(kind), not_null) for name, (kind, not_null) in fact.columns.items()
        }
        self._checks[key] = {
            name: KnownCheck(definition.partition("(")[2].rpartition(")")[0], valid)
            for name, (definition, valid) in fact.checks.items()
        }
        if fact.partitioned:
            self._partitioning[key] = Partitioning(fact.method, fact.key, fact.default_partition)

    def _create(self, form: CreateTable) -> None:
        key = form.table.key
        if form.if_not_exists and key in self._columns:
            return
        self.created.add(key)
        self._columns[key] = {}
        self._checks[key] = {}
        for column in form.columns:
            self._add_column(form.table, column)
        for constraint in form.constraints:
            self._constrain(form.table, constraint)
        if form.method:
            self._partitioning[key] = Partitioning(form.method, form.key)
        if form.parent is not None and form.bound.upper() == "DEFAULT":
            self._set_default(form.parent, form.table)

    def _create_view(self, statement: Statement) -> None:
        reader = Reader(statement)
        if reader.take("CREATE", "MATERIALIZED", "VIEW"):
            reader.if_not_exists()
            name = reader.name()
            if name is not None:
                self.created.add(name.key)

    def _set_default(self, parent: Name, partition: Name) -> None:
        before = self._partitioning.get(parent.key, Partitioning("", ()))
        self._partitioning[parent.key] = replace(before, default=partition)

    def _drop(self, form: DropObjects) -> None:
        for name in form.names:
            if form.kind == "INDEX":
                self._indexes.pop(name.key, None)
            elif form.kind == "TABLE":
                self._columns.pop(name.key, None)
                self._checks.pop(name.key, None)
                self.created.discard(name.key)

    def _alter(self, form: AlterTable) -> None:
        for action in form.actions:
            match action:
                case AddColumn(column=column):
                    self._add_column(form.table, column)
                case AddConstraint(constraint=constraint):
                    self._constrain(form.table, constraint)
                case AlterType(column=column_name, type=kind):
                    self._retype(form.table, column_name, kind)
                case AlterColumn(column=column_name, what=what) if what in {"SET NOT NULL", "DROP NOT NULL"}:
                    self._set_not_null(form.table, column_name, not_null=what.startswith("SET"))
                case Drop(kind=kind_of_thing, name=name):
                    self._forget(form.table, kind_of_thing, name)
                case Rename():
                    self._rename(form, action)
                case _:
                    self._other(form.table, action.text)

    def _forget(self, table: Name, kind: str, name: str) -> None:
        if kind == "COLUMN":
            self._columns.get(table.key, {}).pop(name, None)
        else:
            self._checks.get(table.key, {}).pop(name, None)

    def _add_column(self, table: Name, column: ColumnDefinition) -> None:
        kind = column.type
        if kind.name in SERIAL:
            kind = type_of(SERIAL[kind.name])
        known = KnownColumn(kind, column.not_null or column.type.name in SERIAL)
        self._columns.setdefault(table.key, {})[column.name] = known
        for constraint in column.constraints:
            self._constrain(table, constraint)

    def _constrain(self, table: Name, constraint: Constraint) -> None:
        if constraint.kind is ConstraintKind.CHECK:
            checks = self._checks.setdefault(table.key, {})
            checks[constraint.name or f"check {len(checks)}"] = KnownCheck(constraint.condition, constraint.valid)
        elif constraint.kind is ConstraintKind.PRIMARY_KEY:
            for column in constraint.columns:
                self._set_not_null(table, column, not_null=True)

    def _retype(self, table: Name, column: str, kind: TypeName) -> None:
        before = self.column(table, column)
        known = KnownColumn(kind, before.not_null if before else False)
        self._columns.setdefault(table.key, {})[column] = known

    def _set_not_null(self, table: Name, column: str, *, not_null: bool) -> None:
        before = self.column(table, column)
        if before is not None:
            self._columns[table.key][column] = replace(before, not_null=not_null)

    def _rename(self, form: AlterTable, action: Rename) -> None:
        key = form.table.key
        if action.kind == "COLUMN" and (known := self._columns.get(key, {}).pop(action.old, None)) is not None:
            self._columns[key][action.new] = known
        elif action.kind == "TABLE" and form.relation == "TABLE":
            new = form.table.beside(action.new).key
            _move(self._columns, key, new)
            _move(self._checks, key, new)
            _move(self._partitioning, key, new)
            if key in self.created:
                self.created.discard(key)
                self.created.add(new)
        elif form.relation == "INDEX":
            _move(self._indexes, key, form.table.beside(action.new).key)

    def _other(self, table: Name, text: str) -> None:
        said = words(text)
        if said[:2] == ["validate", "constraint"] and len(said) > 2:
            checks = self._checks.get(table.key, {})
            if said[2] in checks:
                checks[said[2]] = replace(checks[said[2]], valid=True)
        elif said[:2] == ["attach", "partition"] and said[-1:] == ["default"]:
            self._set_default(table, Name("", said[2]))


def _move(known: dict[Key, _T], old: Key, new: Key) -> None:
    if old in known:
        known[new] = known.pop(old)


def words(text: str) -> list[str]:
    """The tokens of an expression without parentheses: names as the catalog has them, all else as it stands."""
    return [token.name if token.is_name else token.text for token in tokens(text) if token.text not in "()"]


def type_of(text: str) -> TypeName:
    """A type out of its text."""
    found: Iterable[Statement] = statements_in(text)
    return next((read_type(Reader(each), _NO_TYPE) for each in found), TypeName(text, text))
