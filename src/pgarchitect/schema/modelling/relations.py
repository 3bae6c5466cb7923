"""Foreign keys → relation fields at both ends, and tables of pairs → implicit many-to-many relations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pgarchitect.schema.database_schema import Action, DatabaseSchema, ForeignKey, Table
from pgarchitect.schema.lowering.names import foreign_key_name
from pgarchitect.schema.modelling.keys import NOWHERE
from pgarchitect.schema.modelling.naming import name_for
from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    Field,
    Model,
    ModelRef,
    ReferentialAction,
    Relation,
)

_ACTIONS = {
    Action.CASCADE: ReferentialAction.CASCADE,
    Action.RESTRICT: ReferentialAction.RESTRICT,
    Action.NO_ACTION: ReferentialAction.NO_ACTION,
    Action.SET_NULL: ReferentialAction.SET_NULL,
    Action.SET_DEFAULT: ReferentialAction.SET_DEFAULT,
}

Place = tuple[str, str]
"""Schema and name of a table."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names in PSL: of tables' models, and of their columns' fields."""

    models: Mapping[Place, str]
    fields: Mapping[Place, Mapping[str, str]]


def pair_tables(database: DatabaseSchema) -> frozenset[Place]:
    """Tables of implicit many-to-many relations, as Prisma makes them."""
    return frozenset((each.schema, each.name) for each in database.tables if _is_pair(each))


def _is_pair(table: Table) -> bool:
    columns = [each.name for each in table.columns]
    keys = {each.columns for each in table.foreign_keys}
    unique = table.primary_key is not None or any(each.unique for each in table.indexes)
    return table.name.startswith("_") and columns == ["A", "B"] and keys == {("A",), ("B",)} and unique


def relation_fields(
    database: DatabaseSchema, names: Names, known: Mapping[str, Model]
) -> Mapping[Place, tuple[Field, ...]]:
    """The relation fields of each model.

    Args:
        database: whose foreign keys.
        names: of what is in it.
        known: models of an earlier schema, by their names: their relation fields keep their names.
    """
    made: dict[Place, list[Field]] = defaultdict(list)
    pairs = pair_tables(database)
    keys = [
        (table, key)
        for table in database.tables
        if (table.schema, table.name) in names.models
        for key in table.foreign_keys
        if (key.schema, key.table) in names.models
    ]
    for table, key in keys:
        _Ends(table, key, names, known, _alike(table, key, keys)).add(made)
    for table in database.tables:
        if (table.schema, table.name) in pairs:
            _add_pair(table, names, known, made)
    return {place: tuple(fields) for place, fields in made.items()}


def _alike(table: Table, key: ForeignKey, keys: Iterable[tuple[Table, ForeignKey]]) -> bool:
    """Whether other foreign keys join the same two tables, or this one joins a table with itself."""
    ends = {(table.schema, table.name), (key.schema, key.table)}
    same = sum({(t.schema, t.name), (k.schema, k.table)} == ends for t, k in keys)
    return same > 1 or len(ends) == 1


class _Ends:
    """The two fields of one foreign key."""

    def __init__(
        self,
        table: Table,
        key: ForeignKey,
        names: Names,
        known: Mapping[str, Model],
        ambiguous: bool,  # noqa: FBT001
    ) -> None:
        self._table = table
        self._key = key
        self._here = (table.schema, table.name)
        self._there = (key.schema, key.table)
        self._names = names
        self._model = names.models[self._here]
        self._target = names.models[self._there]
        self._fields = tuple(names.fields[self._here][each] for each in key.columns)
        self._references = tuple(names.fields[self._there][each] for each in key.references)
        self._known = self._known_field(known)
        self._opposite = self._known_opposite(known)
        self._name = self._relation_name(ambiguous=ambiguous)

    def add(self, made: dict[Place, list[Field]]) -> None:
        """Add both fields."""
        columns = [self._table.column(each) for each in self._key.columns]
        nullable = optional = any(each is not None and each.nullable for each in columns)
        mine = self._known.name if self._known else self._free(self._here, self._target, made)
        # A person may call a row optional that its columns require: nothing is wrong with that.
        optional = optional or bool(self._known and self._known.arity is Arity.OPTIONAL)
        arity = Arity.OPTIONAL if optional else Arity.REQUIRED
        field = _field(mine, self._target, arity, self._holding(optional=nullable), self._known)
        made[self._here].append(field)
        back = self._opposite.name if self._opposite else self._free(self._there, self._model, made)
        far = Arity.OPTIONAL if _is_unique(self._table, self._key.columns) else Arity.LIST
        relation = Relation(self._name, (), (), None, None, None, mine)
        made[self._there].append(_field(back, self._model, far, relation, self._opposite))
        position = made[self._here].index(field)
        assert field.relation is not None  # noqa: S101  # made just now
        made[self._here][position] = _field(
            mine, self._target, arity, _with_opposite(field.relation, back), self._known
        )

    def _holding(self, *, optional: bool) -> Relation:
        key = self._key
        usual = Action.SET_NULL if optional else Action.RESTRICT
        name = foreign_key_name(self._table.name, key.columns)
        return Relation(
            self._name,
            self._fields,
            self._references,
            None if key.on_delete is usual else _ACTIONS[key.on_delete],
            None if key.on_update is Action.CASCADE else _ACTIONS[key.on_update],
            None if key.name == name else key.name,
            "",
        )

    def _known_field(self, known: Mapping[str, Model]) -> Field | None:
        model = known.get(self._model)
        for each in model.relations if model else ():
            if each.relation is not None and each.relation.fields == self._fields and _leads_to(each, self._target):
                return each
        return None

    def _known_opposite(self, known: Mapping[str, Model]) -> Field | None:
        if self._known is None or self._known.relation is None or self._target not in known:
            return None
        return known[self._target].field(self._known.relation.opposite)

    def _relation_name(self, *, ambiguous: bool) -> str | None:
        if self._known is not None and self._known.relation is not None:
            return self._known.relation.name
        if not ambiguous:
            return None
        return f"{self._table.name}_{'_'.join(self._key.columns)}To{self._key.table}"

    def _free(self, place: Place, wanted: str, made: Mapping[Place, Sequence[Field]]) -> str:
        taken = {*self._names.fields[place].values(), *(each.name for each in made.get(place, ()))}
        if self._name is not None and wanted in (self._target, self._model) and self._known is None:
            wanted = name_for(f"{wanted}_{self._name}", of_block=False)
        while wanted in taken:
            wanted += "_"
        return wanted


def _leads_to(field: Field, model: str) -> bool:
    return isinstance(field.type, ModelRef) and field.type.name == model


def _with_opposite(relation: Relation, opposite: str) -> Relation:
    parts = (relation.name, relation.fields, relation.references, relation.on_delete, relation.on_update, relation.map)
    return Relation(*parts, opposite)


def _is_unique(table: Table, columns: Sequence[str]) -> bool:
    keys = [[part.name for part in each.columns] for each in table.indexes if each.unique and not each.where]
    keys += [list(table.primary_key.columns)] if table.primary_key else []
    return any(set(key) == set(columns) for key in keys)


def _add_pair(table: Table, names: Names, known: Mapping[str, Model], made: dict[Place, list[Field]]) -> None:
    ends = {each.columns[0]: (each.schema, each.table) for each in table.foreign_keys}
    first, second = ends["A"], ends["B"]
    if first not in names.models or second not in names.models:
        return
    relation = table.name.removeprefix("_")
    a, b = names.models[first], names.models[second]
    mine, theirs = _pair_names(relation, (a, b), known)
    mine = _unused(mine, names.fields[first], made[first])
    theirs = _unused(theirs, names.fields[second], [*made[second], *([] if first != second else [_named(mine)])])
    name = None if relation == f"{a}To{b}" and a != b else relation
    made[first].append(_field(mine, b, Arity.LIST, Relation(name, (), (), None, None, None, theirs), None))
    made[second].append(_field(theirs, a, Arity.LIST, Relation(name, (), (), None, None, None, mine), None))


def _unused(wanted: str, fields: Mapping[str, str], made: Iterable[Field]) -> str:
    taken = {*fields.values(), *(each.name for each in made)}
    while wanted in taken:
        wanted += "_"
    return wanted


def _named(name: str) -> Field:
    return _field(name, "", Arity.LIST, Relation(None, (), (), None, None, None, ""), None)


def _pair_names(relation: str, models: tuple[str, str], known: Mapping[str, Model]) -> tuple[str, str]:
    """The two fields of a many-to-many relation, with their names of an earlier schema where it had them."""
    a, b = models
    for each in known[a].relations if a in known else ():
        if not (each.is_list and _leads_to(each, b)) or each.relation is None:
            continue
        if (each.relation.name or f"{a}To{b}") == relation:
            other = known[b].field(each.relation.opposite) if b in known else None
            if other is not None and other.is_list:
                return each.name, each.relation.opposite
    return (b, a) if a != b else (f"{a}_A", f"{a}_B")


def _field(name: str, target: str, arity: Arity, relation: Relation, known: Field | None) -> Field:
    return Field(
        name,
        ModelRef(target),
        arity,
        "",
        None,
        None,
        False,  # noqa: FBT003  # as the noun has them
        known.ignored if known else False,
        relation,
        known.documentation if known else "",
        NOWHERE,
    )
