"""``schema pull``: a schema.prisma that says what a database has, and keeps what only a person could have written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.modelling import modelled
from pgarchitect.schema.modelling.keys import NOWHERE
from pgarchitect.schema.modelling.plain import plain
from pgarchitect.schema.psl.formatting import formatted
from pgarchitect.schema.psl.prisma_schema import Enum, Model, PrismaSchema
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.psl.writing import enum_text, model_text

NEW: Final = """generator client {
  provider = "prisma-client"
  output   = "../generated/prisma"
}

datasource db {
  provider = "postgresql"
}
"""
"""What a new schema begins with."""


def pulled(database: DatabaseSchema, sources: Mapping[str, str]) -> Mapping[str, str]:
    """The files of a schema after the database was read into them.

    Blocks that say what the database has stay as they are, to the letter; others are written anew with the names and
    the documentation they had; new ones come last, and those of tables that are gone go.

    Args:
        database: as it is.
        sources: file name → text; a new schema has one file with no text.

    Raises:
        SchemaInvalid: the schema has errors.
    """
    texts = {file: text if text.strip() else NEW for file, text in sources.items()}
    earlier = parse_schema(texts)
    fresh = modelled(database, earlier)
    datasource = earlier.datasource.name if earlier.datasource else "db"
    made = {file: _edited(file, text, earlier, fresh, datasource) for file, text in texts.items()}
    home = next((each.span.file for each in (earlier.datasource,) if each is not None), next(iter(texts)))
    made[home] += _new_blocks(earlier, fresh, datasource)
    return {file: text.rstrip("\n") + "\n" if text != texts[file] else text for file, text in made.items()}


def _edited(file: str, text: str, earlier: PrismaSchema, fresh: PrismaSchema, datasource: str) -> str:
    """A file with its changed blocks in their new form."""
    models = {each.name: each for each in fresh.models}
    enums = {each.name: each for each in fresh.enums}
    for model in sorted(earlier.models, key=lambda each: -each.span.start):
        if model.span.file != file:
            continue
        new = models.get(model.name)
        if new is None:
            text = _without(text, model)
        elif plain(model) != plain(new):
            text = _replaced(text, model, _laid_out(model_text(replace(new, documentation=""), datasource)))
    return _with_enums(file, text, earlier, enums)


def _with_enums(file: str, text: str, earlier: PrismaSchema, enums: Mapping[str, Enum]) -> str:
    # Models may have moved the text; an enum is found again by its own beginning.
    for enum in earlier.enums:
        if enum.span.file != file:
            continue
        new = enums.get(enum.name)
        if new is not None and replace(new, span=NOWHERE) == replace(enum, span=NOWHERE):
            continue
        start = text.find(f"enum {enum.name} ")
        end = text.find("}", start) + 1
        if start >= 0 < end:
            text = text[:start] + (_laid_out(enum_text(replace(new, documentation=""))) if new else "") + text[end:]
    return text


def _replaced(text: str, model: Model, new: str) -> str:
    return text[: model.span.start] + new + text[model.span.end :]


def _without(text: str, model: Model) -> str:
    """The text without a model and the documentation above it."""
    before = text[: model.span.start].split("\n")
    while len(before) > 1 and before[-2].lstrip().startswith("///"):
        del before[-2]
    return "\n".join(before) + text[model.span.end :]


def _new_blocks(earlier: PrismaSchema, fresh: PrismaSchema, datasource: str) -> str:
    blocks = [model_text(each, datasource) for each in fresh.models if earlier.model(each.name) is None]
    blocks += [enum_text(each) for each in fresh.enums if earlier.enum(each.name) is None]
    return "".join(f"\n{_laid_out(each)}\n" for each in blocks)


def _laid_out(block: str) -> str:
    return formatted(block).rstrip("\n")
