"""What the driver says when a connection fails, told as one sentence: what happened, whose turn it is, what to do.

A failed login carries no SQLSTATE in libpq, so the server's English text decides; a server that speaks another
language still gets the last, general sentence, with its own reason in it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.errors import (
    AuthenticationFailed,
    CannotConnect,
    DatabaseMissing,
    PgArchitectError,
    StatementRefused,
    UsageError,
)
from pgarchitect.postgres.dsn import describe_target


@dataclass(frozen=True, slots=True)
class _Case:
    pattern: str
    error: Callable[[str], PgArchitectError]
    sentence: str
    """With ``{target}`` and ``{reason}``."""


_CASES: Final = (
    _Case(r'database "[^\n]*" does not exist', DatabaseMissing, "There is no {target}; check the name in the DSN."),
    _Case(
        r"not currently accepting connections",
        CannotConnect,
        "The server allows no connections to {target}; name another database in the DSN.",
    ),
    _Case(
        r"permission denied for database",
        AuthenticationFailed,
        "The role may not connect to {target}; the database's owner must run GRANT CONNECT ON DATABASE for it.",
    ),
    _Case(
        r"no pg_hba\.conf entry[^\n]*(no encryption|SSL off)",
        AuthenticationFailed,
        "The server's pg_hba.conf does not let this role into {target} over a connection without encryption ({reason});"
        " add sslmode=require to the DSN, or ask the server's administrator for a line.",
    ),
    _Case(
        r"pg_hba\.conf",
        AuthenticationFailed,
        "The server's pg_hba.conf does not let this role into {target} from here ({reason}); ask its administrator"
        " for a line.",
    ),
    _Case(
        r"no password supplied",
        AuthenticationFailed,
        "PostgreSQL asks for a password for {target}; put it into the DSN, PGPASSWORD or ~/.pgpass.",
    ),
    _Case(
        r'role "[^\n]*" does not exist|not permitted to log in',
        AuthenticationFailed,
        "PostgreSQL refused the login to {target} ({reason}); check the role in the DSN.",
    ),
    _Case(
        r"authentication failed|authentication method",
        AuthenticationFailed,
        "PostgreSQL refused the login to {target} ({reason}); check role and password in the DSN.",
    ),
    _Case(
        r"too many connections|too many clients|connection slots|connection limit",
        CannotConnect,
        "The server of {target} has no free connection ({reason}); try again later or close some.",
    ),
    _Case(
        r"the database system is ",
        CannotConnect,
        "The server of {target} is not ready ({reason}); try again in a moment.",
    ),
    _Case(
        r"failed to resolve host|translate host name|[Nn]ame or service not known|name resolution",
        CannotConnect,
        "The host of {target} has no address; check the host name in the DSN and the network.",
    ),
    _Case(
        r"[Tt]imeout expired|timed out",
        CannotConnect,
        "The server of {target} did not answer in time; check host, port and firewall, or raise"
        " PGARCHITECT_CONNECT_TIMEOUT_S.",
    ),
    _Case(
        r"does not support SSL",
        CannotConnect,
        "The server of {target} offers no encryption; leave sslmode out of the DSN or ask its administrator to turn"
        " ssl on.",
    ),
    _Case(
        r"certificate|SSL error|SSL SYSCALL",
        CannotConnect,
        "The encrypted connection to {target} failed ({reason}); check sslmode and sslrootcert in the DSN.",
    ),
    _Case(
        r"server closed the connection|invalid response|expected authentication|unsupported frontend",
        CannotConnect,
        "What answers for {target} ended the conversation or is not PostgreSQL; check host and port.",
    ),
    _Case(
        r"socket [^\n]*(No such file|Connection refused|Permission denied)",
        CannotConnect,
        "No PostgreSQL server answers for {target} ({reason}); start it, or name a host in the DSN.",
    ),
    _Case(
        r"connection is bad: invalid |bad value for |definition of service|service file"
        r"|unrecognized configuration parameter|unsupported startup|invalid value for parameter",
        UsageError,
        "An option in the DSN of {target} is not accepted ({reason}); correct it or leave it out.",
    ),
)


def connection_error(error: psycopg.Error, dsn: str) -> PgArchitectError:
    """The error of ours for a connection to ``dsn`` that failed with ``error``."""
    message, target, reason = str(error), describe_target(dsn), first_line(error)
    for case in _CASES:
        if re.search(case.pattern, message):
            return case.error(case.sentence.format(target=target, reason=reason))
    return CannotConnect(f"Cannot reach {target} ({reason}); check host, port and that the server is running.")


def lost_connection(error: psycopg.Error, dsn: str) -> CannotConnect:
    """The error of ours for a connection to ``dsn`` that broke while it was used."""
    return CannotConnect(
        f"The connection to {describe_target(dsn)} was lost ({first_line(error)}); check that the server is running,"
        " then run the same command again."
    )


def refused(error: psycopg.Error) -> StatementRefused:
    """The error of ours for a statement of ours that the server did not take."""
    if isinstance(error, (psycopg.errors.CharacterNotInRepertoire, psycopg.errors.UntranslatableCharacter)):
        return StatementRefused(
            f"The server holds text that it cannot send as UTF-8 ({first_line(error)}), as a database with the encoding"
            " SQL_ASCII may; it can be read once pg_stat_statements_reset() has removed such statements, or the"
            " database was restored with its true encoding."
        )
    return StatementRefused(
        f"The server refused a statement of ours ({first_line(error)}); check the role's rights with"
        " `pgarchitect doctor`, and report this if they are in order."
    )


def first_line(error: Exception) -> str:
    """The reason in a driver's error: its one line that says most, without libpq's preambles."""
    lines = [line.strip(" \t-") for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith("Multiple connection attempts")]
    text = told[0] if told else type(error).__name__
    for preamble in ("connection failed: ", "connection is bad: ", "FATAL:  ", " failed: "):
        text = text.rpartition(preamble)[2]
    return text.rstrip(".")
