"""The nouns of the capability probe: what was looked for, what was found, how it is put right."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pgarchitect.postgres.capability_session import Session


class State(StrEnum):
    """How a capability was found."""

    OK = "ok"
    """As an audit wants it."""
    LIMITED = "limited"
    """An audit runs and knows less, or is less sure."""
    MISSING = "missing"
    """Not there; where it is required, no audit runs."""
    INFO = "info"
    """Good to know; nothing has to be done."""


class Needs(StrEnum):
    """What it takes to carry out a fix."""

    SQL = "sql"
    """This role can run it here and now."""
    OWNER = "owner"
    """The owner of the table must run it."""
    SUPERUSER = "superuser"
    """A superuser must run it; on a managed service its administrator's role or its settings page."""
    PRIMARY = "primary"
    """It must be run on the primary, since a standby takes no writes."""
    RESTART = "restart"
    """Somebody must restart the server."""
    PERSON = "person"
    """Not a statement: somebody must do it by hand."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One step towards putting a capability right.

    Attributes:
        text: the exact statement, ending in a semicolon, or what to do in a few words.
        needs: who or what it takes.
    """

    text: str
    needs: Needs


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe found: state, a few words, and the steps that put it right, in order."""

    state: State
    found: str
    fix: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """One capability and how to look for it.

    Attributes:
        name: unique, as docs/doctor.md heads its paragraph.
        why: one sentence: what an audit wants it for.
        look: reads the server; may raise psycopg.Error, which then becomes the finding.
        required: no audit runs without it.
    """

    name: str
    why: str
    look: Callable[[Session], Finding]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability as it was found.

    Attributes:
        name: unique and stable.
        state: how it was found.
        found: a few words: what was seen.
        why: one sentence: what an audit wants it for.
        fix: steps that put it right, in order; empty when nothing has to be done.
        required: no audit runs while it is missing.
    """

    name: str
    state: State
    found: str
    why: str
    fix: tuple[Fix, ...]
    required: bool

    @property
    def blocks(self) -> bool:
        """Whether no audit can run because of it."""
        return self.required and self.state is State.MISSING

    @property
    def wants_fixing(self) -> bool:
        """Whether an audit is worse off without a fix, and there is one."""
        return self.state in {State.LIMITED, State.MISSING} and bool(self.fix)
