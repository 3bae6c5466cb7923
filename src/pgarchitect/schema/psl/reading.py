"""``schema.prisma`` read: text of one file or of several to a :class:`PrismaSchema`."""

from collections.abc import Mapping
from pathlib import Path

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.parsing import parse
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.resolution.schema import resolved
from pgarchitect.schema.psl.validation.check import check


def parse_schema(sources: Mapping[str, str]) -> PrismaSchema:
    """What a schema means: file name → text.

    Raises:
        SchemaInvalid: it has errors; the message has all of them as ``prisma validate`` prints them.
    """
    diagnostics = Diagnostics()
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


def schema_sources(path: Path) -> dict[str, str]:
    """The files of a schema, in the order of their names, and their texts.

    Raises:
        SchemaInvalid: there is none, or one cannot be read.
    """
    files = sorted(each for each in path.rglob("*.prisma") if each.is_file()) if path.is_dir() else [path]
    if not files:
        raise SchemaInvalid(f"{path} holds no file *.prisma; name the schema's file or folder.")
    return {str(each): _text(each) for each in files}


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise SchemaInvalid(f"{path} cannot be read ({reason}); name the schema's file or folder.") from error
    except UnicodeDecodeError as error:
        raise SchemaInvalid(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
