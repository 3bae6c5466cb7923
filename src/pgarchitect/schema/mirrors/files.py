"""All mirrors of a schema as files: which there are, what each says, and whether the one on disk still does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.schema.client.module import client_module
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.mirrors.drizzle import drizzle_schema
from pgarchitect.schema.mirrors.header import header, is_generated
from pgarchitect.schema.mirrors.json_schema import json_schema_file
from pgarchitect.schema.mirrors.kysely import kysely_types
from pgarchitect.schema.mirrors.python_enums import enums_module
from pgarchitect.schema.mirrors.python_rows import rows_module
from pgarchitect.schema.mirrors.python_tables import tables_module
from pgarchitect.schema.mirrors.python_writes import writes_module
from pgarchitect.schema.mirrors.source import MirrorSource, mirror_source
from pgarchitect.schema.psl.prisma_schema import PrismaSchema

MIRRORS: Final = ("python", "client", "drizzle", "kysely", "json-schema")
"""Names of the mirrors, as ``--only`` takes them."""

_Texts = Mapping[str, Callable[[PrismaSchema, MirrorSource], str]]
_PYTHON: Final[_Texts] = {
    "__init__.py": lambda _, source: header(source.digest, "#") + '"""The database, mirrored from schema.prisma."""\n',
    "enums.py": lambda _, source: enums_module(source),
    "tables.py": lambda _, source: tables_module(source),
    "rows.py": lambda _, source: rows_module(source),
    "writes.py": lambda _, source: writes_module(source),
}
_FILES: Final[Mapping[str, _Texts]] = {
    "python": _PYTHON,
    "client": {"client.py": lambda schema, source: header(source.digest, "#") + client_module(schema)},
    "drizzle": {
        "drizzle-schema.ts": lambda schema, source: (
            header(source.digest, "//") + drizzle_schema(schema, source.database)
        )
    },
    "kysely": {"kysely.ts": lambda schema, source: header(source.digest, "//") + kysely_types(schema, source.database)},
    "json-schema": {"schema.json": lambda _, source: json_schema_file(source)},
}


@dataclass(frozen=True, slots=True)
class MirrorFile:
    """A mirror: where it belongs, and what it must say."""

    path: Path
    text: str

    @property
    def state(self) -> str:
        """``current``, ``missing``, ``different``, or ``foreign``: a person wrote what stands there."""
        if not self.path.is_file():
            return "missing"
        there = self.path.read_text(encoding="utf-8", errors="replace")
        if there == self.text:
            return "current"
        return "different" if is_generated(there) or not there.strip() else "foreign"


def mirror_files(
    schema: PrismaSchema, folder: Path, only: Iterable[str] = MIRRORS, database: DatabaseSchema | None = None
) -> tuple[MirrorFile, ...]:
    """The mirrors of a schema in a folder.

    Args:
        schema: as it was read.
        folder: where they belong.
        only: which.
        database: what the schema was lowered to, where that is known.

    Raises:
        UsageError: there is no mirror of such a name.
    """
    source = mirror_source(schema, database=database)
    made = []
    for name in only:
        if name not in _FILES:
            raise UsageError(f"There is no mirror {name}; there are {', '.join(MIRRORS)}.")
        made += [MirrorFile(folder / file, text(schema, source)) for file, text in _FILES[name].items()]
    return tuple(made)


def mirrors_there(folder: Path) -> tuple[str, ...]:
    """The mirrors of which a folder has a file that was generated, in the order of ``MIRRORS``."""
    return tuple(name for name in MIRRORS if any(_is_ours(folder / file) for file in _FILES[name]))


def mirrors_expected(folder: Path) -> tuple[str, ...]:
    """The mirrors of which a folder has a file, whoever wrote it; an ``__init__.py`` alone may be of anything."""
    return tuple(
        name
        for name in MIRRORS
        if any(
            _is_ours(path) or (path.is_file() and path.name != "__init__.py")
            for path in map(folder.joinpath, _FILES[name])
        )
    )


def _is_ours(path: Path) -> bool:
    return path.is_file() and is_generated(path.read_text(encoding="utf-8", errors="replace"))
