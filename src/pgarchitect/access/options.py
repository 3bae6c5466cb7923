"""How the data layer connects: sizes, times, and what a pooler in between allows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict

from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.shapes import quoted
from pgarchitect.postgres.prisma_url import without_prisma_parameters

_FOR_EVER: Final = 365 * 86_400
"""Seconds for which nobody waits: Prisma's ``pool_timeout=0``."""
ANSWER: Final = 5.0
"""Seconds beyond its time-out after which a statement without an answer means that the server is gone."""


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Of a pool; times in seconds.

    Attributes:
        min_size: connections that are opened at once.
        max_size: connections at most.
        max_waiting: callers that may wait for a connection; one more is refused at once (backpressure).
        timeout: that a caller waits for a connection.
        max_lifetime: of a connection; it is then replaced, up to a tenth earlier so that not all are at once.
        max_idle: after so long without use a connection is checked before it is given out.
        statement_timeout: of each statement, kept by the server; 0: none.
        idle_in_transaction_timeout: after so long without a statement the server ends a transaction; 0: never.
        busy_poll: so long asyncio's loop looks for an answer before it sleeps, where answers come so soon; 0: never.
            For a client with a processor of its own.
        prepared: statements stay prepared on the connection.
        statement_cache: prepared statements that a connection keeps at most.
        pooler: a pooler such as PgBouncer in transaction mode stands in between, so nothing is set for a session. Says
            nothing of ``prepared``, which PgBouncer allows from 1.21 on with ``max_prepared_statements``.
        direct_dsn: URL of the server itself where ``pooler`` stands in between; LISTEN needs it.
        search_path: schemas for names in SQL of one's own, as SET takes them; empty: the server's. ``?schema=`` of the
            URL says one, too; a pooler is told of none.
    """

    min_size: int = 1
    max_size: int = 10
    max_waiting: int = 10_000
    timeout: float = 10.0
    max_lifetime: float = 3_600.0
    max_idle: float = 60.0
    statement_timeout: float = 30.0
    idle_in_transaction_timeout: float = 300.0
    busy_poll: float = 0.0
    prepared: bool = True
    statement_cache: int = 256
    pooler: bool = False
    direct_dsn: str = ""
    search_path: str = ""


def connecting(dsn: str, options: PoolOptions) -> tuple[str, PoolOptions]:
    """A URL as libpq takes it, and the options with what Prisma's ``pgbouncer`` and ``schema`` of it say."""
    url, prisma = without_prisma_parameters(dsn)
    if prisma.get("pgbouncer") == "true":
        options = replace(options, prepared=False, pooler=True)
    if prisma.get("schema") and not options.search_path:
        options = replace(options, search_path=quoted(prisma["schema"]))
    return url, options


def options_of(dsn: str) -> PoolOptions:
    """What Prisma's own parameters of a URL say of a pool: ``connection_limit`` and ``pool_timeout``.

    Raises:
        InvalidCondition: one of them is no number that makes sense.
    """
    prisma = without_prisma_parameters(dsn)[1]
    made = PoolOptions()
    if limit := _number(prisma, "connection_limit", least=1):
        made = replace(made, max_size=limit)
    seconds = _number(prisma, "pool_timeout", least=0)
    if seconds is not None:
        made = replace(made, timeout=float(seconds or _FOR_EVER))
    return made


def namespace_of(dsn: str) -> str:
    """The schema of tables whose model names none: ``?schema=`` of the URL; empty: the one they were generated for."""
    return without_prisma_parameters(dsn)[1].get("schema", "")


def _number(prisma: Mapping[str, str], name: str, *, least: int) -> int | None:
    given = prisma.get(name)
    if given is None:
        return None
    if not given.isdecimal() or int(given) < least:
        raise InvalidCondition(f"{name} in the URL is {given!r}; give a whole number, at least {least}.")
    return int(given)


def session_settings(options: PoolOptions) -> dict[str, str]:
    """Settings that a session begins with; a pooler would refuse them."""
    if options.pooler:
        return {}
    settings = {
        "statement_timeout": options.statement_timeout,
        "idle_in_transaction_session_timeout": options.idle_in_transaction_timeout,
    }
    made = {name: str(round(seconds * 1000)) for name, seconds in settings.items() if seconds}
    return made | ({"search_path": options.search_path} if options.search_path else {})


def libpq_settings(url: str, options: PoolOptions, name: str) -> dict[str, Any]:
    """What libpq is told beside a URL; what the URL says of ``options`` itself goes on to hold."""
    settings: dict[str, Any] = {"application_name": name, "connect_timeout": max(1, round(options.timeout))}
    if options.statement_timeout:
        # A server that is gone is noticed soon after its own time-out would have ended the statement.
        settings["tcp_user_timeout"] = round((options.statement_timeout + ANSWER) * 1000)
    if session := session_settings(options):
        own = str(conninfo_to_dict(url).get("options") or "")
        given = [f"-c {key}={escaped(value)}" for key, value in session.items()]
        settings["options"] = " ".join([*given, own]).strip()
    return settings


def escaped(value: str) -> str:
    r"""A value within libpq's ``options``, where a space ends a word unless a backslash stands before it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
