"""What the mirrors in Python and JSON Schema are made from: models beside tables, enums, tables of pairs, a digest."""

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from typing import Any

from pgarchitect.schema.database_schema import DatabaseSchema, Table
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.mirrors.mirrored import Mirrored, mirrored, pair_tables
from pgarchitect.schema.psl.prisma_schema import Datasource, Enum, PrismaSchema, Span

_DIGEST_BYTES = 8


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
    tables: tuple[Mirrored, ...]
    pairs: tuple[Table, ...]
    database: DatabaseSchema

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
    pairs = tuple(table for _, table in pair_tables(schema, database))
    return MirrorSource(schema, default_schema, mirrored(schema, database), pairs, database)


def _meaning(value: object) -> object:
    """A noun without its places in the source, and without what only finds the database."""
    if isinstance(value, tuple):
        return tuple([_meaning(each) for each in value])
    if isinstance(value, Datasource):
        return (value.schemas, value.relation_mode)
    kind: Any = type(value)  # which mypy takes for nothing that can be hashed
    parts = _parts(kind)
    if parts is None:
        return str(value)
    meant = [getattr(value, each) for each in parts]
    return (type(value).__name__, *[_meaning(each) for each in meant if not isinstance(each, Span)])


@cache
def _parts(kind: Hashable) -> tuple[str, ...] | None:
    """What nouns of a kind, a type, consist of; None: it is none."""
    return tuple(each.name for each in fields(kind) if each.init) if is_dataclass(kind) else None
