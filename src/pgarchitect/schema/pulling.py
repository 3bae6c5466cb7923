"""``schema pull``: a schema.prisma that says what a database has, and keeps what only a person could have written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from pgarchitect.schema.database_schema import DatabaseSchema, DefaultKind
from pgarchitect.schema.modelling import modelled
from pgarchitect.schema.modelling.place import NOWHERE
from pgarchitect.schema.psl.editing import edited_block, without_block
from pgarchitect.schema.psl.formatting import laid_out
from pgarchitect.schema.psl.prisma_schema import Enum, Model, PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.psl.writing import enum_text, model_text, quoted

NEW: Final = """generator client {
  provider = "prisma-client"
  output   = "../generated/prisma"
}

datasource db {
  provider = "postgresql"
}
"""
"""What a new schema begins with."""
_NEW_FILE: Final = "introspected.prisma"
"""Where Prisma puts what is new in a schema of several files."""
_SPELLED: Final = frozenset({DefaultKind.EXPRESSION, DefaultKind.LITERAL})


def pulled(
    database: DatabaseSchema, sources: Mapping[str, str], meant: DatabaseSchema | None = None
) -> Mapping[str, str]:
    """The files of a schema after the database was read into them.

    What says what the database has stays as it is, to the letter, in models, fields and attributes. What it says
    otherwise is written anew, what is gone goes with its documentation, what is new comes last: in the one file there
    is, or in ``introspected.prisma``.

    Args:
        database: as it is.
        sources: file name → text; a new schema has one file with no text.
        meant: the database of that schema as a server spells it; without it an expression that is spelled otherwise
            than the server does is taken for another one.

    Raises:
        SchemaInvalid: the schema has errors.
    """
    texts = {file: text if text.strip() else NEW for file, text in sources.items()}
    texts = _with_namespaces(texts, database)
    earlier = parse_schema(texts)
    fresh = modelled(database, earlier, meant)
    made = {file: _edited(file, text, earlier, fresh) for file, text in texts.items()}
    if new := [laid_out(each) for each in _new_blocks(earlier, fresh, texts)]:
        file = _home(texts)
        there = [made[file].rstrip("\n") + "\n"] if made.get(file, "").strip() else []
        made[file] = "\n".join([*there, *new])
    return made


def without_models(sources: Mapping[str, str]) -> dict[str, str]:
    """The files with nothing but what is no model, view or enum.

    Raises:
        SchemaInvalid: the schema has errors.
    """
    if not any(text.strip() for text in sources.values()):
        return dict(sources)
    earlier = parse_schema(sources)
    nothing = PrismaSchema(earlier.datasource, earlier.generators, (), (), ())
    return {file: _edited(file, text, earlier, nothing) for file, text in sources.items()}


def has_expressions(database: DatabaseSchema) -> bool:
    """Whether anything in it may be spelled in several ways: defaults, generated columns, conditions of indexes."""
    columns = [column for table in database.tables for column in table.columns]
    told = any(each.generated or (each.default and each.default.kind in _SPELLED) for each in columns)
    return told or any(index.where for table in database.tables for index in table.indexes)


def _home(texts: Mapping[str, str]) -> str:
    """The file for what is new."""
    files = list(texts)
    return files[0] if len(files) == 1 else str(PurePath(files[0]).parent / _NEW_FILE)


def _with_namespaces(texts: Mapping[str, str], database: DatabaseSchema) -> dict[str, str]:
    """The texts with all schemas of the database named in the datasource, where there are several."""
    found = parse_schema(texts).datasource
    used = {each.schema for each in database.tables} | {each.schema for each in database.enums}
    if found is None or len(database.schemas) < 2 or used <= set(found.schemas):
        return dict(texts)
    names = map(quoted, sorted({*found.schemas, *used}))
    line = f"  schemas = [{', '.join(names)}]"
    file, text = found.span.file, texts[found.span.file]
    block = text[found.span.start : found.span.end]
    lines = [each for each in block.split("\n") if not each.lstrip().startswith("schemas")]
    told = laid_out("\n".join([*lines[:-1], line, lines[-1]])).rstrip("\n")
    return {**texts, file: text.replace(block, told)}


def _edited(file: str, text: str, earlier: PrismaSchema, fresh: PrismaSchema) -> str:
    """A file with what has changed in its new form; from its end, so that the places before it stay."""
    datasource = _datasource(earlier)
    blocks: list[Model | Enum] = [*earlier.models, *earlier.enums]
    for block in sorted(blocks, key=lambda each: -each.span.start):
        if block.span.file != file:
            continue
        new = fresh.model(block.name) if isinstance(block, Model) else fresh.enum(block.name)
        if new is None:
            text = without_block(text, block.span)
        elif not _is_same(block, new):
            edited = edited_block(text[block.span.start : block.span.end], block, new, datasource)
            text = text[: block.span.start] + laid_out(edited).rstrip("\n") + text[block.span.end :]
    return text


def _datasource(schema: PrismaSchema) -> str:
    return schema.datasource.name if schema.datasource else "db"


def _is_same(one: Model | Enum, other: Model | Enum) -> bool:
    return _unplaced(one) == _unplaced(other)


def _unplaced(block: Model | Enum) -> object:
    if isinstance(block, Enum):
        return replace(block, span=NOWHERE)
    fields = tuple(replace(each, span=NOWHERE) for each in block.fields)
    indexes = frozenset(replace(each, span=NOWHERE) for each in block.indexes)
    return replace(block, fields=fields, indexes=(), span=NOWHERE), indexes


def _new_blocks(earlier: PrismaSchema, fresh: PrismaSchema, texts: Mapping[str, str]) -> Iterator[str]:
    for model in fresh.models:
        void = not model.fields and any(f"// model {model.name} {{" in text for text in texts.values())
        if earlier.model(model.name) is None and not void:
            yield model_text(model, _datasource(earlier))
    for enum in fresh.enums:
        if earlier.enum(enum.name) is None:
            yield enum_text(enum)
