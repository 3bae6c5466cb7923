"""What is given to a nested write → what it is: names looked up, forms checked, values validated, nothing sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.failures import InvalidCondition, RelationRequired
from pgarchitect.access.forms import is_one_value
from pgarchitect.access.nested.tree import (
    ChangedMany,
    ChangedRow,
    Key,
    KeyedRow,
    ManyRows,
    NewRow,
    Related,
    Upserted,
)
from pgarchitect.access.shapes import RelationShape, Tables, TableShape
from pgarchitect.access.statement import Parameters
from pgarchitect.access.validation.rows import refuse, row_problems, update_problems
from pgarchitect.access.writing import assignments

_OF_NEW: Final = ("create", "connect", "connect_or_create")
_OF_ONE: Final = (*_OF_NEW, "update", "upsert", "disconnect", "delete")
_OF_MANY: Final = (*_OF_ONE, "create_many", "set", "update_many", "delete_many")


class WriteReader:
    """Understands one write.

    Args:
        tables: shapes of all tables.
        validate: look whether all values fit.
    """

    __slots__ = ("_problems", "_tables", "_validate")

    def __init__(self, tables: Tables, *, validate: bool) -> None:
        self._tables = tables
        self._validate = validate
        self._problems: list[str] = []

    def insert(self, table: TableShape, data: object) -> NewRow:
        """A row to create, with all that is written with it.

        Raises:
            UnknownField: a name does not exist.
            InvalidCondition: something does not have the form that it must have.
            RelationRequired: a relation that must lead to a row would lead to none.
            ValidationFailed: values do not fit.
        """
        row = self._new(table, data, (), "")
        refuse(table, self._problems)
        return row

    def update(self, table: TableShape, where: Key, data: object) -> ChangedRow:
        """A row to change, with all that is written with it; raises as ``insert`` does."""
        row = self._changed(table, self._key(table, where, "where"), data, "")
        refuse(table, self._problems)
        return row

    def upsert(self, table: TableShape, where: Key, create: object, update: object) -> Upserted:
        """A row to change or to create; raises as ``insert`` does."""
        key = self._key(table, where, "where")
        made = self._new(table, _mapping(create, "create"), (), "create.")
        found = Upserted(key, made, self._changed(table, key, update, "update."))
        refuse(table, self._problems)
        return found

    def _new(self, table: TableShape, data: object, filled: Sequence[str], at: str) -> NewRow:
        given = _mapping(data, at or table.name)
        values = _values(table, given)
        related = list(self._relations(table, given, values, at, _OF_NEW))
        folded = _folded(table, related, values)
        rest = [each for each in related if each.relation.name not in folded]
        held = tuple(each for each in rest if each.relation.holds_key)
        below = tuple(each for each in rest if not each.relation.holds_key)
        keys = {name for each in held for name in each.relation.here} | set(filled)
        _refuse_twice(table, values, keys, at)
        if self._validate:
            self._problems += row_problems(table, values, keys, at)
        return NewRow(table, values, held, below, folded)

    def _changed(self, table: TableShape, where: Key, data: object, at: str) -> ChangedRow:
        given = _mapping(data, at or table.name)
        values = _values(table, given)
        related = list(self._relations(table, given, values, at, _OF_MANY))
        folded = _folded(table, related, values)
        rest = [each for each in related if each.relation.name not in folded]
        held = tuple(each for each in rest if each.relation.holds_key)
        _refuse_twice(table, values, {name for each in held for name in each.relation.here}, at)
        if self._validate:
            self._problems += update_problems(table, values, at)
        self._try(table, values)
        return ChangedRow(table, where, values, held, tuple(each for each in rest if each not in held), folded)

    def _try(self, table: TableShape, values: Mapping[str, Any], where: Where | None = None) -> None:
        """Put operations and conditions into SQL once, so that what is wrong with them is told at the beginning."""
        if not self._problems:
            assignments(table, values, Parameters(), "t")
        Conditions(self._tables, Parameters()).of(table, where, "t")

    def _relations(
        self, table: TableShape, given: Mapping[str, Any], values: Mapping[str, Any], at: str, known: Sequence[str]
    ) -> Iterator[Related]:
        for name, asked in given.items():
            if name not in values:
                yield self._related(table, table.relation(name), asked, f"{at}{name}", known)

    def _related(
        self, table: TableShape, relation: RelationShape, asked: object, at: str, known: Sequence[str]
    ) -> Related:
        operations = _mapping(asked, at)
        possible = _possible(relation, known)
        for name in operations:
            if name not in possible:
                raise InvalidCondition(f"{at} has no operation {name!r} here; it has {', '.join(possible)}.")
        _refuse_cut(table, self._tables[relation.target], relation, operations, at)
        reads = self._reads(relation)
        made = {
            name: reads[name](given, f"{at}.{name}")
            for name, given in operations.items()
            if given is not False and not (given is None and name != "set")
        }
        if not relation.to_many and len(made) > 1:
            raise InvalidCondition(f"{at} leads to one row and takes one operation, not {', '.join(made)}.")
        return Related(relation, **made)

    def _reads(self, relation: RelationShape) -> Mapping[str, Callable[[object, str], Any]]:
        """Operation → what understands its argument."""
        other = self._tables[relation.target]
        filled = () if relation.holds_key or relation.through else relation.there
        many = relation.to_many

        def each_of(read: Callable[[object, str], Any]) -> Callable[[object, str], tuple[Any, ...]]:
            return lambda given, at: tuple(read(each, place) for each, place in _items(given, at, many=many))

        def named(given: object, at: str) -> Key:
            return self._key(other, given, at) if many else _whatever(given, at)

        return {
            "create": each_of(lambda given, at: self._new(other, given, filled, f"{at}.")),
            "connect": each_of(lambda given, at: self._key(other, given, at)),
            "connect_or_create": each_of(lambda given, at: self._keyed(other, given, filled, at)),
            "create_many": lambda given, at: (self._many(other, given, filled, at),),
            "set": each_of(lambda given, at: self._key(other, given, at)),
            "disconnect": each_of(named),
            "delete": each_of(named),
            "update": each_of(lambda given, at: self._update_of(other, given, at, many=many)),
            "upsert": each_of(lambda given, at: self._upsert_of(other, given, filled, at, many=many)),
            "update_many": each_of(lambda given, at: self._update_many(other, given, at)),
            "delete_many": each_of(lambda given, at: self._condition(other, given, at)),
        }

    def _key(self, table: TableShape, given: object, at: str) -> Key:
        key = _mapping(given, at)
        for name in key:
            table.column(name)
        if not table.identifies(frozenset(key)):
            raise InvalidCondition(f"{at} names a row of {table.name} by a unique key; {', '.join(key)} is none.")
        unfit = [name for name, value in key.items() if not is_one_value(value)]
        if unfit:
            raise InvalidCondition(f"{at} takes plain values of a unique key, and {', '.join(unfit)} has none.")
        return key

    def _keyed(self, table: TableShape, given: object, filled: Sequence[str], at: str) -> KeyedRow:
        parts = _parts(given, at, ("where", "create"))
        key = self._key(table, parts["where"], f"{at}.where")
        return KeyedRow(key, self._new(table, parts["create"], filled, f"{at}.create."))

    def _update_of(self, table: TableShape, given: object, at: str, *, many: bool) -> ChangedRow:
        if not many:
            return self._changed(table, {}, given, f"{at}.")
        parts = _parts(given, at, ("where", "data"))
        return self._changed(table, self._key(table, parts["where"], f"{at}.where"), parts["data"], f"{at}.data.")

    def _upsert_of(self, table: TableShape, given: object, filled: Sequence[str], at: str, *, many: bool) -> Upserted:
        parts = _parts(given, at, ("where", "create", "update") if many else ("create", "update"))
        key = self._key(table, parts["where"], f"{at}.where") if many else {}
        made = self._new(table, parts["create"], filled, f"{at}.create.")
        return Upserted(key, made, self._changed(table, key, parts["update"], f"{at}.update."))

    def _update_many(self, table: TableShape, given: object, at: str) -> ChangedMany:
        parts = _parts(given, at, ("where", "data"))
        values = _mapping(parts["data"], f"{at}.data")
        for name in values:
            table.column(name)
        if self._validate:
            self._problems += update_problems(table, values, f"{at}.data.")
        where = _mapping(parts["where"], f"{at}.where")
        self._try(table, values, where)
        return ChangedMany(where, values)

    def _condition(self, table: TableShape, given: object, at: str) -> Where:
        where = _mapping(given, at)
        self._try(table, {}, where)
        return where

    def _many(self, table: TableShape, given: object, filled: Sequence[str], at: str) -> ManyRows:
        parts = _parts({"skip_duplicates": False, **_mapping(given, at)}, at, ("data", "skip_duplicates"))
        rows = tuple(_mapping(each, place) for each, place in _items(parts["data"], f"{at}.data", many=True))
        for number, row in enumerate(rows):
            for name in row:
                table.column(name)
            _refuse_twice(table, row, set(filled), f"{at}.data[{number}].")
            if self._validate:
                self._problems += row_problems(table, row, filled, f"{at}.data[{number}].")
        return ManyRows(rows, bool(parts["skip_duplicates"]))


def _possible(relation: RelationShape, known: Sequence[str]) -> list[str]:
    """The operations of a relation, of those that the write knows."""
    possible = list(_OF_MANY if relation.to_many else _OF_ONE)
    if known is _OF_NEW:
        possible = [*_OF_NEW, "create_many"] if relation.to_many else list(_OF_NEW)
    if relation.through is not None and "create_many" in possible:
        possible.remove("create_many")
    return possible


def _folded(table: TableShape, related: Sequence[Related], values: dict[str, Any]) -> tuple[str, ...]:
    """Write keys of relations into the row's values where no more is to be done; the relations of which that is so."""
    folded = []
    for each in related:
        keys = _key_values(table, each)
        if keys is not None:
            _refuse_twice(table, values, set(keys), "")
            values.update(keys)
            folded.append(each.relation.name)
    return tuple(folded)


def _key_values(table: TableShape, related: Related) -> dict[str, Any] | None:
    """The foreign key that a relation comes to; None: it must be asked of the database, or more is to be done."""
    relation = related.relation
    if not relation.holds_key:
        return None
    if related == Related(relation, disconnect=({},)):
        return dict.fromkeys(relation.here)
    if len(related.connect) != 1 or related != Related(relation, connect=related.connect):
        return None
    [key] = related.connect
    if set(key) != set(relation.there) or is_moved(table, relation):
        return None
    return {mine: key[theirs] for mine, theirs in zip(relation.here, relation.there, strict=True)}


def is_moved(table: TableShape, relation: RelationShape) -> bool:
    """Whether a row that gets a key of a one-to-one relation takes it from the row that has it."""
    optional = all(table.column(name).nullable for name in relation.here)
    return relation.holds_key and optional and table.identifies(frozenset(relation.here))


def _refuse_twice(table: TableShape, values: Mapping[str, Any], keys: set[str], at: str) -> None:
    twice = sorted(keys & set(values))
    if twice:
        raise InvalidCondition(
            f"{at}{', '.join(twice)} of {table.name} is both a value and written by a relation; give one of them."
        )


def _refuse_cut(
    table: TableShape, other: TableShape, relation: RelationShape, operations: Mapping[str, Any], at: str
) -> None:
    """Refuse to cut a relation whose key cannot be NULL.

    Raises:
        RelationRequired: it would be cut.
    """
    if relation.through is not None:
        return
    holder, names = (table, relation.here) if relation.holds_key else (other, relation.there)
    required = [name for name in names if not holder.column(name).nullable]
    cuts = {"disconnect", "delete"} if relation.holds_key else {"disconnect", "set"}
    for name in sorted(cuts & set(operations)):
        if required and operations[name] is not False:
            raise RelationRequired(
                f"{at}.{name} would leave {', '.join(required)} of {holder.name} without a value, which it must have;"
                " connect another row, or delete the one that has it."
            )


def _items(given: object, at: str, *, many: bool) -> Iterator[tuple[object, str]]:
    """Each item with its place; of a relation to many rows one may stand for a list of one."""
    if not many or not isinstance(given, list | tuple):
        yield given, at
        return
    for number, each in enumerate(given):
        yield each, f"{at}[{number}]"


def _values(table: TableShape, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given for columns; every other name is a relation's."""
    values = {name: value for name, value in given.items() if not table.is_relation(name)}
    for name in values:
        table.column(name)
    return values


def _mapping(given: object, at: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidCondition(f"{at.rstrip('.')} takes a mapping, not {type(given).__name__}.")
    return given


def _whatever(given: object, at: str) -> Key:
    if given is not True:
        raise InvalidCondition(f"{at} takes True, since the relation leads to one row.")
    return {}


def _parts(given: object, at: str, names: Sequence[str]) -> Mapping[str, Any]:
    parts = _mapping(given, at)
    if set(parts) != set(names):
        raise InvalidCondition(f"{at} takes {', '.join(names)}, and nothing else.")
    return parts
