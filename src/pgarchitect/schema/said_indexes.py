"""An index in the words of a schema: the ``@@index`` that says it, or that there are none and it goes as SQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import psycopg

from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.database_schema import DatabaseSchema, Index, Table
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.difference.equality import same_index
from pgarchitect.schema.expressible import METHODS
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.lowering.indexes import lowered_index
from pgarchitect.schema.migrations.runner import send
from pgarchitect.schema.modelling.keys import index_attribute
from pgarchitect.schema.psl.edited_model import with_model
from pgarchitect.schema.psl.prisma_schema import Index as PrismaIndex
from pgarchitect.schema.psl.prisma_schema import Model, PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.psl.writing import index_line
from pgarchitect.schema.safety.reading.statement import Statement, statements_in
from pgarchitect.schema.shadow import shadow_database
from pgarchitect.settings import Settings

_PARTIAL: Final = "partialIndexes"
"""Preview feature of Prisma 7.10 with which conditions can be written."""
_Place = tuple[str, str, str]
"""Namespace, table, index."""


@dataclass(frozen=True, slots=True)
class SaidIndex:
    """A wanted index, and what the schema has for it.

    Attributes:
        model: of its table; None: the schema has no such table, or it is one of pairs.
        attribute: that says it; None: there is no word for it, so it goes into a migration as SQL.
        there: the schema says it already, under any name.
        misfit: why it does not fit the schema, as the server says it; empty: it does.
    """

    model: Model | None = None
    attribute: PrismaIndex | None = None
    there: bool = False
    misfit: str = ""

    @property
    def line(self) -> str:
        """``@@index([name(sort: Desc)], map: "by_name")``; empty: there is no word for it."""
        return index_line(self.attribute) if self.attribute else ""


def index_statements(ddl: str) -> tuple[Statement, ...]:
    """The statements of an index as it is recommended: CREATE INDEX, before it perhaps a CREATE EXTENSION.

    Raises:
        UsageError: it is something else.
    """
    found = statements_in(ddl)
    if not found or not _is_index(found[-1]) or not all(each.begins("CREATE", "EXTENSION") for each in found[:-1]):
        raise UsageError("schema index takes one CREATE INDEX or DROP INDEX statement; copy it from the report.")
    return found


def is_index(ddl: str) -> bool:
    """Whether it is an index as it is recommended."""
    try:
        return bool(index_statements(ddl))
    except UsageError:
        return False


def said_indexes(sources: Mapping[str, str], wanted: Iterable[str], settings: Settings) -> tuple[SaidIndex, ...]:
    """What a schema has for indexes that are wanted. They are made in a shadow database, for the server reads SQL best.

    Args:
        sources: the schema's files, name → text.
        wanted: each a CREATE INDEX, before it perhaps a CREATE EXTENSION.
        settings: they name the embedded server.

    Raises:
        SchemaInvalid: the schema has errors.
        UsageError: something that is wanted is no index.
        StatementRefused: the embedded server cannot make the schema's tables.
        EmbeddedServerFailed: it cannot be started.
    """
    scripts = [index_statements(each) for each in wanted]
    schema = parse_schema(sources)
    database = lower(schema)
    with _tables_alone(database, settings) as shadow:
        made = [_made(shadow, each) for each in scripts]
        found = read_database_schema(shadow, database.schemas)
    return tuple(
        SaidIndex(misfit=each) if isinstance(each, str) else _said(each, script, found, schema)
        for each, script in zip(made, scripts, strict=True)
    )


def with_index(sources: Mapping[str, str], said: SaidIndex) -> dict[str, str]:
    """The schema's files with the attribute in its model; nothing else changes but the layout of that block."""
    model, attribute = said.model, said.attribute
    if model is None or attribute is None or said.there:
        return dict(sources)
    return with_model(sources, model, replace(model, indexes=(*model.indexes, attribute)))


def _is_index(found: Statement) -> bool:
    return found.begins("CREATE", "INDEX") or found.begins("CREATE", "UNIQUE", "INDEX")


@contextmanager
def _tables_alone(database: DatabaseSchema, settings: Settings) -> Iterator[Connection]:
    """A shadow database with the tables; without their indexes, so that no name is taken."""
    bare = tuple(replace(each, indexes=(), foreign_keys=()) for each in database.tables)
    with shadow_database(settings, database.extensions) as shadow:
        try:
            send(shadow, create_script(replace(database, tables=bare)))
        except psycopg.Error as error:
            raise StatementRefused(
                f"The embedded server cannot make the tables of the schema ({_reason(error)}); write the index into the"
                " schema by hand."
            ) from error
        yield shadow


def _made(shadow: Connection, script: Sequence[Statement]) -> _Place | str:
    """Make an index; its place, or why it does not fit."""
    before = _places(shadow)
    try:
        for each in script:
            send(shadow, each.text)
    except psycopg.Error as error:
        return _reason(error)
    new = _places(shadow) - before
    return new.pop() if new else "there is an index of that name"


def _places(shadow: Connection) -> set[_Place]:
    rows = shadow.execute(named(__package__, "said_indexes.sql", "indexes"), ()).fetchall()
    return {(row[0], row[1], row[2]) for row in rows}


def _reason(error: psycopg.Error) -> str:
    return " ".join((error.diag.message_primary or str(error)).split())


def _said(place: _Place, script: Sequence[Statement], found: DatabaseSchema, schema: PrismaSchema) -> SaidIndex:
    home, name, index_name = place
    table = found.table(home, name)
    model = next(
        (
            each
            for each in schema.models
            if (each.schema or found.schemas[0], each.table) == (home, name) and not each.is_view
        ),
        None,
    )
    if table is None or model is None:
        return SaidIndex()
    index = next(each for each in table.indexes if each.name == index_name)
    said = _already(model, index)
    if said is not None:
        return SaidIndex(model, said, there=True)
    # Only a migration can see to an extension that has to be created first.
    return SaidIndex(model, _attribute(table, index, model, schema) if len(script) == 1 else None)


def _already(model: Model, index: Index) -> PrismaIndex | None:
    return next((each for each in model.indexes if same_index(lowered_index(model, each), index)), None)


def _attribute(table: Table, index: Index, model: Model, schema: PrismaSchema) -> PrismaIndex | None:
    """The attribute, if reading it gives the very same index."""
    if index.method not in METHODS or any(each.expression for each in index.columns):
        return None
    if index.where and not any(_PARTIAL in each.preview_features for each in schema.generators):
        return None
    said = index_attribute(table, index, {each.column: each.name for each in model.columns})
    return said if same_index(lowered_index(model, said), index) else None
