"""What a generated client knows of its tables: names, types, keys and relations, as data.

The generated client holds one ``TableShape`` a model. Statements are made of these and of values, never of names that a
caller gives: a name is looked up here, and one that is not here is refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from pgarchitect.access.failures import UnknownField
from pgarchitect.schema.mirrors.write_rules import WriteRule


class ValueKind(StrEnum):
    """What the values of a column are, as far as operators differ."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    JSON = "json"
    BYTES = "bytes"
    UUID = "uuid"
    ENUM = "enum"
    OTHER = "other"
    """A type that drivers do not know (``vector``, ``tsvector``): read and written as text."""


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column.

    Attributes:
        name: in Python.
        column: in the database.
        type: of one value as SQL spells it, for casts: ``int4``, ``"public"."role"``.
        kind: what one value is.
        nullable: it may hold NULL.
        is_list: it holds an array.
        has_default: the database fills it when an INSERT leaves it out.
        make_default: makes the value when an INSERT leaves it out (``uuid()``, ``@updatedAt``); None: nothing does.
        make_update: makes the value for every UPDATE that does not set it (``@updatedAt``); None: nothing does.
        naive: a ``timestamp`` without time zone, in which moments stand as UTC.
        rule: what a value must be so that the column takes it; None: nothing beyond its type is known.
        labels: of an enum.
        shape: a JSON Schema of a JSON column's values, as text; empty: any.
    """

    name: str
    column: str
    type: str
    kind: ValueKind
    nullable: bool = False
    is_list: bool = False
    has_default: bool = False
    make_default: Callable[[], object] | None = None
    make_update: Callable[[], object] | None = None
    naive: bool = False
    rule: WriteRule | None = None
    labels: tuple[str, ...] = ()
    shape: str = ""

    @property
    def is_required(self) -> bool:
        """Whether a new row must have a value for it, since nobody else has one."""
        filled = self.has_default or self.make_default is not None
        return not (self.nullable or self.is_list or filled)

    @property
    def is_text(self) -> bool:
        """Whether its values have the operators of texts; those of ``citext`` never regard case."""
        return self.kind is ValueKind.TEXT or self.type == "citext"

    @property
    def quoted(self) -> str:
        """The column as SQL spells it."""
        return quoted(self.column)

    def present(self, alias: str) -> str:
        """Its value in a row of ``alias``: a list is never NULL there, which Prisma leaves in a row that has none."""
        name = f"{alias}.{self.quoted}"
        return f"COALESCE({name}, '{{}}')" if self.is_list else name


@dataclass(frozen=True, slots=True)
class JoinTable:
    """The table between two models of an implicit many-to-many relation: its names, and its columns to either side."""

    schema: str
    table: str
    here: str
    there: str

    @property
    def qualified(self) -> str:
        """Schema and name as SQL spells them."""
        return f"{quoted(self.schema)}.{quoted(self.table)}"

    @property
    def here_quoted(self) -> str:
        """The column to this side as SQL spells it."""
        return quoted(self.here)

    @property
    def there_quoted(self) -> str:
        """The column to the other side as SQL spells it."""
        return quoted(self.there)


@dataclass(frozen=True, slots=True)
class RelationShape:
    """A relation as seen from one of its tables.

    Attributes:
        name: in Python.
        target: name of the other table's shape.
        to_many: it leads to any number of rows.
        here: columns of this table, by their names in Python, that must equal …
        there: … these of the other table.
        through: of an implicit many-to-many relation; ``here`` and ``there`` are then the two primary keys.
        holds_key: this table has the foreign key, so that ``here`` is written to change what it leads to.
    """

    name: str
    target: str
    to_many: bool
    here: tuple[str, ...]
    there: tuple[str, ...]
    through: JoinTable | None = None
    holds_key: bool = False


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table or view.

    Attributes:
        name: in Python, as the attribute of the database object: ``behavior_log``.
        schema: its namespace.
        table: its name in the database.
        row: makes a row of the columns' values, in the order of ``columns``.
        columns: in the order of the row's fields.
        primary_key: columns by their names in Python; empty: none.
        uniques: sets of columns that no two rows share, likewise.
        relations: to other tables.
        counts: name of what a row has of the numbers of rows that its relations lead to.
    """

    name: str
    schema: str
    table: str
    row: Callable[..., object]
    columns: tuple[ColumnShape, ...]
    primary_key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    relations: tuple[RelationShape, ...] = ()
    counts: str = "counts"
    _columns: Mapping[str, ColumnShape] = field(init=False, repr=False, compare=False)
    _relations: Mapping[str, RelationShape] = field(init=False, repr=False, compare=False)
    _positions: Mapping[str, int] = field(init=False, repr=False, compare=False)
    required: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Columns that a new row must have a value for."""
    checks: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What checks the values of each column, made when it is first needed (see ``validation``)."""

    def __post_init__(self) -> None:
        """Find columns and relations by name at once."""
        object.__setattr__(self, "_columns", {each.name: each for each in self.columns})
        object.__setattr__(self, "_relations", {each.name: each for each in self.relations})
        object.__setattr__(self, "required", tuple(each.name for each in self.columns if each.is_required))
        object.__setattr__(self, "_positions", {each.name: number for number, each in enumerate(self.columns)})

    @property
    def qualified(self) -> str:
        """Schema and name as SQL spells them."""
        return f"{quoted(self.schema)}.{quoted(self.table)}"

    def column(self, name: str) -> ColumnShape:
        """The column of that name in Python.

        Raises:
            UnknownField: there is none.
        """
        found = self._columns.get(name)
        if found is None:
            if name in self._relations:
                raise UnknownField(
                    f"{name} of {self.name} is a relation, and only a field may stand here; name a field."
                )
            raise UnknownField(f"{self.name} has no field {name!r}; {_meant(name, self._columns)}")
        return found

    def relation(self, name: str) -> RelationShape:
        """The relation of that name in Python.

        Raises:
            UnknownField: there is none.
        """
        found = self._relations.get(name)
        if found is None:
            if name in self._columns:
                raise UnknownField(
                    f"{name} of {self.name} is a field, and only a relation may stand here; name a relation."
                )
            raise UnknownField(f"{self.name} has no relation {name!r}; {_meant(name, self._relations)}")
        return found

    def has_column(self, name: str) -> bool:
        """Whether that name is a column's."""
        return name in self._columns

    def is_relation(self, name: str) -> bool:
        """Whether that name is a relation's."""
        return name in self._relations

    def values(self, record: Sequence[Any], names: Sequence[str]) -> tuple[Any, ...]:
        """Values of these columns in a record of all columns."""
        return tuple(record[self._positions[name]] for name in names)

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that name one row; empty: there are none."""
        keys = (each for each in self.uniques if not any(self.column(name).nullable for name in each))
        return self.primary_key or next(keys, ())

    def has_relations(self, data: Iterable[str]) -> bool:
        """Whether any of these names is a relation's."""
        return not self._relations.keys().isdisjoint(data)

    def is_key(self, names: frozenset[str]) -> bool:
        """Whether these columns are a unique key, neither more nor less."""
        return any(key and names == frozenset(key) for key in (self.primary_key, *self.uniques))

    def identifies(self, names: frozenset[str]) -> bool:
        """Whether values of these columns belong to one row at most."""
        keys = (self.primary_key, *self.uniques)
        return any(key and names.issuperset(key) for key in keys)


Tables = Mapping[str, TableShape]
"""The shapes of all tables by their names in Python."""


def in_namespace(tables: Tables, name: str, usual: str = "public") -> Tables:
    """The tables with those of the ``usual`` schema, and the enums there, in another one."""
    return {key: _moved(each, name, usual) for key, each in tables.items()}


def _moved(table: TableShape, name: str, usual: str) -> TableShape:
    def pair(relation: RelationShape) -> RelationShape:
        between = relation.through
        if between is None or between.schema != usual:
            return relation
        return replace(relation, through=replace(between, schema=name))

    def column(each: ColumnShape) -> ColumnShape:
        if not each.type.startswith(f"{quoted(usual)}."):
            return each
        return replace(each, type=quoted(name) + each.type.removeprefix(quoted(usual)))

    return replace(
        table,
        schema=name if table.schema == usual else table.schema,
        columns=tuple(map(column, table.columns)),
        relations=tuple(map(pair, table.relations)),
    )


def quoted(name: str) -> str:
    """An identifier as SQL spells it, always in quotes."""
    return '"' + name.replace('"', '""') + '"'


def _meant(name: str, names: Mapping[str, object]) -> str:
    close = get_close_matches(str(name), names, n=1)
    return f"did you mean {close[0]!r}?" if close else "correct the name."
