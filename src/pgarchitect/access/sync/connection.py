"""One connection of psycopg: statements, COPY, and errors that say what they mean."""

import random
import select
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import psycopg
from psycopg.abc import AdaptContext
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg.types.string import TextBinaryLoader

from pgarchitect.access.failures import AccessError, InvalidValue, TransactionBroken
from pgarchitect.access.options import PoolOptions, connecting, libpq_settings
from pgarchitect.access.shapes import ColumnShape, ValueKind
from pgarchitect.access.translation import failure, lost, unreachable
from pgarchitect.access.writing import Rows

_VALUES: Final = (
    psycopg.DataError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
    ValueError,
    TypeError,
    OverflowError,
    AttributeError,
)
_UNKNOWN: Final = 0
"""The oid under which the driver keeps what reads types that it does not know."""
_AT_ONCE: Final = 0.001
"""Seconds within which a connection goes from hand to hand without being looked at."""
_DRIVER: Final = (psycopg.Error, OSError, *_VALUES)
"""Errors of the driver: of the server, of the connection, of values that it cannot send."""


class Connection:
    """A connection; not for two callers at once.

    Attributes:
        raw: of the driver.
        until: when it is to be replaced, by ``time.monotonic()``.
        used: when it was last given back.

    Args:
        raw: of the driver.
        lifetime: seconds.
        cursor: that its statements run on; None: a plain one.
    """

    __slots__ = ("_cursor", "_poll", "raw", "until", "used")

    def __init__(
        self, raw: psycopg.Connection[Any], lifetime: float, cursor: "psycopg.RawCursor[Any] | None" = None
    ) -> None:
        self.raw = raw
        self._cursor = psycopg.RawCursor(raw) if cursor is None else cursor
        self._cursor.format = psycopg.pq.Format.BINARY
        self._poll = select.poll()
        self._poll.register(raw.pgconn.socket, select.POLLIN)
        self.used = time.monotonic()
        # Not all at once: a tenth of the lifetime is chance.
        self.until = self.used + lifetime * (1 - random.random() / 10)  # noqa: S311  # no secret

    @property
    def is_usable(self) -> bool:
        """Whether the next caller may have it, as far as is known without asking the system."""
        idle = self.raw.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
        return idle and time.monotonic() < self.until

    @property
    def is_silent(self) -> bool:
        """Whether nothing has come while nothing was asked; to ask takes other threads' time, and is done seldom."""
        # It would be the end of the connection, or so rare that a new one costs nothing.
        return time.monotonic() - self.used < _AT_ONCE or not self._poll.poll(0)

    def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        try:
            return self._execute(text, parameters).fetchall()
        except _DRIVER as error:
            raise translated(error) from error

    def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # a tuple, or None
        """The first row of a statement; None without one."""
        try:
            return self._execute(text, parameters).fetchone()
        except _DRIVER as error:
            raise translated(error) from error

    def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows of a statement, each as column → value."""
        found = self.rows(text, parameters)
        names = [each.name for each in self._cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found]

    def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """Run a statement; the number of rows that it wrote."""
        try:
            return max(self._execute(text, parameters).rowcount, 0)
        except _DRIVER as error:
            raise translated(error) from error

    def copy(self, rows: Rows) -> int:
        """Write rows by COPY; how many."""
        names = ", ".join(each.quoted for each in rows.columns)
        text = f"COPY {rows.table.qualified} ({names}) FROM STDIN (FORMAT BINARY)"
        try:
            with self._cursor.copy(text.encode()) as copy:
                copy.set_types([_copied(each) for each in rows.columns])
                for row in rows.values:
                    copy.write_row(row)
        except _DRIVER as error:
            raise translated(error) from error
        return len(rows.values)

    def commit(self) -> None:
        """Commit.

        Raises:
            TransactionBroken: an error had ended the transaction, so the server rolled it back.
            ConnectionLost: it broke meanwhile; whether anything was written is not known.
        """
        self.affected("COMMIT", ())
        if self._cursor.statusmessage != "COMMIT":
            raise TransactionBroken

    def roll_back(self) -> None:
        """Roll back; where that fails the connection is given up."""
        try:
            self.affected("ROLLBACK", ())
        except AccessError:
            self.raw.close()

    def close(self) -> None:
        """Close it."""
        self.raw.close()

    def _execute(self, text: str, parameters: Sequence[Any]) -> "psycopg.RawCursor[Any]":
        """Run a statement; outside of a transaction once more, when the table's columns have changed meanwhile."""
        try:
            return self._cursor.execute(text.encode(), parameters)
        except psycopg.errors.FeatureNotSupported:
            # "cached plan must not change result type": it did not run. In a transaction the error ended that already.
            if self.raw.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                raise
            self.raw.execute("DEALLOCATE ALL")
            return self._cursor.execute(text.encode(), parameters)


def pause(seconds: float) -> None:
    """Let others go on for a while."""
    time.sleep(seconds)


def _copied(column: ColumnShape) -> str:
    """The name by which the driver knows a column's type; labels of an enum travel as text."""
    if column.kind is ValueKind.ENUM:
        return "text"
    base, _, _ = column.type.partition("(")
    base = "text" if base == "bpchar" else base  # the same bytes, for which the driver has no name
    return base + ("[]" if column.is_list else "")


def translated(error: Exception) -> Exception:
    """What an error of the driver means; any other as it is."""
    if isinstance(error, AccessError):
        return error
    if isinstance(error, psycopg.OperationalError) and str(error) == "the connection is closed":
        return unreachable(None, "it was closed before the statement was sent")
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return failure(error.sqlstate, error.diag.message_primary or str(error), error.diag.message_detail)
    if isinstance(error, _VALUES):
        return InvalidValue(f"A value does not fit its column ({' '.join(str(error).split())}); correct it.")
    return lost(str(error))


def connect(dsn: str, options: PoolOptions) -> Connection:
    """Open a connection.

    Raises:
        ServerUnreachable: the server cannot be reached, or takes no more connections.
        AccessDenied: it does not let the role in.
    """
    url, options = connecting(dsn, options)
    prepare = 0 if options.prepared else None
    try:
        settings = libpq_settings(url, options, "pgarchitect")
        raw = psycopg.connect(url, autocommit=True, prepare_threshold=prepare, **settings)
    except (psycopg.Error, ValueError) as error:
        raise unreachable(getattr(error, "sqlstate", None), str(error)) from error
    raw.prepared_max = options.statement_cache
    convert(raw)
    return Connection(raw, options.max_lifetime)


def convert(where: AdaptContext) -> None:
    """Have a connection or cursor of the driver make and take values as the data layer does."""
    set_json_loads(msgspec.json.decode, where)
    # Labels of enums, whose types the driver does not know, are texts.
    where.adapters.register_loader(_UNKNOWN, TextBinaryLoader)
    # What is written is text already (see ``statement.to_database``).
    set_json_dumps(str.encode, where)
