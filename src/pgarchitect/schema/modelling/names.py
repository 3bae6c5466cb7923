"""The names of everything that is told: models, fields, enums and their values, before any of them is made."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pgarchitect.schema.database_schema import EnumType, Table, View
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.naming import block_name, field_name, free, valid, value_name
from pgarchitect.schema.modelling.place import Place


@dataclass(frozen=True, slots=True)
class Names:
    """Names in the schema by those of the database.

    Attributes:
        models: of tables and views.
        plain: these, without what tells apart those that are called alike in several schemas: relation fields are
            called after them.
        fields: of their columns.
        enums: of enum types.
        values: of their labels.
    """

    models: Mapping[Place, str]
    plain: Mapping[Place, str]
    fields: Mapping[Place, Mapping[str, str]]
    enums: Mapping[Place, str]
    values: Mapping[Place, Mapping[str, str]]

    def fields_of(self, place: Place, columns: Iterable[str]) -> tuple[str, ...]:
        """The fields of these columns of a table."""
        return tuple(self.fields[place][each] for each in columns)


def names_of(tables: Iterable[Table], views: Iterable[View], enums: Iterable[EnumType], known: Known) -> Names:
    """Names for these, those of an earlier schema where it has one."""
    relations: list[Table | View] = [*tables, *views]
    types = list(enums)
    blocks = _block_names(relations, types, known)
    return Names(
        {(each.schema, each.name): blocks[_key(each)] for each in relations},
        {(each.schema, each.name): _plain_name(each, known) for each in relations},
        {(each.schema, each.name): _field_names(each, known) for each in relations},
        {(each.schema, each.name): blocks[_key(each)] for each in types},
        {(each.schema, each.name): _value_names(each, known) for each in types},
    )


_Block = Table | View | EnumType


def _key(block: _Block) -> tuple[bool, str, str]:
    """A type may be called as a table is."""
    return isinstance(block, EnumType), block.schema, block.name


def _block_names(
    relations: list[Table | View], types: list[EnumType], known: Known
) -> dict[tuple[bool, str, str], str]:
    earlier = {_key(each): model.name for each in relations if (model := known.model(each))}
    earlier |= {_key(each): enum.name for each in types if (enum := known.enum(each))}
    blocks: list[_Block] = [*relations, *types]
    often = Counter(earlier.get(_key(each)) or valid(each.name) for each in blocks)
    made = dict(earlier)
    for each in blocks:
        if _key(each) not in made:
            wanted = block_name(each.name, each.schema, alone=often[valid(each.name)] <= 1)
            made[_key(each)] = free(wanted, frozenset(made.values()))
    return made


def _plain_name(of: Table | View, known: Known) -> str:
    model = known.model(of)
    return model.name if model else block_name(of.name, of.schema, alone=True)


def _field_names(of: Table | View, known: Known) -> Mapping[str, str]:
    model = known.model(of)
    made = {each.column: each.name for each in model.columns} if model else {}
    relations = {each.name for each in model.relations} if model else frozenset[str]()
    for column in of.columns:
        if column.name not in made:
            made[column.name] = free(field_name(column.name), {*made.values(), *relations})
    return made


def _value_names(of: EnumType, known: Known) -> Mapping[str, str]:
    enum = known.enum(of)
    made = {each.label: each.name for each in enum.values} if enum else {}
    for label in of.labels:
        if label not in made:
            made[label] = free(value_name(label), set(made.values()))
    return made
