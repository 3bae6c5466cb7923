"""A whole database → a whole schema."""

from collections.abc import Iterable
from typing import TypeVar

from pgarchitect.schema.database_schema import DatabaseSchema, Table, View
from pgarchitect.schema.modelling.enums import enum_of
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.models import is_nameless, table_model, view_model
from pgarchitect.schema.modelling.names import names_of
from pgarchitect.schema.modelling.pairs import pair_tables
from pgarchitect.schema.modelling.relations import Relations
from pgarchitect.schema.psl.prisma_schema import Enum, Model, PrismaSchema

_Block = TypeVar("_Block", Model, Enum)


def modelled(
    database: DatabaseSchema, earlier: PrismaSchema | None = None, meant: DatabaseSchema | None = None
) -> PrismaSchema:
    """The schema of a database.

    Args:
        database: as it is.
        earlier: what names, order, documentation and what no database knows are taken from, its datasource and
            generators; where it tells the same thing in other words, these stay.
        meant: the earlier schema's database as a server spells it: expressions that differ in their spelling only are
            known to be the same then.

    Returns:
        the schema, to be written; its ``many_to_many`` is left to the reader of what was written.
    """
    earlier = earlier or PrismaSchema(None, (), (), (), ())
    known = Known(earlier, next(iter(database.schemas), "public"), meant)
    schemas = len(database.schemas) > 1 or bool(earlier.datasource and earlier.datasource.schemas)
    tables, views = _tables(database, known), _views(database, known)
    types = sorted(database.enums, key=lambda each: (each.schema, each.name))
    names = names_of(tables, views, types, known)
    ignored = [(each.schema, each.name) for each in tables if is_nameless(each, names, known)]
    held = tables if known.has_foreign_keys else ()
    relations = Relations(database, held, names, known, ignored)
    models = [table_model(each, database, names, relations, known, schemas=schemas) for each in tables]
    models += [view_model(each, names, known, schemas=schemas) for each in views]
    enums = [enum_of(each, names, known, schemas=schemas) for each in types]
    return PrismaSchema(
        earlier.datasource,
        earlier.generators,
        _in_order(models, earlier.models),
        _in_order(enums, earlier.enums),
        (),
    )


def _tables(database: DatabaseSchema, known: Known) -> list[Table]:
    """The tables that have models: pairs are relations, and a partition is told with its parent."""
    pairs = {(each.schema, each.name) for each in pair_tables(database)}
    pairs |= {(each.schema, each.name) for each in database.tables if known.many_to_many(each)}
    ordered = sorted(database.tables, key=lambda each: (each.schema, each.name))
    return [each for each in ordered if (each.schema, each.name) not in pairs and not each.partition_bound]


def _views(database: DatabaseSchema, known: Known) -> list[View]:
    """The views that are told: like Prisma none that keeps its rows, and none unless the preview feature is on."""
    if not known.has_preview("views"):
        return []
    ordered = sorted(database.views, key=lambda each: (each.schema, each.name))
    return [each for each in ordered if not each.materialized or known.model(each)]


def _in_order(made: Iterable[_Block], earlier: Iterable[_Block]) -> tuple[_Block, ...]:
    order = {each.name: number for number, each in enumerate(earlier)}
    return tuple(sorted(made, key=lambda each: order.get(each.name, len(order))))
