"""The twin's database with the source's encoding and collations, or with stand-ins and a word about them.

The collation decides which ranges of text the statistics describe, and whether LIKE can use an index. "C" never stands
in for another: the planner knows that it sorts by bytes, and would use indexes for LIKE that the source cannot use.
"""

import re
from collections.abc import Iterator
from typing import Final

import psycopg
from psycopg import sql

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.twin.source import Locale

_STAND_INS: Final = ("C.UTF-8", "C.utf8")
"""Sort by code points, and yet the planner does not take them for "C"; spelled as the C library's system has it."""
_CREATE_COLLATION: Final = re.compile(rb"^CREATE COLLATION (?P<name>.+?) (?P<options>\(.*\));$", re.MULTILINE)


def create_database(connection: Connection, name: str, locale: Locale, called: str = "planner twin") -> tuple[str, ...]:
    """Create the database ``name`` like the source's; what is not like it is returned as warnings.

    The copy that it is for is ``called`` so in a message.

    Raises:
        EmbeddedServerFailed: the server refuses.
    """
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} ").format(
        sql.Identifier(name), sql.Literal(locale.encoding)
    )
    refusal: psycopg.Error | None = None
    for options in _exact(locale, connection.info.server_version // 10_000):
        if (refusal := _refusal(connection, create + options)) is None:
            return ()
    for options in _approximate(locale):
        if _refusal(connection, create + options) is None:
            return (_warning(locale, refusal, called),)
    raise EmbeddedServerFailed(
        f"The {called} could not make its database ({first_line(refusal) if refusal else 'no reason given'});"
        " report this with the source's encoding."
    ) from refusal


def _exact(locale: Locale, major: int) -> Iterator[sql.Composable]:
    if locale.provider == "b" and major >= 17:
        yield sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE {} LOCALE 'C'").format(sql.Literal(locale.locale))
    elif locale.provider == "i" and major >= 15:
        icu = sql.SQL("LOCALE_PROVIDER icu ICU_LOCALE {} ").format(sql.Literal(locale.locale))
        yield icu + _libc(locale.collate, locale.ctype)
        yield icu + _libc("C", "C")  # only messages and the like depend on the C library's then
    elif locale.provider == "c":
        yield _libc(locale.collate, locale.ctype)


def _approximate(locale: Locale) -> Iterator[sql.Composable]:
    if locale.encoding == "UTF8":
        yield from (_libc(name, name) for name in _STAND_INS)
    yield _libc("C", "C")


def _libc(collate: str, ctype: str) -> sql.Composed:
    return sql.SQL("LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(collate), sql.Literal(ctype))


def _refusal(connection: Connection, create: sql.Composed) -> psycopg.Error | None:
    try:
        connection.execute(create)
    except psycopg.errors.DiskFull:
        raise
    except psycopg.Error as error:
        if connection.closed:
            raise
        return error
    return None


def _warning(locale: Locale, refusal: psycopg.Error | None, called: str) -> str:
    kind = {"c": "the C library's", "i": "ICU's", "b": "the built-in"}.get(locale.provider, "an unknown provider's")
    reason = f" ({first_line(refusal)})" if refusal else ""
    return (
        f'The source sorts text by {kind} "{locale.locale or locale.collate}", which the {called} lacks{reason}; it'
        " sorts by code points instead, so plans of statements with ranges of text (<, >, BETWEEN, LIKE 'a%') may"
        " differ from the source's."
    )


def with_stand_ins(
    connection: Connection, script: bytes, named: tuple[str, ...], called: str = "planner twin"
) -> tuple[bytes, tuple[str, ...]]:
    """The script with collations that the copy can make, and warnings about those that it cannot.

    Args:
        connection: to the copy's database, before the script is run.
        script: of pg_dump.
        named: collations of the source's own system that its tables use.
        called: the copy, in a message.
    """
    known = {row[0] for row in connection.execute("SELECT collname FROM pg_catalog.pg_collation").fetchall()}
    stand_in = _stand_in(connection)
    changed = [name for name in named if name not in known]
    for name in changed:
        connection.execute(
            sql.SQL("CREATE COLLATION pg_catalog.{}").format(sql.Identifier(name)).as_bytes(connection)
            + b" "
            + stand_in
        )

    def replaced(found: re.Match[bytes]) -> bytes:
        if _can_make(connection, found["options"].decode(errors="replace")):
            return found[0]
        changed.append(found["name"].decode(errors="replace"))
        return b"CREATE COLLATION %s %s;" % (found["name"], stand_in)

    script = _CREATE_COLLATION.sub(replaced, script)
    return script, tuple(
        f"The {called}'s server lacks the collation {name}; plans with ranges of text in such columns may differ from"
        " the source's."
        for name in changed
    )


def _stand_in(connection: Connection) -> bytes:
    options = [f"(provider = libc, locale = '{name}')" for name in (*_STAND_INS, "C")]
    return next(option for option in options if _can_make(connection, option)).encode()


def _can_make(connection: Connection, options: str) -> bool:
    with Attempt(connection, undone=True) as attempt:
        connection.execute(f"CREATE COLLATION pg_temp.probe {options}".encode())
    return not attempt.refused
