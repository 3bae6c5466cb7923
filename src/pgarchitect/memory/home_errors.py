"""PostgreSQL's errors on the architect's own database, as one sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors as pg

from pgarchitect.errors import HomeUnavailable, StatementRefused

_NO_LOG: Final = "it has no log that its role can see; run `pgarchitect audit` once to create it"
_SENTENCES: Final[tuple[tuple[type[psycopg.Error], str], ...]] = (
    (pg.DiskFull, "its disk is full, so nothing was recorded; free disk space and run the same command again"),
    (pg.ReadOnlySqlTransaction, "it is read-only; set PGARCHITECT_HOME_URL to a server that takes writes"),
    (pg.InsufficientPrivilege, "the role may not do this ({reason}); grant it, or set PGARCHITECT_HOME_URL to another"),
    (pg.LockNotAvailable, "another session holds a lock on it; wait for that one to end and run the command again"),
    (pg.QueryCanceled, "it did not answer within statement_timeout; raise PGARCHITECT_STATEMENT_TIMEOUT_MS"),
    *((kind, _NO_LOG) for kind in (pg.UndefinedTable, pg.UndefinedObject, pg.InvalidSchemaName)),
    (psycopg.OperationalError, "it does not answer ({reason}); check that the server of PGARCHITECT_HOME_URL runs"),
)


@contextmanager
def home_errors() -> Iterator[None]:
    """Turn an error of PostgreSQL into one of ours; the driver's error stays in ``__cause__``.

    Raises:
        HomeUnavailable: the database cannot be read or written; the message says why and what to do.
        StatementRefused: the server refused what was to be stored.
    """
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise StatementRefused(
            f"The architect's own database refused what was to be stored: {reason(error)}."
        ) from error
    except psycopg.Error as error:
        raise HomeUnavailable(f"The architect's own database cannot be used: {_sentence(error)}.") from error


def reason(error: psycopg.Error) -> str:
    """The server's own words: the first line of its message, without a full stop."""
    text = error.diag.message_primary or str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _sentence(error: psycopg.Error) -> str:
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return sentence.format(reason=reason(error))
    return f"{reason(error)}; please report it"
