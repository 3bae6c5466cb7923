"""Reads of many rows as Arrow, by ADBC on a connection of their own: COPY in binary form, decoded in C."""

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import make_conninfo

from pgarchitect.access import arrow, reading
from pgarchitect.access.bulk import Bulk
from pgarchitect.access.failures import AccessError, ExtraMissing, StatementFailed
from pgarchitect.access.literals import Literals, literal
from pgarchitect.access.options import connecting, libpq_settings
from pgarchitect.access.reading import ReadPlan
from pgarchitect.access.shapes import Tables
from pgarchitect.access.translation import failure, unreachable

try:
    import adbc_driver_manager
    from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped, unused-ignore]
except ImportError as error:
    raise ExtraMissing from error

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]


class Fetch:
    """One read, which another thread may end.

    Args:
        bulk: where it goes.
        tables: shapes of all tables.
        read: what is read.
    """

    __slots__ = ("_bulk", "_cancelled", "_cursor", "_lock", "_read", "_tables")

    def __init__(self, bulk: Bulk, tables: Tables, read: ReadPlan) -> None:
        self._bulk = bulk
        self._tables = tables
        self._read = read
        self._lock = threading.Lock()
        self._cursor: Any = None
        self._cancelled = False

    def run(self) -> "pa.Table":
        """The rows.

        Raises:
            ServerUnreachable: no connection can be opened.
            AccessError: the server refused the statement, or ended it.
        """
        text = reading.select(self._tables, self._read, Literals()).text
        url, options = connecting(self._bulk.dsn, self._bulk.options)
        uri = make_conninfo(url, **{**libpq_settings(url, options, "pgarchitect bulk"), "client_encoding": "UTF8"})
        try:
            connection = dbapi.connect(uri, autocommit=True)
        except adbc_driver_manager.Error as error:
            raise unreachable(_state(error), _message(error)) from error
        with closing(connection), connection.cursor() as cursor:
            try:
                modifiers = self._modifiers(cursor)
                with self._lock:
                    self._cursor = None if self._cancelled else cursor
                if self._cancelled:
                    raise StatementFailed("The read was given up before it began.")
                cursor.execute(text)
                table = cursor.fetch_arrow_table()
            except adbc_driver_manager.Error as error:
                raise _translated(error) from error
            finally:
                with self._lock:
                    self._cursor = None
        return arrow.shaped(self._read, modifiers, table)

    def cancel(self) -> None:
        """End it, from another thread."""
        with self._lock:
            self._cancelled = True
            if self._cursor is not None:
                self._cursor.adbc_cancel()

    def _modifiers(self, cursor: Any) -> dict[str, int]:  # noqa: ANN401  # of a library without types
        if not arrow.has_numeric(self._read):
            return {}
        cursor.execute(arrow.MODIFIERS.format(literal(self._read.table.qualified)))
        return dict(cursor.fetchall())


def _state(error: Any) -> str | None:  # noqa: ANN401  # of a library without types
    state = str(error.sqlstate or "").strip("\0")
    return state if len(state) == 5 else None


def _message(error: Exception) -> str:
    told = str(error)
    for word in ("FATAL:", "ERROR:", "failed: "):
        if word in told:
            return told.partition(word)[2].partition("\n")[0].strip()
    return told


def _translated(error: Exception) -> AccessError:
    return failure(_state(error), _message(error))
