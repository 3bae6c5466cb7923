"""What a person wants of a difference."""

from dataclasses import dataclass

from pgarchitect.schema.difference.rename import Rename


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants of a difference.

    Attributes:
        renames: what was renamed; everything else of another name is dropped and added.
        refused: possible renames that were answered with no; never asked about again.
        keep_inexpressible: what the first schema has and ``schema.prisma`` has no word for stays: for a second schema
            that comes from a ``schema.prisma``.
        concurrently: indexes of tables that are there already are created and dropped with CONCURRENTLY.
    """

    renames: tuple[Rename, ...] = ()
    refused: tuple[Rename, ...] = ()
    keep_inexpressible: bool = False
    concurrently: bool = False
