"""``schema.prisma`` read: text of one file or of several to a :class:`PrismaSchema`."""

from collections.abc import Mapping
from pathlib import Path

from pgarchitect.schema.psl.collection import collection_held
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.parsing import parse
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.resolution.schema import resolved
from pgarchitect.schema.psl.sources import schema_sources
from pgarchitect.schema.psl.validation.check import check

__all__ = ["parse_schema", "read_schema", "schema_sources"]


def parse_schema(sources: Mapping[str, str]) -> PrismaSchema:
    """What a schema means: file name → text.

    Raises:
        SchemaInvalid: it has errors; the message has all of them as ``prisma validate`` prints them.
    """
    diagnostics = Diagnostics()
    with collection_held():
        trees = [parse(file, text, diagnostics) for file, text in sources.items()]
        check(trees, diagnostics)
        diagnostics.refuse(sources)
        return resolved(trees)


def read_schema(path: Path) -> PrismaSchema:
    """The schema in a file, or in a folder: all ``*.prisma`` in it and below.

    Raises:
        SchemaInvalid: there is no such file, or it has errors.
    """
    return parse_schema(schema_sources(path))
