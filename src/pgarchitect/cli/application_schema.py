"""The application's own schema beside an audit or an advice: indexes in its words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import warn
from pgarchitect.errors import PgArchitectError, SchemaInvalid, UsageError
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.schema.places import schema_path
from pgarchitect.schema.psl.reading import parse_schema, schema_sources
from pgarchitect.schema.said_indexes import SaidIndex, is_index, said_indexes
from pgarchitect.settings import Settings

ApplicationSchemaOption = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        metavar="PATH",
        help="The application's schema.prisma, file or folder: indexes are told in its words, too; left out:"
        " prisma/schema.prisma or schema.prisma, where there is one.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class ApplicationSchema:
    """A schema that can be read: where it is, its files, and whether a person named it."""

    path: Path
    sources: Mapping[str, str]
    given: bool


def application_schema(given: Path | None) -> ApplicationSchema | None:
    """The schema that was given, or the one that is found in the usual places; None without.

    Raises:
        UsageError: the one that was given is not there.
        SchemaInvalid: it has errors. One that was only found is left alone then, and that is said.
    """
    try:
        path = schema_path(given)
    except UsageError:
        if given is not None:
            raise
        return None
    try:
        sources = schema_sources(path)
        parse_schema(sources)
    except SchemaInvalid:
        if given is not None:
            raise
        warn(f"{path} has errors, so indexes are told as SQL alone; `pgarchitect schema validate` lists them.")
        return None
    return ApplicationSchema(path, sources, given is not None)


def in_schema(schema: ApplicationSchema | None, changes: Iterable[str], settings: Settings) -> Mapping[str, InSchema]:
    """SQL of an index → how the schema says it; what is no index, or does not fit the schema, is left out.

    What has been found so far is worth more than these words: whatever goes wrong here is said and costs nothing else.
    """
    wanted = [each for each in dict.fromkeys(changes) if is_index(each)]
    if schema is None or not wanted:
        return {}
    try:
        found = dict(zip(wanted, said_indexes(schema.sources, wanted, settings), strict=True))
    except PgArchitectError as error:
        warn(f"Indexes are told as SQL alone: {error}")
        return {}
    misfits = [each.misfit for each in found.values() if each.misfit]
    if misfits and schema.given:
        warn(f"{schema.path} has no place for {len(misfits)} of {len(wanted)} indexes ({misfits[0]}).")
    return {sql: _told(schema, each) for sql, each in found.items() if not each.misfit}


def _told(schema: ApplicationSchema, said: SaidIndex) -> InSchema:
    return InSchema(str(schema.path), said.model.name if said.model else "", said.line, said.there)
