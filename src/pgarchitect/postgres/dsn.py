"""Reading a DSN: what is wrong with it, and what it names, never repeating a password.

libpq quotes the part that it stumbled over, and that part may be half a password (one with an unescaped ``@``,
``/``, space …). So its quotations never reach a message; its reasons are told in our words.
"""

import os
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pgarchitect.errors import UsageError

EXAMPLE: Final = "postgresql://role:password@host:5432/database"

_REASONS: Final = (
    ('missing "=" after', "it is neither a URL nor a list of key=value"),
    ("invalid connection option", "it has an option that PostgreSQL does not know"),
    (
        "invalid URI query parameter",
        "it has a parameter after the ? that libpq does not know; leave out Prisma's, such as schema",
    ),
    ("unexpected spaces found", "it has a space, which a URL writes %20"),
    ("invalid percent-encoded token", "it has a % that must be written %25"),
    ("forbidden value %00", "it has %00, which is not allowed"),
    ("matching", "an IPv6 address lacks its closing ]"),
    ("unterminated quoted string", "a quote is not closed"),
    ("key/value separator", "what follows the ? is not a list of key=value"),
    ("connect_timeout", "connect_timeout must be a whole number of seconds"),
)

_UNESCAPED: Final = (
    "an @ stands in its host or database name; in a user name or password, write @ as %40, / as %2F and : as %3A"
)


def read_dsn(dsn: str) -> dict[str, str]:
    """Read ``dsn`` into libpq's parameters.

    Raises:
        UsageError: it cannot be read; the message holds nothing of a possible password.
    """
    if not dsn.strip():
        raise UsageError(
            f"The DSN is empty, perhaps because a variable in the command is not set; write it as {EXAMPLE}."
        )
    if "\0" in dsn:
        raise _unreadable("it has a zero byte")
    scheme, url, _rest = dsn.partition("://")
    if url and "=" not in scheme and scheme not in {"postgresql", "postgres"}:
        raise UsageError(f"The DSN is not one of PostgreSQL; write it as {EXAMPLE}.")
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error as error:
        # Not even as the cause: libpq's text may quote the password.
        raise _unreadable(_reason(str(error))) from None
    if _holds_a_password(dsn, parts):
        raise _unreadable(_UNESCAPED)
    _check_ports(str(parts.get("port") or ""))
    return {key: str(value) for key, value in parts.items() if value is not None}


def describe_target(dsn: str) -> str:
    """Name a DSN's server and database for a message, never its password: ``database "db" on host:5432``."""
    try:
        parts = read_dsn(dsn)
    except UsageError:
        return "the given DSN"
    if service := parts.get("service"):
        return f'service "{service}"'
    database = parts.get("dbname") or os.environ.get("PGDATABASE") or parts.get("user") or "default"
    return f'database "{database}" on {describe_server(dsn)}'


def describe_server(dsn: str) -> str:
    """Name a DSN's server alone: ``host:5432``, ``the local socket``, ``service "app"``."""
    try:
        parts = read_dsn(dsn)
    except UsageError:
        return "the given server"
    if service := parts.get("service"):
        return f'service "{service}"'
    host = parts.get("host") or parts.get("hostaddr") or os.environ.get("PGHOST") or "/"
    return _server(host, parts.get("port") or os.environ.get("PGPORT"))


def _server(hosts: str, ports: str | None) -> str:
    if hosts.startswith(("/", "@")):
        return "the local socket"
    names, numbers = hosts.split(","), (ports or "").split(",")
    if len(numbers) != len(names):
        numbers = numbers[:1] * len(names)
    return ", ".join(f"{name}:{port}" if port else name for name, port in zip(names, numbers, strict=True))


def _unreadable(reason: str) -> UsageError:
    return UsageError(f"The DSN cannot be read: {reason}; it should look like {EXAMPLE}.")


def _reason(message: str) -> str:
    # `invalid connection option "password"` quotes a name that we must not search for our needles.
    told = message if message.startswith(("missing", "end of string")) else message.partition('"')[0]
    return next((ours for needle, ours in _REASONS if needle in told), "it is not written as PostgreSQL expects")


def _holds_a_password(dsn: str, parts: dict[str, str | int | None]) -> bool:
    """Whether part of a password was taken for a host or a database, as happens when it is not percent-encoded."""
    _scheme, url, rest = dsn.partition("://")
    database = str(parts.get("dbname") or "")
    if not url or "=" in _scheme:
        return "://" in database
    # libpq ends user:password at the first @ before a /; any later @ up to the ? is one that it did not expect.
    authority = rest.partition("?")[0]
    head, slash, path = authority.partition("/")
    return head.count("@") > 1 or (bool(slash) and "@" in path)


def _check_ports(ports: str) -> None:
    for port in filter(None, ports.split(",")):
        if not (port.isdecimal() and 0 < int(port) < 65_536):
            raise _unreadable("its port is not a number from 1 to 65535")
