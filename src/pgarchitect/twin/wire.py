"""Messages of PostgreSQL's protocol 3.0, the server's side, as far as ``pg_dump`` needs them.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from psycopg import pq

_ENCRYPTION: Final = frozenset({80_877_103, 80_877_104})
"""Codes of SSLRequest and GSSENCRequest, instead of a protocol's version."""
_TOLD: Final = (
    b"server_version",
    b"server_encoding",
    b"client_encoding",
    b"standard_conforming_strings",
    b"is_superuser",
    b"integer_datetimes",
)
_NULL: Final = b"\xff\xff\xff\xff"
_INT16: Final = struct.Struct("!h")
_INT32: Final = struct.Struct("!i")
_COLUMN: Final = struct.Struct("!IhIhih")
_READY: Final[dict[int, bytes]] = {pq.TransactionStatus.IDLE: b"I", pq.TransactionStatus.INTRANS: b"T"}
_FIELDS: Final = (
    (b"S", pq.DiagnosticField.SEVERITY),
    (b"V", pq.DiagnosticField.SEVERITY_NONLOCALIZED),
    (b"C", pq.DiagnosticField.SQLSTATE),
    (b"M", pq.DiagnosticField.MESSAGE_PRIMARY),
    (b"D", pq.DiagnosticField.MESSAGE_DETAIL),
    (b"H", pq.DiagnosticField.MESSAGE_HINT),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One result as messages, and the bytes of the values in it."""

    message: bytes
    values: int


def greet(client: socket.socket, heard: BinaryIO, pgconn: pq.abc.PGconn) -> None:
    """Let a client in, telling it of the server behind ``pgconn``.

    Raises:
        EOFError: it went away.
    """
    while True:
        (length,) = _INT32.unpack(_exactly(heard, 4))
        words = _exactly(heard, length - 4)
        if _INT32.unpack_from(words)[0] not in _ENCRYPTION:
            break
        client.sendall(b"N")  # no encryption on a private socket
    told = b"".join(
        _message(b"S", name + b"\0" + value + b"\0") for name in _TOLD if (value := pgconn.parameter_status(name))
    )
    client.sendall(_message(b"R", _INT32.pack(0)) + told + ready(pgconn.transaction_status))


def next_query(client: socket.socket, heard: BinaryIO) -> str | None:
    """The next statement of the client; None when it takes its leave. Other messages are refused to it."""
    while True:
        kind = heard.read(1)
        if kind in {b"", b"X"}:
            return None
        (length,) = _INT32.unpack(_exactly(heard, 4))
        body = _exactly(heard, length - 4)
        if kind == b"Q":
            return body.rstrip(b"\0").decode(errors="surrogateescape")
        client.sendall(_error([(b"S", b"FATAL"), (b"C", b"0A000"), (b"M", b"only simple queries are relayed")]))
        return None


def ready(status: int) -> bytes:
    """Say that the next statement may come."""
    return _message(b"Z", _READY.get(status, b"E"))


def answer(result: pq.abc.PGresult) -> Answer:
    """What the client is told of one result."""
    if result.status == pq.ExecStatus.TUPLES_OK:
        rows, size = _rows(result)
        return Answer(_columns(result) + rows + _complete(result), size)
    if result.status == pq.ExecStatus.COMMAND_OK:
        return Answer(_complete(result), 0)
    if result.status == pq.ExecStatus.EMPTY_QUERY:
        return Answer(_message(b"I", b""), 0)
    fields = [(code, value) for code, field in _FIELDS if (value := result.error_field(field)) is not None]
    return Answer(_error(fields or [(b"S", b"FATAL"), (b"C", b"08006"), (b"M", result.error_message.strip())]), 0)


def _columns(result: pq.abc.PGresult) -> bytes:
    described = [
        (result.fname(column) or b"")
        + b"\0"
        + _COLUMN.pack(0, 0, result.ftype(column), result.fsize(column), result.fmod(column), 0)
        for column in range(result.nfields)
    ]
    return _message(b"T", _INT16.pack(result.nfields) + b"".join(described))


def _rows(result: pq.abc.PGresult) -> tuple[bytes, int]:
    columns, value, number = range(result.nfields), result.get_value, _INT32.pack
    head = _INT16.pack(result.nfields)
    messages, size = [], 0
    for row in range(result.ntuples):
        body = b"".join(
            _NULL if (field := value(row, column)) is None else number(len(field)) + field for column in columns
        )
        messages.append(b"D" + number(len(body) + 6) + head + body)
        size += len(body) - 4 * len(columns)
    return b"".join(messages), size


def _complete(result: pq.abc.PGresult) -> bytes:
    return _message(b"C", (result.command_status or b"") + b"\0")


def _error(fields: list[tuple[bytes, bytes]]) -> bytes:
    return _message(b"E", b"".join(code + text + b"\0" for code, text in fields) + b"\0")


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + _INT32.pack(len(body) + 4) + body


def _exactly(heard: BinaryIO, length: int) -> bytes:
    found = heard.read(length)
    if len(found) < length:
        raise EOFError
    return found
