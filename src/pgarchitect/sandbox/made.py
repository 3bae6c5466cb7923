"""What a sandbox was made of, for whoever asked for it."""

from dataclasses import dataclass
from pathlib import Path

from pgarchitect.sandbox.description import Description
from pgarchitect.twin.scope import LeftOut


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """One table of a new sandbox.

    Attributes:
        name: with its schema, as SQL spells it.
        rows: in the sandbox.
        of: on the source; exact when all were copied, else as of its last ANALYZE.
        whole: all rows were copied.
        referred: how many rows are there only since others refer to them.
        follows: the table whose rows decided, and the columns that refer to it; empty when a hash of its own key did.
    """

    name: str
    rows: int
    of: int
    whole: bool
    referred: int = 0
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new sandbox.

    Attributes:
        name: of the sandbox.
        dsn: what ``--sandbox`` takes, besides the name.
        place: its directory.
        about: what is known of it from now on.
        tables: by name.
        left_out: tables that it lacks.
        missing: what else could not be recreated, one message of its server each.
        warnings: what else a reader must know, a sentence each.
        size_bytes: of its database, the catalogs of PostgreSQL among it.
        source_bytes: of the source's tables with their indexes.
        seconds: that it took.
        seconds_reading: for which the source's rows were read in one transaction.
    """

    name: str
    dsn: str
    place: Path
    about: Description
    tables: tuple[CopiedTable, ...]
    left_out: tuple[LeftOut, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]
    size_bytes: int
    source_bytes: int
    seconds: float
    seconds_reading: float
