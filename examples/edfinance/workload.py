"""The application at work: real statements, often enough that the server's statistics show what hurts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import ClientCursor
from psycopg.rows import TupleRow

from examples.edfinance.generate import loaded_scale
from examples.edfinance.reads import READS, Parameters
from examples.edfinance.traffic import Traffic
from examples.edfinance.world import SEED, Sizes, World
from examples.edfinance.writes import ACTIONS
from pgarchitect.errors import MissingCapability, StatementRefused, UsageError
from pgarchitect.postgres.connection import connect, describe_target
from pgarchitect.postgres.named_sql import named_sql

APPLICATION_NAME: Final = "edfinance"


@dataclass(frozen=True, slots=True)
class WorkloadStatement:
    """One statement of the application."""

    name: str
    purpose: str
    """What it is for, in a sentence; the server never sees it."""
    sql: str
    """With parameters as psycopg takes them, such as ``%(user_id)s``."""
    calls: int
    """In one round, at least (an UPDATE that two steps share is sent twice)."""
    inlined: bool
    """Whether the values stand in the text; otherwise they are bound on the server as ``$1``, ``$2``."""
    writes: bool


def _statements() -> tuple[WorkloadStatement, ...]:
    texts = {name: text for (name, _), text in named_sql("examples.edfinance", "workload.sql").items()}
    reads = [(read.name, read.calls, read.inlined, False) for read in READS]
    writes = [(name, action.calls, False, True) for action in ACTIONS for name in action.statements]
    found = []
    for name, calls, inlined, changes in reads + writes:
        purpose, _, text = texts[name].removeprefix("-- ").partition("\n")
        found.append(WorkloadStatement(name, purpose, text, calls, inlined, changes))
    return tuple(found)


STATEMENTS: Final = _statements()
"""Every statement that ``run`` sends, reads first."""


def run(url: str, *, seed: int = SEED, rounds: int = 1) -> None:
    """Play the application against a loaded sample; rows that it adds it removes again.

    The connection is the application's own, not the architect's: it says ``edfinance`` and carries no marker, since
    the statements are what the architect is to find.

    Args:
        url: a libpq connection string or URL of a role that may read and write the sample's tables.
        seed: of the order of the steps and their parameters; the same seed sends the same statements.
        rounds: how often the whole mixture is played.

    Raises:
        UsageError: the database does not hold a complete load.
        StatementRefused: the server refused a statement or ended the connection.
        CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    traffic = Traffic(_world(url), seed)
    try:
        with psycopg.connect(url, autocommit=True, application_name=APPLICATION_NAME) as connection:
            application = _Client(connection)
            for _ in range(rounds):
                _play(application, traffic)
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        raise StatementRefused(
            f"The workload was ended by {describe_target(url)} ({reason}); remove the cause and run it again."
        ) from error


def parameters(name: str, traffic: Traffic) -> Parameters:
    """Parameters as ``run`` sends them with the read called ``name``.

    Raises:
        KeyError: no read has that name.
    """
    return {read.name: read for read in READS}[name].parameters(traffic)


def traffic(url: str, *, seed: int = SEED) -> Traffic:
    """The stream of parameters that fits the sample at ``url``.

    Raises:
        UsageError: the database does not hold a complete load.
    """
    return Traffic(_world(url), seed)


def reset_statistics(url: str) -> None:
    """Forget what pg_stat_statements knows of this one database.

    Raises:
        MissingCapability: the extension is not there, or the role may not reset it.
    """
    with connect(url, read_only=False) as connection:
        try:
            connection.execute(
                "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()"
            )
        except psycopg.Error as error:
            reason = str(error).splitlines()[0]
            raise MissingCapability(
                f"The statistics of {describe_target(url)} cannot be reset ({reason});"
                " a superuser must load and create pg_stat_statements and grant its reset function."
            ) from error


class _Client:
    """The application's side of one connection."""

    def __init__(self, connection: psycopg.Connection[TupleRow]) -> None:
        self._connection = connection
        self._inlining = ClientCursor(connection)
        self._binding = connection.cursor()
        self._statements = {statement.name: statement for statement in STATEMENTS}

    def send(self, name: str, parameters: Parameters) -> Sequence[TupleRow]:
        """Send one statement and return its rows."""
        statement = self._statements[name]
        cursor = self._inlining if statement.inlined else self._binding
        cursor.execute(statement.sql, parameters)
        return cursor.fetchall() if cursor.description else []

    def together(self, steps: Sequence[tuple[str, Parameters]]) -> None:
        """Send statements as one transaction."""
        with self._connection.transaction():
            for name, parameters in steps:
                self.send(name, parameters)


def _world(url: str) -> World:
    scale = loaded_scale(url)
    if scale is None:
        raise UsageError(f"The {describe_target(url)} does not hold the sample; load it first.")
    return World(Sizes.at(scale))


def _play(application: _Client, traffic: Traffic) -> None:
    calls = [read.calls for read in READS] + [action.calls for action in ACTIONS]
    steps = [step for step, times in enumerate(calls) for _ in range(times)]
    for step in traffic.mixed(steps):
        if step < len(READS):
            read = READS[step]
            application.send(read.name, read.parameters(traffic))
        else:
            ACTIONS[step - len(READS)].perform(application, traffic)
