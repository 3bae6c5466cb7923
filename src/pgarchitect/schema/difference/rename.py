"""A rename: the old name of something, and the new one."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pgarchitect.errors import UsageError

Path = tuple[str, ...]
"""The parts of a name: ``(schema, table, column)``."""

_PART: Final = r'(?:"(?:[^"]|"")+"|[^".:\s][^".:]*)'
_NAME: Final = rf"{_PART}(?:\.{_PART})*"
_RENAME: Final = re.compile(rf"\s*({_NAME})\s*:\s*({_NAME})\s*")
_LONGEST: Final = 3


class RenameKind(StrEnum):
    """What is renamed."""

    TABLE = "table"
    COLUMN = "column"
    ENUM = "enum"
    ENUM_VALUE = "enum value"
    INDEX = "index"
    CONSTRAINT = "constraint"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Rename:
    """A rename.

    Attributes:
        old: the name that it has: ``(table,)``, ``(table, column)``, ``(enum, value)``, each also with the schema in
            front.
        new: the name that it gets; fewer parts than ``old``: what is left out stays.
        kind: what it is; None: whatever has that name. Two renames may be equal all the same.
    """

    old: Path
    new: Path
    kind: RenameKind | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """As ``--rename`` takes it."""
        return f"{'.'.join(map(_written, self.old))}:{'.'.join(map(_written, self.new))}"


def parse_rename(text: str) -> Rename:
    """Read ``old:new``: ``table``, ``table.column``, ``schema.table.column``, ``enum.value``; quoted if needed.

    Raises:
        UsageError: it is no such text.
    """
    found = _RENAME.fullmatch(text)
    if found is None:
        raise UsageError(f"--rename {text} cannot be read; write OLD:NEW, such as users:people or users.mail:email.")
    old, new = _parts(found[1]), _parts(found[2])
    if len(old) > _LONGEST or len(new) > len(old):
        raise UsageError(
            f"--rename {text} cannot be read; a name has at most three parts (schema.table.column),"
            " and the new one no more than the old one."
        )
    return Rename(old, new)


def _parts(name: str) -> Path:
    return tuple(_plain(each) for each in re.findall(_PART, name))


def _plain(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.strip()


def _written(part: str) -> str:
    plain = not re.search(r'[".:\s]', part)
    return part if plain else '"' + part.replace('"', '""') + '"'
