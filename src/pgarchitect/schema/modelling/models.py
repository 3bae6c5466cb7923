"""Tables and enum types → models and enums; what an earlier schema says of them and the database does not know is"
" kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from pgarchitect.schema.database_schema import Column, DatabaseSchema, EnumType, Table
from pgarchitect.schema.modelling.defaults import default_for
from pgarchitect.schema.modelling.keys import NOWHERE, indexes, primary_key
from pgarchitect.schema.modelling.naming import unique_names
from pgarchitect.schema.modelling.relations import Names, Place, pair_tables, relation_fields
from pgarchitect.schema.modelling.types import field_type
from pgarchitect.schema.modelling.unsaid import unsaid
from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    Enum,
    EnumValue,
    Field,
    FunctionDefault,
    Index,
    Model,
    PrimaryKey,
    PrismaSchema,
)

_CLIENT_SIDE = frozenset({"uuid", "cuid", "ulid", "nanoid"})


def modelled(database: DatabaseSchema, earlier: PrismaSchema | None = None) -> PrismaSchema:
    """The schema of a database.

    Args:
        database: as it is.
        earlier: what names, documentation and client-side defaults are taken from where the database does not know
            better, and its datasource and generators.
    """
    return _Modelling(database, earlier or PrismaSchema(None, (), (), (), ())).schema()


@dataclass(frozen=True, slots=True)
class _Known:
    """An earlier schema by the names of the database."""

    models: Mapping[Place, Model]
    enums: Mapping[Place, Enum]


class _Modelling:
    def __init__(self, database: DatabaseSchema, earlier: PrismaSchema) -> None:
        self._database = database
        self._earlier = earlier
        self._home = next(iter(database.schemas), "public")
        self._several = bool(earlier.datasource and earlier.datasource.schemas) or len(database.schemas) > 1
        self._known = _Known(
            {(each.schema or self._home, each.table): each for each in earlier.models},
            {(each.schema or self._home, each.type_name): each for each in earlier.enums},
        )
        pairs = pair_tables(database)
        self._tables = [
            each
            for each in database.tables
            if (each.schema, each.name) not in pairs and not (each.partition_of and not each.partition_key)
        ]
        self._enum_names = self._names_of_enums()
        self._names = self._names_of_tables()
        self._relations = relation_fields(database, self._names, {each.name: each for each in earlier.models})

    def schema(self) -> PrismaSchema:
        models = [self._model(each) for each in self._tables]
        views = [each for each in self._earlier.models if each.is_view]
        enums = [self._enum(each) for each in self._database.enums]
        names = [*(each.name for each in self._earlier.models), *(each.name for each in self._earlier.enums)]
        order = {name: number for number, name in enumerate(names)}
        return PrismaSchema(
            self._earlier.datasource,
            self._earlier.generators,
            tuple(sorted([*models, *views], key=lambda each: order.get(each.name, len(order)))),
            tuple(sorted(enums, key=lambda each: order.get(each.name, len(order)))),
            (),
        )

    def _names_of_enums(self) -> dict[Place, str]:
        known = {place: each.name for place, each in self._known.enums.items()}
        made: dict[Place, str] = {}
        for each in self._database.enums:
            place = (each.schema, each.name)
            taken = {*known.values(), *made.values()}
            made[place] = known.get(place) or unique_names([each.name], of_block=True, taken=taken)[each.name]
        return made

    def _names_of_tables(self) -> Names:
        models: dict[Place, str] = {}
        fields: dict[Place, Mapping[str, str]] = {}
        known = {place: each.name for place, each in self._known.models.items()}
        for table in self._tables:
            place = (table.schema, table.name)
            taken = {*known.values(), *models.values(), *self._enum_names.values()}
            models[place] = known.get(place) or unique_names([table.name], of_block=True, taken=taken)[table.name]
            fields[place] = self._field_names(table)
        return Names(models, fields)

    def _field_names(self, table: Table) -> Mapping[str, str]:
        model = self._known.models.get((table.schema, table.name))
        known = {each.column: each.name for each in model.columns} if model else {}
        relations = {each.name for each in model.relations} if model else set()
        rest = [each.name for each in table.columns if each.name not in known]
        return {**known, **unique_names(rest, of_block=False, taken={*known.values(), *relations})}

    def _model(self, table: Table) -> Model:
        place = (table.schema, table.name)
        known = self._known.models.get(place)
        fields = [self._field(table, each, known) for each in table.columns]
        ordered = _in_known_order([*fields, *self._relations.get(place, ())], known)
        names = self._names.fields[place]
        key, keys = primary_key(table, names), indexes(table, names)
        nameless = key is None and not any(_identifies(each, fields) for each in keys)
        return Model(
            self._names.models[place],
            table.name,
            table.schema if self._several else None,
            ordered,
            _as_known(key, known),
            _indexes_as_known(keys, known),
            is_view=False,
            ignored=nameless or bool(known and known.ignored),
            documentation=known.documentation if known else unsaid(table, nameless=nameless),
            span=known.span if known else NOWHERE,
        )

    def _field(self, table: Table, column: Column, model: Model | None) -> Field:
        place = (table.schema, table.name)
        name = self._names.fields[place][column.name]
        known = model.field(name) if model else None
        kind, native = field_type(column, self._enum_names)
        arity = Arity.LIST if column.type.array else Arity.OPTIONAL if column.nullable else Arity.REQUIRED
        labels = self._labels((column.type.schema, column.type.name))
        default = None if column.generated else default_for(column.default, kind, labels)
        if column.identity is not None:
            default = FunctionDefault("autoincrement")
        if default is None and known is not None and _is_client_side(known):
            default = known.default
        return Field(
            name,
            kind,
            arity,
            column.name,
            native if known is None or known.native_type is None or native is not None else None,
            default,
            bool(known and known.updated_at),
            bool(known and known.ignored),
            None,
            known.documentation if known else "",
            NOWHERE,
        )

    def _labels(self, place: Place) -> Mapping[str, str]:
        """Label of an enum → name of the value in PSL."""
        enum = self._database.enum(*place)
        if enum is None:
            return {}
        return {each.label: each.name for each in self._values(enum)}

    def _enum(self, enum: EnumType) -> Enum:
        known = self._known.enums.get((enum.schema, enum.name))
        return Enum(
            self._enum_names[enum.schema, enum.name],
            enum.name,
            enum.schema if self._several else None,
            self._values(enum),
            known.documentation if known else "",
            known.span if known else NOWHERE,
        )

    def _values(self, enum: EnumType) -> tuple[EnumValue, ...]:
        earlier = self._known.enums.get((enum.schema, enum.name))
        known = {each.label: each for each in earlier.values} if earlier else {}
        rest = [label for label in enum.labels if label not in known]
        names = unique_names(rest, of_block=False, taken=[each.name for each in known.values()])
        return tuple(known.get(label) or EnumValue(names[label], label, "") for label in enum.labels)


def _in_known_order(fields: list[Field], known: Model | None) -> tuple[Field, ...]:
    """Fields in the order of an earlier schema, new ones behind those that were there."""
    if known is None:
        return tuple(fields)
    order = {each.name: number for number, each in enumerate(known.fields)}
    return tuple(sorted(fields, key=lambda each: order.get(each.name, len(order))))


def _identifies(index: Index, fields: list[Field]) -> bool:
    required = {each.name for each in fields if each.is_required}
    return index.unique and all(each.field in required for each in index.fields)


def _is_client_side(field: Field) -> bool:
    return isinstance(field.default, FunctionDefault) and field.default.function in _CLIENT_SIDE


def _as_known(key: PrimaryKey | None, known: Model | None) -> PrimaryKey | None:
    """The key as an earlier schema spells it where that means the same."""
    earlier = known.primary_key if known else None
    if key is None or earlier is None:
        return key
    same = [each.field for each in key.fields] == [each.field for each in earlier.fields] and key.map == earlier.map
    return earlier if same else key


def _indexes_as_known(found: tuple[Index, ...], known: Model | None) -> tuple[Index, ...]:
    """Indexes as an earlier schema spells and orders them where that means the same."""
    left = list(found)
    made: list[Index] = []
    for earlier in known.indexes if known else ():
        same = next((each for each in left if _means(each, earlier)), None)
        if same is not None:
            left.remove(same)
            made.append(earlier)
    return (*made, *left)


def _means(found: Index, earlier: Index) -> bool:
    fields = [(each.field, each.sort) for each in found.fields] == [(each.field, each.sort) for each in earlier.fields]
    methods = (earlier.method or "BTree") == (found.method or "BTree")
    return fields and found.unique is earlier.unique and found.map == earlier.map and methods
