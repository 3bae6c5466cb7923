"""The application's own schema beside an audit or an advice: indexes in its words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pgarchitect.cli.migrate_project import warn
from pgarchitect.errors import PgArchitectError, SchemaInvalid, UsageError
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.schema.dropped_indexes import dropped_indexes, is_drop
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

    An index that is to be dropped is looked for among those that the schema declares; that it declares none of them is
    news only where the schema was named, for one that was only found may be another application's.

    What has been found so far is worth more than these words: whatever goes wrong here is said and costs nothing else.
    """
    if schema is None:
        return {}
    asked = tuple(dict.fromkeys(changes))
    try:
        wanted, unwanted = _wanted(schema, asked, settings), _unwanted(schema, asked)
    except PgArchitectError as error:
        warn(f"Indexes are told as SQL alone: {error}")
        return {}
    is_its_own = schema.given or bool(wanted) or any(each.line for each in unwanted.values())
    return {**wanted, **(unwanted if is_its_own else {})}


def _wanted(schema: ApplicationSchema, asked: Sequence[str], settings: Settings) -> dict[str, InSchema]:
    wanted = [each for each in asked if is_index(each)]
    if not wanted:
        return {}
    found = dict(zip(wanted, said_indexes(schema.sources, wanted, settings), strict=True))
    misfits = [each.misfit for each in found.values() if each.misfit]
    if misfits and schema.given:
        warn(f"{schema.path} has no place for {len(misfits)} of {len(wanted)} indexes ({misfits[0]}).")
    return {sql: _told(schema, each) for sql, each in found.items() if not each.misfit}


def _unwanted(schema: ApplicationSchema, asked: Sequence[str]) -> dict[str, InSchema]:
    unwanted = [each for each in asked if is_drop(each)]
    found = dropped_indexes(schema.sources, unwanted) if unwanted else ()
    return {
        sql: InSchema(
            str(schema.path), each.model.name if each.model else "", each.line, dropped=True, needed=each.needed
        )
        for sql, each in zip(unwanted, found, strict=True)
    }


def _told(schema: ApplicationSchema, said: SaidIndex) -> InSchema:
    return InSchema(str(schema.path), said.model.name if said.model else "", said.line, said.there)
