"""What a rule finds in a migration."""

from dataclasses import dataclass
from enum import StrEnum

from pgarchitect.schema.safety.reading.names import Name


class Severity(StrEnum):
    """How much it matters."""

    ERROR = "error"
    """It fails, stops the running application, or holds a lock for as long as a table is large."""
    WARNING = "warning"
    """It does so under circumstances that the script does not tell, or for an instant."""
    HINT = "hint"
    """It is worth a thought, or would matter were the table large."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule says of a statement.

    Attributes:
        table: the existing table that is hurt; None where it is not about one.
        happens: which lock, how long, what it blocks; one or two sentences.
        rewrite: the safe way, each element the SQL of a migration of its own; empty where there is none.
        severity: instead of the rule's.
    """

    table: Name | None
    happens: str
    rewrite: tuple[str, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement that would hurt a live database.

    Attributes:
        rule: its id, which is also the name of its page.
        severity: how much it matters for this table.
        file: as it was given.
        line: of the statement's first word, counted from 1.
        end_line: of its last.
        statement: its text.
        happens: which lock, how long, what it blocks.
        rewrite: the safe way, each element the SQL of a migration of its own; empty where there is none.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    end_line: int
    statement: str
    happens: str
    rewrite: tuple[str, ...]
