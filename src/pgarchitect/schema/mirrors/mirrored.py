"""What mirrors are made from: each model or view beside its table, each field beside its column."""

from collections.abc import Iterator
from dataclasses import dataclass

from pgarchitect.schema.database_schema import Column, DatabaseSchema, Table, View
from pgarchitect.schema.lowering.column_types import column_type
from pgarchitect.schema.lowering.names import fitted
from pgarchitect.schema.psl.prisma_schema import Arity, Field, ManyToMany, Model, PrismaSchema


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A model or view.

    Attributes:
        model: in the schema.
        schema: namespace in the database.
        columns: the fields that are columns, each with its column; those that the client ignores are columns, too.
        table: in the database; None: it is a view.
        materialized: it is a view that keeps its rows, so far as the database is known.
    """

    model: Model
    schema: str
    columns: tuple[tuple[Field, Column], ...]
    table: Table | None
    materialized: bool = False

    @property
    def shown(self) -> tuple[tuple[Field, Column], ...]:
        """The columns that clients see: without ``@ignore``."""
        return tuple((field, column) for field, column in self.columns if not field.ignored)

    @property
    def as_table(self) -> Table:
        """The table; of a view one that has its columns and nothing else."""
        return self.table or Table(self.schema, self.model.table, tuple(column for _, column in self.columns))

    def field_of(self, column: str) -> str:
        """The name of the field of that column."""
        return next((field.name for field, each in self.columns if each.name == column), column)


def home(database: DatabaseSchema) -> str:
    """The namespace of what has no ``@@schema``."""
    return database.schemas[0] if database.schemas else "public"


def mirrored(schema: PrismaSchema, database: DatabaseSchema) -> tuple[Mirrored, ...]:
    """Models and views in the order of the source; a table that the database lacks is left out."""
    return tuple(_all(schema, database))


def _all(schema: PrismaSchema, database: DatabaseSchema) -> Iterator[Mirrored]:
    for model in schema.models:
        where = model.schema or home(database)
        if model.is_view:
            view = next((each for each in database.views if (each.schema, each.name) == (where, model.table)), None)
            yield _view(model, where, view, schema, home(database))
        elif (table := database.table(where, model.table)) is not None:
            columns = ((field, table.column(field.column)) for field in model.columns)
            yield Mirrored(model, where, tuple((field, each) for field, each in columns if each is not None), table)


def _view(model: Model, where: str, view: View | None, schema: PrismaSchema, default_schema: str) -> Mirrored:
    """A view: the schema says of which types its columns are, and that some are not null, which no catalog knows."""
    columns = tuple(
        (field, Column(field.column, column_type(field, schema, default_schema), field.arity is not Arity.REQUIRED))
        for field in model.columns
    )
    return Mirrored(model, where, columns, None, materialized=view is not None and view.materialized)


def pair_tables(schema: PrismaSchema, database: DatabaseSchema) -> tuple[tuple[ManyToMany, Table], ...]:
    """The implicit many-to-many relations, each with its table."""
    found = []
    for each in schema.many_to_many:
        first = schema.model(each.first)
        where = (first.schema if first else None) or home(database)
        table = database.table(where, fitted(each.table, ""))
        if table is not None:
            found.append((each, table))
    return tuple(found)
