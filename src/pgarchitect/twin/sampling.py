"""A bounded, polite sample of the source's rows: what ANALYZE would read too, but less of it.

Statistics of columns cannot tell how often the results of an expression repeat, which rows a condition keeps, or how
columns depend on each other. So that a hypothetical index is not guessed, some pages of its table are read where they
lie, and the source counts: hardly a row travels. Equal pages are chosen each time (``REPEATABLE``), which are then in
its cache. A page budget for each sample and for a twin, a statement time-out of its own and a read-only transaction
bound what it costs; where anything is in the way, the twin guesses, and says so.
"""

import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from pgarchitect.errors import PgArchitectError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.settings import Settings
from pgarchitect.twin.cost import Meter, ReadingCost
from pgarchitect.twin.scope import spelled

TIMEOUT_MS: Final = 1_000
"""Of a statement that samples; ten thousand rows take some 20 ms."""
LOCK_TIMEOUT_MS: Final = 200
SAMPLES: Final = 30
"""As many pages as so many full samples may be read for a twin: with the default no more than one ANALYZE reads."""
_SECOND_TRY: Final = 5
"""After a time-out so many times fewer pages are read, once; most of them are in the source's cache by then."""
_SPREAD: Final = 3
"""Pages are chosen by chance; so many standard deviations below the budget they exceed it once in a thousand times."""

_UNDERFLOW: Final = -700.0
"""Natural logarithm of the least number that is calculated with; a double holds e to the -708."""

_PLACE: Final = re.compile(r"\{(\w+)\}")

TableName = tuple[str, str]


class NotSampled(Exception):  # no failure of ours: the twin guesses instead
    """No sample could be taken; the text says why."""


class TookTooLong(NotSampled):
    """The source's time-out was not enough."""


@dataclass(frozen=True, slots=True)
class Portion:
    """The part of a table that a sample reads.

    Attributes:
        pages: about how many.
        percent: of the table's pages.
    """

    pages: int
    percent: float

    @property
    def complete(self) -> bool:
        """Whether that is the whole table."""
        return self.percent >= 100


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a sample.

    Attributes:
        name: of the statement.
        table: that is sampled.
        fragments: SQL for the places of the statement.
        numbers: its parameters.
        functions: signatures of those that it calls and that are not PostgreSQL's own.
        pages: that are enough for it, where each row takes long; None: as many as may be read. When it takes too long
            all the same, other questions of the table are not given up.
    """

    name: str
    table: TableName
    fragments: Mapping[str, str]
    numbers: Mapping[str, float] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    pages: int | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """The same for the same question."""
        return self.name, self.table, *sorted(self.fragments.items()), *sorted(self.numbers.items())

    def text(self, portion: Portion) -> str:
        """As SQL."""
        fragments = {
            **self.fragments,
            "table": spelled(*self.table),
            "percent": f"{portion.percent:.6f}",
            # Of a table that is read in part, pages are chosen by chance, and not rows.
            "units": "count(*)" if portion.complete else "count(DISTINCT page)",
        }
        return _PLACE.sub(lambda place: fragments[place[1]].replace("%", "%%"), _sql(self.name))

    def rate(self, portion: Portion) -> float:
        """The share of the sample's rows that ANALYZE would choose itself."""
        drawn = self.numbers.get("table_rows", 0.0) * min(100.0, portion.percent) / 100
        return min(1.0, self.numbers.get("most", 0.0) / max(1.0, drawn))

    def parameters(self, portion: Portion) -> dict[str, Any]:
        """Values of the statement's parameters.

        ``spared`` is the share that ANALYZE would not choose; higher powers of it than ``powers`` are nothing to speak
        of, and an error to PostgreSQL, whose numbers cannot hold them.
        """
        rate = self.rate(portion)
        spared = 1.0 - rate
        powers = _UNDERFLOW / math.log(spared) if 0.0 < spared < 1.0 else math.inf
        return {**self.numbers, "rate": rate, "spared": spared, "powers": powers, "complete": portion.complete}


class Sampler:
    """Reads samples of one source, over a connection that is opened when one is needed, until it is closed."""

    def __init__(self, dsn: str, settings: Settings, lengths: Mapping[TableName, int]) -> None:
        """Nothing is opened yet.

        Args:
            dsn: of the source.
            settings: the pages of a sample, and time-outs.
            lengths: pages of the source's tables.
        """
        self._dsn = dsn
        self._settings = settings.model_copy(update={"lock_timeout_ms": min(settings.lock_timeout_ms, LOCK_TIMEOUT_MS)})
        self._lengths = lengths
        self._budget = settings.twin_sample_pages
        self._left = SAMPLES * self._budget
        self._reserved = 0
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._meter: Meter | None = None
        self._smaller: set[TableName] = set()
        self._refused: dict[TableName | None, str] = {}
        self._seconds = 0.0
        self._known: dict[tuple[Any, ...], tuple[Portion, tuple[Any, ...]]] = {}
        self._reasons: dict[str, None] = {}

    def forbid(self, reason: str) -> None:
        """Take no samples from now on."""
        self._refused[None] = reason

    @contextmanager
    def part(self, share: float) -> Iterator[None]:
        """Spend no more than this share of what may still be read."""
        self._reserved = self._left - math.ceil(self._left * share)
        try:
            yield
        finally:
            self._reserved = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why samples that were wanted could not be taken, one sentence each."""
        return tuple(self._reasons)

    def cost(self) -> ReadingCost:
        """What the source had to do so far."""
        found = self._meter.cost() if self._meter else ReadingCost(0, 0, 0.0, 0.0)
        return ReadingCost(
            found.statements,
            found.bytes_read,
            self._seconds,
            found.longest_s,
            sampled_pages=SAMPLES * self._budget - self._left,
        )

    def close(self) -> None:
        """End the connection; the next sample opens another."""
        stack, self._stack = self._stack, ExitStack()
        self._connection = None
        with suppress(PgArchitectError):
            stack.close()

    def row(self, question: "Question") -> tuple[Portion, tuple[Any, ...]]:
        """The one row of an answer, and how much was read for it; the same question is sent once.

        Raises:
            NotSampled: it is forbidden, the budget is spent, or the source did not do it.
        """
        key = question.key
        if key not in self._known:
            self._known[key] = self._read(question)
        return self._known[key]

    def regret(self, table: TableName, reason: NotSampled) -> str:
        """Warn that an index was guessed; the reason as text."""
        name = spelled(*table)
        self._reasons[f"Indexes on {name} are sized and planned without a look at its rows: {reason}."] = None
        return str(reason)

    def _read(self, question: "Question") -> tuple[Portion, tuple[Any, ...]]:
        table = question.table
        portion = self._portion(table, question.pages)
        began = time.monotonic()
        try:
            connection = self._open()
            if question.functions:
                self._require_trusted(connection, question.functions)
            return portion, self._sampled(connection, portion, question)
        except psycopg.errors.QueryCanceled as error:
            if question.pages is not None:
                raise TookTooLong(f"the source took longer than {TIMEOUT_MS} ms for {portion.pages} pages") from error
            if table in self._smaller:
                self._refused[table] = f"the source took longer than {TIMEOUT_MS} ms for {portion.pages} pages"
                raise NotSampled(self._refused[table]) from error
            self._smaller.add(table)
        except psycopg.errors.LockNotAvailable as error:
            self._refused[table] = "somebody holds the table"
            raise NotSampled(self._refused[table]) from error
        except psycopg.Error as error:
            if self._connection is None or self._connection.closed:
                self._give_up(first_line(error))
            raise NotSampled(first_line(error)) from error
        finally:
            self._seconds += time.monotonic() - began
        return self._read(question)

    def _portion(self, table: TableName, most: int | None) -> Portion:
        """What may be read of a table now, for a question that ``most`` pages are enough for."""
        reason = self._refused.get(None) or self._refused.get(table)
        if reason:
            raise NotSampled(reason)
        if self._budget == 0:
            raise NotSampled("PGARCHITECT_TWIN_SAMPLE_PAGES is 0")
        length = self._lengths.get(table, 0)
        budget = max(1, self._budget // _SECOND_TRY) if table in self._smaller else self._budget
        budget = budget if most is None else min(budget, most)
        if length == 0:
            raise NotSampled("it is empty or not known")
        if length <= budget:
            found = Portion(length, 100.0)
        else:
            pages = max(1.0, budget - _SPREAD * math.sqrt(budget))
            found = Portion(round(pages), 100.0 * pages / length)
        if found.pages > self._left - self._reserved:
            raise NotSampled(f"the {SAMPLES * self._budget} pages that a twin may read are spent")
        return found

    def _sampled(self, connection: Connection, portion: Portion, question: "Question") -> tuple[Any, ...]:
        self._left -= portion.pages
        with connection.transaction():
            found = connection.execute(question.text(portion).encode(), question.parameters(portion)).fetchone()
        if found is None:
            raise NotSampled("the source gave no answer")
        return found

    def _require_trusted(self, connection: Connection, functions: Sequence[str]) -> None:
        """Others' functions would run with the rights of the role that reads, which may be a superuser's."""
        row = connection.execute(_sql("distrusted").encode(), (list(functions),)).fetchone()
        if row and row[0] is not None:
            raise NotSampled(f"{row[0]} is not run, since no superuser owns it")

    def _open(self) -> Connection:
        if self._connection is None:
            try:
                opened = connect(self._dsn, self._settings, statement_timeout_ms=TIMEOUT_MS)
                self._connection = self._stack.enter_context(opened)
            except PgArchitectError as error:
                self._give_up(str(error).rstrip("."))
                raise NotSampled(self._refused[None]) from error
            self._meter = self._meter or Meter()
            self._meter.watch(self._connection)
            self._connection.execute(_sql("prepare").encode())
        return self._connection

    def _give_up(self, reason: str) -> None:
        """The source is gone: nobody waits for it again."""
        self.forbid(reason)
        self.close()


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "sample.sql", name)
