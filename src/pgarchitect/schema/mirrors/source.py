"""What all mirrors are made from: each model beside its table in the database, each enum, and the pairs of tables."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property

from pgarchitect.schema.database_schema import Column, DatabaseSchema, Table
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.lowering.names import fitted
from pgarchitect.schema.psl.prisma_schema import (
    Datasource,
    Enum,
    Field,
    ManyToMany,
    Model,
    PrismaSchema,
    Span,
)

_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class MirroredTable:
    """A model or view, and its table.

    Attributes:
        model: in the schema.
        table: in the database, as a schema.prisma makes it; a view's has columns only.
        columns: the fields that are columns, each with its column.
    """

    model: Model
    table: Table
    columns: tuple[tuple[Field, Column], ...]

    @property
    def shown(self) -> tuple[tuple[Field, Column], ...]:
        """Those that clients see: without ``@ignore``."""
        return tuple((field, column) for field, column in self.columns if not field.ignored)

    def key_of(self, column: str) -> str:
        """The name of the field whose column has that name."""
        return next(field.name for field, each in self.columns if each.name == column)


@dataclass(frozen=True, slots=True)
class PairTable:
    """An implicit many-to-many relation, and its table."""

    relation: ManyToMany
    table: Table


@dataclass(frozen=True)
class MirrorSource:
    """A schema, ready to be mirrored.

    Attributes:
        schema: as it was read.
        default_schema: namespace of what has no ``@@schema``.
        tables: models and views in the order of the source.
        pairs: tables of implicit many-to-many relations.
        database: what the schema was lowered to.
    """

    schema: PrismaSchema
    default_schema: str
    tables: tuple[MirroredTable, ...]
    pairs: tuple[PairTable, ...]
    database: DatabaseSchema

    @cached_property
    def by_model(self) -> Mapping[str, MirroredTable]:
        """Name of a model → it with its table."""
        return {each.model.name: each for each in self.tables}

    @cached_property
    def by_table(self) -> Mapping[tuple[str, str], MirroredTable]:
        """Namespace and name of a table → it with its model."""
        return {(each.table.schema, each.table.name): each for each in self.tables}

    @cached_property
    def enums(self) -> Mapping[tuple[str, str], Enum]:
        """Namespace and name of an enum type → the enum."""
        return {(each.schema or self.default_schema, each.type_name): each for each in self.schema.enums}

    @cached_property
    def digest(self) -> str:
        """A digest of what the schema means: comments and layout do not count, ``///`` does."""
        meant = _meaning((self.schema.datasource, self.schema.models, self.schema.enums, self.default_schema))
        return hashlib.sha256(repr(meant).encode()).hexdigest()[: 2 * _DIGEST_BYTES]


def mirror_source(
    schema: PrismaSchema, default_schema: str = "public", database: DatabaseSchema | None = None
) -> MirrorSource:
    """Put models and tables side by side.

    Args:
        schema: as it was read.
        default_schema: namespace of what has no ``@@schema``.
        database: what it was lowered to with that namespace; None: it is lowered here.

    Raises:
        SchemaInvalid: a default cannot be read.
    """
    database = database or lower(schema, default_schema)
    views = lower(_views_as_tables(schema), default_schema)
    known = {(each.schema, each.name): each for each in (*database.tables, *views.tables)}
    tables = tuple(_beside(each, known[each.schema or default_schema, each.table]) for each in schema.models)
    pairs = tuple(PairTable(each, known[_pair_place(each, schema, default_schema)]) for each in schema.many_to_many)
    return MirrorSource(schema, default_schema, tables, pairs, database)


def _pair_place(relation: ManyToMany, schema: PrismaSchema, default_schema: str) -> tuple[str, str]:
    """Namespace and name of the table of a many-to-many relation; a long name is cut."""
    first = schema.model(relation.first)
    return (first.schema if first else None) or default_schema, fitted(relation.table, "")


def _beside(model: Model, table: Table) -> MirroredTable:
    columns = {each.name: each for each in table.columns}
    return MirroredTable(model, table, tuple((field, columns[field.column]) for field in model.columns))


def _views_as_tables(schema: PrismaSchema) -> PrismaSchema:
    """The views as if they were tables: their columns are wanted, and nothing else of them."""
    bare = (
        replace(each, fields=each.columns, indexes=(), primary_key=None, is_view=False)
        for each in schema.models
        if each.is_view
    )
    return replace(schema, models=tuple(bare), many_to_many=())


def _meaning(value: object) -> object:
    """A noun without its places in the source, and without what only finds the database."""
    if isinstance(value, tuple):
        return tuple([_meaning(each) for each in value])
    if isinstance(value, Datasource):
        return (value.schemas, value.relation_mode)
    parts = _parts(type(value))
    if parts is None:
        return str(value)
    meant = [getattr(value, each) for each in parts]
    return (type(value).__name__, *[_meaning(each) for each in meant if not isinstance(each, Span)])


_PARTS: dict[type, tuple[str, ...] | None] = {}


def _parts(kind: type) -> tuple[str, ...] | None:
    """What nouns of a kind consist of; None: it is none. Looked up once a kind: a schema has thousands of each."""
    if kind not in _PARTS:
        _PARTS[kind] = tuple(each.name for each in fields(kind) if each.init) if is_dataclass(kind) else None
    return _PARTS[kind]
