"""What a driver's error means, by its SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

from typing import Final

from pgarchitect.access.failures import (
    AccessError,
    CheckViolated,
    ConnectionLost,
    ForeignKeyViolated,
    InvalidValue,
    NotNullViolated,
    SerializationFailed,
    StatementFailed,
    StatementTimedOut,
    UniqueViolated,
)

RETRIED: Final = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock: the whole transaction may succeed when it is run again."""

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
}
_BY_CLASS: Final[dict[str, tuple[type[AccessError], str]]] = {
    "08": (ConnectionLost, "check the server and the network, then try again"),
    "57": (ConnectionLost, "the server is stopping or starting; try again later"),
    "22": (InvalidValue, "correct the value"),
    "42": (
        StatementFailed,
        "the database differs from the schema that the client was generated from; check with schema check",
    ),
}


def failure(state: str | None, message: str, detail: str | None = None) -> AccessError:
    """The error of a SQLSTATE; ``message`` and ``detail`` are the server's."""
    code = state or ""
    kind, advice = _BY_STATE.get(code) or _BY_CLASS.get(code[:2]) or (StatementFailed, "the server's reason says why")
    told = " ".join((f"{message}: {detail}" if detail else message).split()).rstrip(".")
    made = kind(f"{told[:1].upper()}{told[1:]}; {advice}.")
    made.sqlstate = code
    return made


def lost(message: str) -> ConnectionLost:
    """The error of a connection that broke."""
    told = " ".join(message.split()).rstrip(".")
    return ConnectionLost(f"The connection to PostgreSQL broke ({told}); whether a write took effect must be checked.")
