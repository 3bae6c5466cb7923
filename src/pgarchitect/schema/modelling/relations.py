"""Foreign keys and tables of pairs → relation fields at both ends."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from pgarchitect.schema.database_schema import Action, DatabaseSchema, ForeignKey, Table
from pgarchitect.schema.difference.equality import same_foreign_key
from pgarchitect.schema.lowering.foreign_keys import lowered_foreign_key
from pgarchitect.schema.lowering.names import foreign_key_name
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.names import Names
from pgarchitect.schema.modelling.naming import free
from pgarchitect.schema.modelling.pairs import ends, pair_tables
from pgarchitect.schema.modelling.place import NOWHERE, Place
from pgarchitect.schema.modelling.relation_naming import RelationNames, ambiguous_pairs, joined, key_names, pair_names
from pgarchitect.schema.psl.prisma_schema import Arity, Field, ModelRef, ReferentialAction, Relation

_ACTIONS = {
    Action.CASCADE: ReferentialAction.CASCADE,
    Action.RESTRICT: ReferentialAction.RESTRICT,
    Action.NO_ACTION: ReferentialAction.NO_ACTION,
    Action.SET_NULL: ReferentialAction.SET_NULL,
    Action.SET_DEFAULT: ReferentialAction.SET_DEFAULT,
}


def foreign_keys(tables: Collection[Table]) -> Iterator[tuple[Table, ForeignKey]]:
    """The foreign keys between these tables; those that lead elsewhere cannot be told."""
    places = {(each.schema, each.name) for each in tables}
    for table in tables:
        for key in sorted(table.foreign_keys, key=lambda each: each.name):
            if (key.schema, key.table) in places:
                yield table, key


class Relations:
    """The relation fields of all models.

    Args:
        database: that they are read from.
        tables: that have models, in order.
        names: of everything.
        known: an earlier schema; its names, documentation and ways to say the same thing stay.
        ignored: tables whose models clients leave out for want of a key.
    """

    def __init__(
        self,
        database: DatabaseSchema,
        tables: Collection[Table],
        names: Names,
        known: Known,
        ignored: Collection[Place],
    ) -> None:
        self._names = names
        self._known = known
        self._ignored = ignored
        self._made: dict[Place, list[Field]] = defaultdict(list)
        keys = list(foreign_keys(tables))
        places = {(each.schema, each.name) for each in tables}
        pairs = [each for each in pair_tables(database) if places.issuperset(ends(each))]
        self._ambiguous = ambiguous_pairs(keys, pairs, names)
        self._taken = self._names_taken(keys, pairs)
        for table, key in keys:
            self._add_key(table, key)
        for table in pairs:
            self._add_pair(table)

    def fields(self, table: Table) -> tuple[Field, ...]:
        """The relation fields of a table's model."""
        return tuple(self._made[table.schema, table.name])

    def _names_taken(
        self, keys: Collection[tuple[Table, ForeignKey]], pairs: Collection[Table]
    ) -> dict[Place, set[str]]:
        """Names that new relation fields must leave: those of columns, and of relations that are known."""
        taken = {place: set(fields.values()) for place, fields in self._names.fields.items()}
        for table, key in keys:
            if (found := self._known.relation(table, key)) is not None:
                taken[table.schema, table.name].add(found[0].name)
                taken[key.schema, key.table].add(found[1].name)
        for table in pairs:
            if (pair := self._known.many_to_many(table)) is not None:
                first, second = ends(table)
                taken[first].add(pair.first_field)
                taken[second].add(pair.second_field)
        return taken

    def _add_key(self, table: Table, key: ForeignKey) -> None:
        here, there = (table.schema, table.name), (key.schema, key.table)
        known = self._known.relation(table, key)
        names = self._key_names(table, key, known)
        forward = self._forward(table, key, names, known[0] if known else None)
        back = _field(
            names.back,
            self._names.models[here],
            _back_arity(table, key, known[1] if known else None),
            Relation(names.relation, (), (), None, None, None, names.forward),
            known[1] if known else None,
        )
        hidden = bool({here, there} & set(self._ignored))
        self._made[here].append(replace(forward, ignored=forward.ignored or (hidden and here not in self._ignored)))
        self._made[there].append(replace(back, ignored=back.ignored or (hidden and there not in self._ignored)))

    def _key_names(self, table: Table, key: ForeignKey, known: tuple[Field, Field] | None) -> RelationNames:
        if known is not None and known[0].relation is not None:
            return RelationNames(known[0].relation.name, known[0].name, known[1].name)
        ambiguous = joined(table, key) in self._ambiguous
        names = key_names(table, key, self._names, ambiguous=ambiguous)
        other = key_names(table, key, self._names, ambiguous=True)
        forward = self._free((table.schema, table.name), names.forward, other.forward)
        back = self._free((key.schema, key.table), names.back, other.back)
        return RelationNames(names.relation and self._unused(names.relation), forward, back)

    def _free(self, place: Place, wanted: str, other: str) -> str:
        taken = self._taken[place]
        name = wanted if wanted not in taken else free(other, taken)
        taken.add(name)
        return name

    def _unused(self, relation: str) -> str:
        """Two foreign keys of the same columns need two names."""
        used = {each.relation.name for fields in self._made.values() for each in fields if each.relation}
        return free(relation, {each for each in used if each is not None})

    def _forward(self, table: Table, key: ForeignKey, names: RelationNames, known: Field | None) -> Field:
        here, there = (table.schema, table.name), (key.schema, key.table)
        columns = [table.column(each) for each in key.columns]
        nullable = [each is not None and each.nullable for each in columns]
        usual = Action.SET_NULL if all(nullable) else Action.RESTRICT
        relation = Relation(
            names.relation,
            self._names.fields_of(here, key.columns),
            self._names.fields_of(there, key.references),
            None if key.on_delete is usual else _ACTIONS[key.on_delete],
            None if key.on_update is Action.CASCADE else _ACTIONS[key.on_update],
            None if key.name == foreign_key_name(table.name, key.columns) else key.name,
            names.back,
        )
        # A person may call a row optional that its columns require: nothing is wrong with that.
        optional = any(nullable) or (known is not None and known.arity is Arity.OPTIONAL)
        field = _field(names.forward, self._names.models[there], _arity(optional=optional), relation, known)
        return self._as_known(table, key, field, known)

    def _as_known(self, table: Table, key: ForeignKey, field: Field, known: Field | None) -> Field:
        """The field as an earlier schema tells it, where that comes to the same foreign key."""
        model = self._known.model(table)
        if known is None or known.relation is None or model is None or not isinstance(known.type, ModelRef):
            return field
        other = self._known.schema.model(known.type.name)
        if other is None:
            return field
        before = lowered_foreign_key(model, known.relation, other, self._known.home)
        plain = replace(key, deferrable=False, initially_deferred=False)
        return replace(field, relation=known.relation) if _is_same(before, plain) else field

    def _add_pair(self, table: Table) -> None:
        first, second = ends(table)
        known = self._known.many_to_many(table)
        names = pair_names(table, self._names, ambiguous=frozenset({first, second}) in self._ambiguous)
        if known is not None:
            fields = self._known.schema.model(known.first), self._known.schema.model(known.second)
            forward, back = (
                model.field(name) if model else None
                for model, name in zip(fields, (known.first_field, known.second_field), strict=True)
            )
        else:
            forward = back = None
        if forward is not None and back is not None and forward.relation is not None:
            names = RelationNames(forward.relation.name, forward.name, back.name)
        else:
            mine = self._free(first, names.forward, f"{names.forward}{table.name}")
            theirs = self._free(second, names.back, f"{names.back}{table.name}")
            names = RelationNames(names.relation, mine, theirs)
        for place, other, name, opposite, earlier in (
            (first, second, names.forward, names.back, forward),
            (second, first, names.back, names.forward, back),
        ):
            relation = Relation(names.relation, (), (), None, None, None, opposite)
            self._made[place].append(_field(name, self._names.models[other], Arity.LIST, relation, earlier))


def _is_same(ours: ForeignKey, theirs: ForeignKey) -> bool:
    return ours.name == theirs.name and same_foreign_key(ours, theirs)


def _back_arity(table: Table, key: ForeignKey, known: Field | None) -> Arity:
    """How many rows refer to one; a person may count on a list of one, and on a unique index with a condition."""
    if known is None:
        return Arity.OPTIONAL if _is_unique(table, key) else Arity.LIST
    unique = any(each.unique and {part.name for part in each.columns} <= set(key.columns) for each in table.indexes)
    return known.arity if unique or _is_unique(table, key) else Arity.LIST


def _arity(*, optional: bool) -> Arity:
    return Arity.OPTIONAL if optional else Arity.REQUIRED


def _is_unique(table: Table, key: ForeignKey) -> bool:
    """Whether the columns of the key, in their order, are unique: then Prisma takes it for a relation of one to one.

    A condition or an expression lets more rows refer to one; a part of the columns that is unique makes a list of one.
    """
    keys = [
        (*(part.name for part in each.columns), *each.included)
        for each in table.indexes
        if each.unique and not each.where and not any(part.expression for part in each.columns)
    ]
    keys += [table.primary_key.columns] if table.primary_key else []
    return key.columns in keys


def _field(name: str, model: str, arity: Arity, relation: Relation, known: Field | None) -> Field:
    made = Field(
        name,
        ModelRef(model),
        arity,
        column="",
        native_type=None,
        default=None,
        updated_at=False,
        ignored=False,
        relation=relation,
        documentation="",
        span=NOWHERE,
    )
    if known is None:
        return made
    return replace(made, ignored=known.ignored, documentation=known.documentation, span=known.span)
