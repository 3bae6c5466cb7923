"""Fill a database with the sample application: the same rows at every run, all of them or none."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from examples.edfinance import behaviour, learning, money, people, social
from examples.edfinance.world import SEED, Sizes, World
from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.postgres.connection import Connection, connect, describe_target
from pgarchitect.postgres.marker import marked
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.schema.migrations.history import read_history
from pgarchitect.settings import Settings

Progress = Callable[[str, int], None]
"""Is told the table and its number of rows, once each table is filled."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOAD_TIMEOUT_MS: Final = 600_000
_LINES_AT_ONCE: Final = 2_000
_LARGEST: Final = 1_000
"""200 million behaviour logs."""
_SCALE: Final = re.compile(r", scale ([0-9.e+-]+),")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the sample and where its rows come from."""

    name: str
    rows: Callable[[World], Iterator[str]]
    numbered: bool = True
    """Whether ``id`` counts up from 1 by a sequence."""


TABLES: Final = (
    Table("users", people.users),
    Table("courses", learning.courses),
    Table("lessons", learning.lessons),
    Table("enrolments", learning.enrolments),
    Table("user_progress", learning.progress),
    Table("behavior_sessions", behaviour.sessions, numbered=False),
    Table("behavior_logs", behaviour.logs),
    Table("buddy_groups", social.groups),
    Table("buddy_group_members", social.members, numbered=False),
    Table("social_posts", social.posts),
    Table("comments", social.comments),
    Table("post_reactions", social.reactions, numbered=False),
    Table("wallets", money.wallets),
    Table("wallet_transactions", money.transactions),
    Table("notifications", people.notifications),
)


def load(url: str, scale: float = 1.0, *, progress: Progress | None = None) -> None:
    """Migrate the database at ``url`` and fill its tables; do nothing where that was done before.

    Args:
        url: a libpq connection string or URL of a role that may create tables in the schema ``public``.
        scale: 1 means 1,000 users and 200,000 behaviour logs; the other tables grow with them.
        progress: is told about each table as it is filled.

    Raises:
        UsageError: the scale is not positive or too large, or the database holds tables of these names that are not
            this load.
        StatementRefused: the server refused a statement; nothing was loaded.
        CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    if not 0 < scale <= _LARGEST:
        raise UsageError(
            f"The scale of the sample must be greater than 0 and at most {_LARGEST:,}; 1 means 200,000 behaviour logs."
        )
    with connect(url, read_only=False, statement_timeout_ms=_LOAD_TIMEOUT_MS) as connection:
        try:
            if not _is_there(connection, url, scale):
                _migrate(url)
                with connection.transaction():
                    _fill(connection, scale, progress or _silent)
                _offer_statistics(connection)
            _settle(connection)
        except psycopg.Error as error:
            reason = str(error).splitlines()[0]
            raise StatementRefused(
                f"The sample could not be loaded into {describe_target(url)} ({reason});"
                " nothing was kept, so remove the cause and load it again."
            ) from error


def is_loaded(url: str) -> bool:
    """Whether the database at ``url`` holds a complete load of the sample, at any scale.

    Raises:
        CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    return loaded_scale(url) is not None


def loaded_scale(url: str) -> float | None:
    """The scale of the complete load in the database at ``url``, None where there is none.

    Raises:
        CannotConnect, AuthenticationFailed, VersionTooOld: see ``connect``.
    """
    with connect(url) as connection:
        label = _label(connection)
    found = _SCALE.search(label or "")
    return float(found[1]) if found else None


def _is_there(connection: Connection, url: str, scale: float) -> bool:
    names = [table.name for table in TABLES]
    row = connection.execute(
        "SELECT array_agg(c.relname ORDER BY c.relname) FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%s)",
        (names,),
    ).fetchone()
    found = row[0] if row else None
    if not found:
        return False
    label = _label(connection)
    if label == _wanted_label(scale):
        return True
    if label is None and _is_empty(connection, set(found)):
        return False
    what = f"the sample at another size ({label})" if label else f'a table "{found[0]}" of its own'
    raise UsageError(
        f"The {describe_target(url)} already holds {what}; name an empty database, or drop this one and create it anew."
    )


def _is_empty(connection: Connection, found: set[str]) -> bool:
    """Whether a load was interrupted that had migrated the database and filled none of its tables."""
    ours = {each.name for each in read_migrations(MIGRATIONS)}
    history = {each.name for each in read_history(connection) or () if each.finished}
    if history != ours or found != {table.name for table in TABLES}:
        return False
    tables = sql.SQL(" UNION ALL ").join(sql.SQL("SELECT FROM {}").format(sql.Identifier(each)) for each in found)
    row = connection.execute(sql.SQL("SELECT EXISTS ({})").format(tables)).fetchone()
    return row is not None and not row[0]


def _migrate(url: str) -> None:
    with migrating(url, Settings()) as connection:
        deploy(connection, read_migrations(MIGRATIONS))


def _wanted_label(scale: float) -> str:
    return f"edfinance sample, scale {scale:g}, seed {SEED}"


def _label(connection: Connection) -> str | None:
    # The label is written by the same transaction as the rows: where it is, they all are.
    row = connection.execute("SELECT obj_description(to_regclass('public.users'), 'pg_class')").fetchone()
    label = row[0] if row else None
    return label if isinstance(label, str) and label.startswith("edfinance sample") else None


def _fill(connection: Connection, scale: float, progress: Progress) -> None:
    foreign_keys = _drop_foreign_keys(connection)
    for table in TABLES:  # emptied here, though empty: rows may then be frozen
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table.name)))
    world = World(Sizes.at(scale))
    for table in TABLES:
        progress(table.name, _copy(connection, table, world))
    for add in foreign_keys:  # after the rows: checked by one join each
        connection.execute(add)
    connection.execute(sql.SQL("COMMENT ON TABLE users IS {}").format(_wanted_label(scale)))


def _drop_foreign_keys(connection: Connection) -> list[sql.Composed]:
    """Drop the foreign keys of the sample's tables; the statements that add them again."""
    rows = connection.execute(
        "SELECT c.conrelid::regclass::text, c.conname::text, pg_get_constraintdef(c.oid) FROM pg_constraint c"
        " WHERE c.contype = 'f' AND c.conrelid = ANY(%s::regclass[]) ORDER BY c.oid",
        ([table.name for table in TABLES],),
    ).fetchall()
    for table, name, _ in rows:
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
        )
    add = "ALTER TABLE {{}} ADD CONSTRAINT {{}} {}"
    return [
        sql.SQL(add.format(definition)).format(sql.Identifier(table), sql.Identifier(name))
        for table, name, definition in rows
    ]


def _copy(connection: Connection, table: Table, world: World) -> int:
    name = sql.Identifier(table.name)
    # FREEZE: the table was emptied in this transaction, so its rows need no later visit by VACUUM.
    command = marked(sql.SQL("COPY {} FROM STDIN (FREEZE)").format(name).as_string())
    lines, total = table.rows(world), 0
    with connection.cursor() as cursor, cursor.copy(command.encode()) as copy:
        while chunk := list(islice(lines, _LINES_AT_ONCE)):
            copy.write("".join(chunk))
            total += len(chunk)
    if table.numbered:
        connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table.name, total))
    return total


def _offer_statistics(connection: Connection) -> None:
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    except psycopg.Error:
        return  # only a superuser may, and only where it is installed; the rows are of use without it


def _settle(connection: Connection) -> None:
    names = [table.name for table in TABLES]
    row = connection.execute(
        "SELECT bool_or(reltuples < 0) FROM pg_class WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace",
        (names,),
    ).fetchone()
    if row and row[0]:
        tables = sql.SQL(", ").join(map(sql.Identifier, names))
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(tables))


def _silent(_: str, __: int) -> None:
    """Tell nobody."""
