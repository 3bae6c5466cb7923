"""What a driver's error means, by its SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

import re
from typing import Final

from pgarchitect.access.failures import (
    AccessDenied,
    AccessError,
    CheckViolated,
    ConnectionLost,
    ForeignKeyViolated,
    InvalidValue,
    NotNullViolated,
    ReadOnlyRefused,
    SerializationFailed,
    ServerExhausted,
    ServerUnreachable,
    StatementCancelled,
    StatementFailed,
    StatementTimedOut,
    TooManyConnections,
    TransactionBroken,
    UniqueViolated,
)

RETRIED: Final = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock: the whole transaction may succeed when it is run again."""

_LACKING: Final = (
    "correct the statement, or, if it is not your own, bring the database in step with the schema that the client was"
    " generated from (pgarchitect schema check says what differs)"
)
_BY_STATE: Final[dict[str, tuple[type[AccessError], str]]] = {
    "23505": (UniqueViolated, "use upsert, or other values"),
    "23503": (ForeignKeyViolated, "write the row that it refers to first, or delete those that refer to it"),
    "23001": (ForeignKeyViolated, "delete those that refer to it first"),
    "23502": (NotNullViolated, "give the column a value"),
    "23514": (CheckViolated, "correct the values"),
    "23P01": (UniqueViolated, "the row overlaps another; use other values"),
    "40001": (SerializationFailed, "run the transaction again"),
    "40P01": (SerializationFailed, "run the transaction again"),
    "57014": (StatementTimedOut, "make the statement cheaper or raise the time-out"),
    "55P03": (StatementTimedOut, "a lock was not free in time; try again later"),
    "25P03": (ConnectionLost, "the transaction was idle for too long; do less between its statements"),
    "25P04": (ConnectionLost, "the transaction took too long; do less in it"),
    "25P02": (TransactionBroken, "an earlier error ended the transaction; put what may fail into a savepoint"),
    "25006": (ReadOnlyRefused, "nothing was written; send writes to the primary, outside of read-only transactions"),
    "42501": (AccessDenied, "nothing was written; grant the role this right, or use another role"),
    "57P03": (ServerUnreachable, "nothing was sent; try again later"),
    **dict.fromkeys(("42P01", "42703", "42704", "42883", "3F000"), (StatementFailed, _LACKING)),
    "53300": (TooManyConnections, "nothing was sent; make pools smaller or put a pooler in between"),
}
_CANCELLED: Final = "57014"
_TEXTS: Final = (
    (r"too many connections|too many clients|connection slots|connection limit", TooManyConnections),
    (r"authentication failed|no password supplied|pg_hba\.conf|role .* does not exist|not permitted", AccessDenied),
)
"""libpq tells no SQLSTATE of a connection that the server refused, so its English text decides."""
_OF_URL: Final = r"invalid (DSN|connection option|URI|literal|port)|connection info string|Servname not supported"
_UNKNOWN: Final = "whether a write took effect is not known, so check before it is sent again"
_BY_CLASS: Final[dict[str, tuple[type[AccessError], str]]] = {
    "08": (ConnectionLost, _UNKNOWN),
    "57": (ConnectionLost, _UNKNOWN),
    "28": (AccessDenied, "check role, password and pg_hba.conf"),
    "53": (ServerExhausted, "nothing was written; free some, then try again"),
    "22": (InvalidValue, "correct the value"),
    "42": (StatementFailed, "correct the statement"),
}


def failure(state: str | None, message: str, detail: str | None = None) -> AccessError:
    """The error of a SQLSTATE; ``message`` and ``detail`` are the server's."""
    code = state or ""
    kind, advice = _BY_STATE.get(code) or _BY_CLASS.get(code[:2]) or (StatementFailed, "the server's reason says why")
    if code == _CANCELLED and "user request" in message:
        kind, advice = StatementCancelled, "nothing was written"
    told = _told(f"{message}: {detail}" if detail else message)
    return _made(kind, f"{told[:1].upper()}{told[1:]}; {advice}.", code)


def lost(message: str) -> ConnectionLost:
    """The error of a connection that broke while a statement ran."""
    return ConnectionLost(f"The connection to PostgreSQL broke ({_told(message)}); {_UNKNOWN}.")


def unreachable(state: str | None, message: str) -> AccessError:
    """The error of a connection that could not be opened, by what the server or the driver said."""
    code = state or ""
    kind, _ = _BY_STATE.get(code) or _BY_CLASS.get(code[:2]) or (_by_text(message), "")
    if kind not in {AccessDenied, TooManyConnections}:
        kind = ServerUnreachable
    advice = _advice(kind, code, message)
    told = f"No connection to PostgreSQL could be opened ({_told(message)}), so nothing was sent; {advice}."
    return _made(kind, told, code)


def _advice(kind: type[AccessError], code: str, message: str) -> str:
    if kind is AccessDenied:
        return "check role, password and pg_hba.conf"
    if code == "3D000" or re.search(r'database ".*" does not exist', message):
        return "check the database's name in the URL"
    if re.search(_OF_URL, message):
        return "correct the URL"
    return "check the server and the network"


def _by_text(message: str) -> type[AccessError]:
    return next((kind for pattern, kind in _TEXTS if re.search(pattern, message)), ServerUnreachable)


def _made(kind: type[AccessError], message: str, code: str) -> AccessError:
    made = kind(message)
    made.sqlstate = code
    return made


def _told(message: str) -> str:
    return " ".join(message.split()).rstrip(".")
