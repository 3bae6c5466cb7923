"""Errors on the architect's own database, PostgreSQL's and the data layer's, as one sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors as pg

from pgarchitect.access.failures import AccessError, ConnectionLost, InvalidValue
from pgarchitect.errors import HomeUnavailable, StatementRefused

_NO_LOG: Final = "it has no log that its role can see; run `pgarchitect audit` once to create it"
_SILENT: Final = "it does not answer ({reason}); check that the server of PGARCHITECT_HOME_URL runs"
_SENTENCES: Final[tuple[tuple[type[psycopg.Error], str], ...]] = (
    (pg.DiskFull, "its disk is full, so nothing was recorded; free disk space and run the same command again"),
    (pg.ReadOnlySqlTransaction, "it is read-only; set PGARCHITECT_HOME_URL to a server that takes writes"),
    (pg.InsufficientPrivilege, "the role may not do this ({reason}); grant it, or set PGARCHITECT_HOME_URL to another"),
    (pg.LockNotAvailable, "another session holds a lock on it; wait for that one to end and run the command again"),
    (pg.QueryCanceled, "it did not answer within statement_timeout; raise PGARCHITECT_STATEMENT_TIMEOUT_MS"),
    *((kind, _NO_LOG) for kind in (pg.UndefinedTable, pg.UndefinedObject, pg.InvalidSchemaName)),
    (psycopg.OperationalError, _SILENT),
)


@contextmanager
def home_errors() -> Iterator[None]:
    """Turn an error of PostgreSQL or of the data layer into one of ours; the driver's error stays in ``__cause__``.

    Raises:
        HomeUnavailable: the database cannot be read or written; the message says why and what to do.
        StatementRefused: the server refused what was to be stored, or would have.
    """
    try:
        yield
    except AccessError as error:
        driver = _driver_error(error)
        raise (_of_access(error) if driver is None else _of_driver(driver, at_tables=True)) from driver or error
    except psycopg.Error as error:
        raise _of_driver(error) from error


def reason(error: psycopg.Error) -> str:
    """The server's own words: the first line of its message, without a full stop."""
    text = error.diag.message_primary or str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _driver_error(error: BaseException) -> psycopg.Error | None:
    """The error of the driver that an error of the data layer came from."""
    cause = error.__cause__
    return cause if cause is None or isinstance(cause, psycopg.Error) else _driver_error(cause)


def _of_access(error: AccessError) -> HomeUnavailable | StatementRefused:
    told = str(error).rstrip(".")
    if isinstance(error, InvalidValue):
        return _refused(told)
    if isinstance(error, ConnectionLost):
        return _unavailable(_SILENT.format(reason=told))
    return _unavailable(_unknown(told))


def _of_driver(error: psycopg.Error, *, at_tables: bool = False) -> HomeUnavailable | StatementRefused:
    """``at_tables``: a statement on the tables failed, so they were to be there already."""
    if isinstance(error, (psycopg.DataError, psycopg.IntegrityError)):
        return _refused(reason(error))
    if at_tables and isinstance(error, pg.InsufficientPrivilege) and "schema" in reason(error):
        return _unavailable(_NO_LOG)
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return _unavailable(sentence.format(reason=reason(error)))
    return _unavailable(_unknown(reason(error)))


def _refused(told: str) -> StatementRefused:
    return StatementRefused(f"The architect's own database refused what was to be stored: {told}.")


def _unavailable(told: str) -> HomeUnavailable:
    return HomeUnavailable(f"The architect's own database cannot be used: {told}.")


def _unknown(told: str) -> str:
    return f"{told}; please report it"
