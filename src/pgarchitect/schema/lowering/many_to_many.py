"""Implicit many-to-many relations → tables of pairs: columns A and B, as Prisma 6 and newer make them."""

from pgarchitect.schema.database_schema import (
    Action,
    Column,
    ForeignKey,
    Index,
    IndexColumn,
    PrimaryKey,
    Table,
)
from pgarchitect.schema.lowering.column_types import column_type
from pgarchitect.schema.lowering.names import LONGEST, fitted
from pgarchitect.schema.psl.prisma_schema import Field, ManyToMany, Model, PrismaSchema


def pair_tables(schema: PrismaSchema, default_schema: str) -> tuple[Table, ...]:
    """The tables of all implicit many-to-many relations, in the order of the fields that lead to column B."""
    places = {
        (model.name, field.name): (i, k)
        for i, model in enumerate(schema.models)
        for k, field in enumerate(model.fields)
    }
    ordered = sorted(schema.many_to_many, key=lambda each: _place(each, places))
    return tuple(_pair_table(each, schema, default_schema) for each in ordered)


def _place(relation: ManyToMany, places: dict[tuple[str, str], tuple[int, int]]) -> tuple[int, int]:
    """Where the relation is met first; one between a model and itself at its earlier field."""
    first = places[relation.first, relation.first_field]
    return min(first, places[relation.second, relation.second_field]) if relation.first == relation.second else first


def _pair_table(relation: ManyToMany, schema: PrismaSchema, default_schema: str) -> Table:
    ends = [schema.model(relation.first), schema.model(relation.second)]
    models = [each for each in ends if each is not None]
    keyed = schema.datasource is None or schema.datasource.relation_mode != "prisma"
    table = fitted(relation.table, "") if len(relation.table.encode()) > LONGEST else relation.table
    columns = [
        Column(name, column_type(_key(model), schema, default_schema), nullable=False)
        for name, model in zip("AB", models, strict=True)
    ]
    keys = [
        ForeignKey(
            fitted(table, f"_{name}_fkey"),
            (name,),
            model.schema or default_schema,
            model.table,
            (_key(model).column,),
            Action.CASCADE,
            Action.CASCADE,
        )
        for name, model in zip("AB", models, strict=True)
    ]
    return Table(
        models[0].schema or default_schema,
        table,
        tuple(columns),
        PrimaryKey(fitted(table, "_AB_pkey"), ("A", "B")),
        (Index(fitted(table, "_B_index"), (IndexColumn("B"),)),),
        tuple(keys) if keyed else (),
    )


def _key(model: Model) -> Field:
    """The field that identifies the rows of a model in such a relation: it must have ``@id``."""
    assert model.primary_key is not None  # noqa: S101  # the reader has checked it
    found = model.field(model.primary_key.fields[0].field)
    assert found is not None  # noqa: S101  # the reader has resolved it
    return found
