"""Names that Prisma gives to constraints and indexes where the schema gives none.

Table and columns joined by underscores, then a suffix; what comes before the suffix is cut so that the whole fits into
PostgreSQL's 63 bytes, never within a character. Measured with Prisma 7.10, whose engine fails where a character lies
across the end of a many-to-many table's names.
"""

from collections.abc import Sequence
from typing import Final

from pgarchitect.errors import SchemaInvalid

LONGEST: Final = 63
"""Bytes of the longest identifier (NAMEDATALEN - 1): https://www.postgresql.org/docs/current/sql-syntax-lexical.html"""


def primary_key_name(table: str) -> str:
    """Name of a primary key."""
    return fitted(table, "_pkey")


def index_name(table: str, columns: Sequence[str], *, unique: bool) -> str:
    """Name of an index or unique index."""
    return fitted("_".join((table, *columns)), "_key" if unique else "_idx")


def foreign_key_name(table: str, columns: Sequence[str]) -> str:
    """Name of a foreign key."""
    return fitted("_".join((table, *columns)), "_fkey")


def whole(name: str, subject: str) -> str:
    """A name that the schema gives, all of which PostgreSQL has to keep: else what it makes is never what is wanted.

    Raises:
        SchemaInvalid: it is too long.
    """
    if (length := len(name.encode())) > LONGEST:
        raise SchemaInvalid(
            f"{subject} has a name of {length} bytes in the database, and PostgreSQL cuts names after {LONGEST};"
            " give it a shorter one with @map or @@map."
        )
    return name


def sequence_name(table: str, column: str) -> str:
    """Name that PostgreSQL gives to the sequence of a SERIAL column, if it is free: the longer part is cut first."""
    parts = [table.encode(), column.encode()]
    excess = sum(map(len, parts)) + len("__seq") - LONGEST
    for _ in range(excess):
        longer = 0 if len(parts[0]) > len(parts[1]) else 1
        parts[longer] = parts[longer][:-1]
    return "_".join([*(each.decode(errors="ignore") for each in parts), "seq"])


def fitted(base: str, suffix: str) -> str:
    """Base and suffix, the base cut so that both fit."""
    return base.encode()[: LONGEST - len(suffix.encode())].decode(errors="ignore") + suffix
