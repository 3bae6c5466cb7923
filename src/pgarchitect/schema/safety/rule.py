"""What a rule of migration safety is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.known import Known
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import Action, AlterTable
from pgarchitect.schema.safety.reading.forms import Form
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.script import Step
from pgarchitect.schema.safety.reading.statement import Statement

UNVERIFIED_VERSION: Final = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """A statement that a rule looks at.

    Attributes:
        steps: the whole script.
        number: of the statement in it.
        known: what is known before it runs.
        locks: of the statements before it and of itself: the existing tables that each locks more than a write does.
    """

    steps: tuple[Step, ...]
    number: int
    known: Known
    locks: Sequence[tuple[tuple[Name, LockMode], ...]] = ()

    @property
    def step(self) -> Step:
        """The statement in its place."""
        return self.steps[self.number]

    @property
    def statement(self) -> Statement:
        """The statement."""
        return self.step.statement

    @property
    def form(self) -> Form | None:
        """What it is."""
        return self.step.form

    @property
    def before(self) -> tuple[Step, ...]:
        """What runs before it in the same transaction."""
        return tuple(each for each in self.steps[: self.number] if each.transaction == self.step.transaction)

    def locked(self, number: int) -> tuple[tuple[Name, LockMode], ...]:
        """The existing tables that a statement up to this one locks more than a write does."""
        return self.locks[number]

    def locked_before(self) -> Iterator[tuple[Name, LockMode]]:
        """Those that the transaction has locked before."""
        for number in range(self.number):
            if self.steps[number].transaction == self.step.transaction:
                yield from self.locks[number]

    @property
    def version(self) -> int:
        """The server's major version; 0 when nobody has asked it."""
        return self.known.facts.server_version // 10_000 if self.known.facts else UNVERIFIED_VERSION

    def actions(self) -> Iterable[tuple[Name, Action]]:
        """The actions of an ALTER TABLE, each with its table."""
        if isinstance(self.form, AlterTable) and self.form.relation in {"TABLE", "FOREIGN TABLE"}:
            for action in self.form.actions:
                yield self.form.table, action


@dataclass(frozen=True, slots=True)
class Taken:
    """What a statement does to a table, as pg_locks, pg_relation_filenode and pg_stat_xact_all_tables show it.

    Attributes:
        lock: the strongest on the table.
        scans: it reads the whole table.
        rewrites: it writes the table anew.
    """

    lock: LockMode
    scans: bool = False
    rewrites: bool = False

    @property
    def hurts(self) -> bool:
        """Whether others wait for as long as the table is large."""
        return self.lock.blocks_writes and (self.scans or self.rewrites)


@dataclass(frozen=True, slots=True)
class Example:
    """A statement that the rule finds, and what the tests measure when it runs on a real server.

    Attributes:
        sql: the script; it runs on the tables of the tests' scene.
        table: that the measures are about.
        takes: what its last statement does to that table; None where the rule is not about locks.
        steps: what each migration of the rewrite does to it; None for one that is not run.
        since: oldest major version that takes the statement.
        fails: SQLSTATE that the script ends with; empty when it runs.
    """

    sql: str
    table: str = "orders"
    takes: Taken | None = None
    steps: tuple[Taken | None, ...] = ()
    since: int = 14
    fails: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        id: its name in reports, comments and options.
        title: what it finds, in a line.
        severity: of what it finds on a table that is not known to be small.
        page: what its page says; paragraphs of Markdown.
        check: what it finds in a statement.
        examples: statements that it finds, with what is measured.
        harmless: statements that it must not find.
        by_size: a small table makes it a hint; False where it hurts whatever the size.
        on_new: it also speaks of tables that the script itself has created.
        style: it is a matter of taste, and asked for only with --style.
    """

    id: str
    title: str
    severity: Severity
    page: str
    check: Callable[[Subject], Iterable[Found]]
    examples: tuple[Example, ...]
    harmless: tuple[str, ...] = ()
    by_size: bool = True
    on_new: bool = False
    style: bool = False
