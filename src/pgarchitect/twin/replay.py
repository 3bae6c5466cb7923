"""A migration's script run in a twin whose tables look empty: definitions as they are, data statements left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from pgarchitect.errors import MigrationRefused
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.twin.script import Kind, ScriptStatement
from pgarchitect.twin.using_clauses import using_clauses

_NO_ROLE: Final = re.compile(r'role "(?P<name>(?:[^"]|"")+)" does not exist')
_TABLESPACE: Final = re.compile(r'\s+(?:USING\s+INDEX\s+)?TABLESPACE\s+(?:"(?:[^"]|"")+"|\w+)', re.IGNORECASE)
_TRANSACTION: Final = re.compile(
    r"(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION)\b", re.IGNORECASE
)
_EXTENSION: Final = re.compile(
    r'CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>"(?:[^"]|"")+"|[\w-]+)', re.IGNORECASE
)
_DATABASE_SETTING: Final = re.compile(
    r'ALTER\s+(?:SYSTEM|DATABASE\s+(?:"(?:[^"]|"")+"|\w+))\s+(?P<what>(?:SET|RESET)\b.*)$', re.IGNORECASE | re.DOTALL
)
_COMPLAINTS: Final = (psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedObject)
_SHOWN: Final = 80

REASONS: Final = {
    Kind.DATA: "it changes rows, and a twin has none: numbers of rows and values stay as they were",
    Kind.UPKEEP: "plans are shown as they are after ANALYZE anyway",
    Kind.ELSEWHERE: "it concerns other databases, other servers or the disk, which a twin lacks",
    Kind.META: "it is a command of psql",
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement of the script that was not run: where, what, and why."""

    line: int
    text: str
    reason: str
    is_data: bool = False


@dataclass(slots=True)
class Replay:
    """What running a script brought about.

    Attributes:
        skipped: statements that were left out.
        using: by oid of the table and number of the column: expression that converts it to its new type.
        warnings: what else a reader has to know, a sentence each.
        vacuums: whether the script vacuums.
    """

    skipped: list[Skipped] = field(default_factory=list)
    using: dict[tuple[int, int], str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    vacuums: bool = False


def replay(connection: Connection, statements: Sequence[ScriptStatement], lacking: Sequence[str]) -> Replay:
    """Run a script.

    Args:
        connection: to the twin, with the rights to do anything there.
        statements: of the script.
        lacking: names of tables that the twin lacks, to tell why a statement may fail.

    Raises:
        MigrationRefused: a statement fails; the sentence has its line and the server's reason.
    """
    found = Replay()
    absent = list(lacking)
    for statement in statements:
        if statement.kind in REASONS:
            found.skipped.append(_skipped(statement, REASONS[statement.kind]))
            found.vacuums |= statement.text[:6].upper() == "VACUUM"
            continue
        try:
            _run(connection, statement.text)
            found.using.update(_conversions(connection, statement.text))
        except psycopg.Error as error:
            if connection.closed:
                raise
            _forgive(statement, error, found, absent)
    if connection.info.transaction_status != TransactionStatus.IDLE:
        connection.execute("COMMIT")
        found.warnings.append("The script leaves its transaction open; it is shown as committed, psql would undo it.")
    return found


def _conversions(connection: Connection, text: str) -> dict[tuple[int, int], str]:
    found = {}
    for table, column, expression in using_clauses(text):
        row = connection.execute(
            "SELECT attrelid::bigint, attnum FROM pg_catalog.pg_attribute"
            " WHERE attrelid = pg_catalog.to_regclass(%s) AND attname = %s",
            (table, column),
        ).fetchone()
        if row is not None:
            found[row[0], row[1]] = expression
    return found


def _skipped(statement: ScriptStatement, reason: str) -> Skipped:
    return Skipped(statement.line, shown(statement.text), reason, statement.kind is Kind.DATA)


def _forgive(statement: ScriptStatement, error: psycopg.Error, found: Replay, absent: list[str]) -> None:
    """Leave out what fails since the twin is a twin.

    Raises:
        MigrationRefused: it fails for another reason.
    """
    reason = first_line(error)
    extension = _EXTENSION.match(statement.text)
    if extension and isinstance(error, _COMPLAINTS):
        absent.append(f"the extension {extension['name']}")
        found.skipped.append(_skipped(statement, f"the twin's server lacks the extension ({reason})"))
    elif statement.kind is Kind.QUERY:
        found.skipped.append(_skipped(statement, f"it fails in a twin, which has no rows ({reason})"))
    else:
        raise MigrationRefused(_refusal(statement, reason, absent)) from error


def _refusal(statement: ScriptStatement, reason: str, absent: Sequence[str]) -> str:
    where = f"The migration fails at line {statement.line} ({reason}): {shown(statement.text)}"
    blamed = [name for name in absent if name.rpartition(".")[2].strip('"') in reason + statement.text]
    if not blamed:
        blamed = [name for name in absent if name.startswith("the extension")]
    if blamed:
        return f"{where}. The twin lacks {', '.join(blamed)}, so it may still succeed in production."
    if statement.text[:2].upper() == "DO":
        return f"{where}. A twin has no rows; if the block needs some, it may still succeed in production."
    return f"{where}. It would probably fail in production too; correct it, or the database that the DSN names."


def _run(connection: Connection, text: str) -> None:
    """Run one statement; roles that the twin lacks are made for it, tablespaces are left out."""
    setting = _DATABASE_SETTING.match(text)
    if setting:
        own = sql.Identifier(connection.info.dbname).as_string(connection)
        text = f"ALTER DATABASE {own} {setting['what']}"
    while True:
        try:
            _attempt(connection, text)
        except psycopg.errors.UndefinedObject as error:
            if (role := _NO_ROLE.search(str(error))) is not None:
                name = sql.Identifier(role["name"].replace('""', '"')).as_string(connection)
                connection.execute(f"CREATE ROLE {name}".encode())
            elif 'tablespace "' in str(error) and _TABLESPACE.search(text):
                text = _TABLESPACE.sub("", text)
            else:
                raise
        else:
            return


def _attempt(connection: Connection, text: str) -> None:
    """Run a statement; inside a transaction of the script's it may fail without ending that."""
    if connection.info.transaction_status != TransactionStatus.INTRANS or _TRANSACTION.match(text):
        connection.execute(text.encode())
        return
    connection.execute("SAVEPOINT pgarchitect")
    try:
        connection.execute(text.encode())
    except psycopg.Error:
        if not connection.closed:
            connection.execute("ROLLBACK TO SAVEPOINT pgarchitect")
        raise
    connection.execute("RELEASE SAVEPOINT pgarchitect")


def shown(text: str) -> str:
    """The beginning of a statement on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"
