"""A private socket on which ``pg_dump`` speaks to the source through a connection of ours.

The ``pg_dump`` that we carry knows no encryption, and its statements would carry no marker and obey no time-out. So
it connects to us: we speak the server's side of the protocol to it, and send its statements by psycopg, whose libpq
knows every ``sslmode``, certificate, service file and way to log in. Whatever reaches the source is thereby marked,
read-only, limited in time and counted.

The messages are those of https://www.postgresql.org/docs/current/protocol-message-formats.html, version 3.0.
"""

import contextlib
import secrets
import select
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import psycopg
from psycopg import pq

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.marker import marked
from pgarchitect.postgres.server_home import SOCKET
from pgarchitect.settings import Settings
from pgarchitect.twin import wire
from pgarchitect.twin.cost import Meter

_CANCEL_S: Final = 5.0
_LOOK_S: Final = 0.2
"""How often a wait for the source looks whether the conversation is over."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement that the source refused, its reason, and SQLSTATE, which is the same in every language."""

    state: str
    reason: str
    statement: str


@dataclass(frozen=True, slots=True)
class Relay:
    """The private socket's directory, and what the source refused so far."""

    directory: Path
    refusals: Sequence[Refusal]


@contextmanager
def relay(connection: Connection, settings: Settings, meter: Meter) -> Iterator[Relay]:
    """Serve one client of a private socket with ``connection`` meanwhile.

    Args:
        connection: to the source; it is of no further use afterwards.
        settings: with the time-outs that stay in force, whatever the client sets.
        meter: counts statements and bytes.
    """
    # Not below TMPDIR: the path of a socket must be short. Named before it is made, so that no Ctrl-C leaves it behind.
    folder = Path("/tmp", f"pgarchitect-{secrets.token_hex(6)}")  # noqa: S108  # mkdir refuses a name that is taken
    conversation = _Conversation(connection, settings, meter)
    with socket.socket(socket.AF_UNIX) as door:
        thread = threading.Thread(target=conversation.hold, args=(door, folder), name="pgarchitect-relay")
        try:
            folder.mkdir(mode=0o700)
            door.bind(str(folder / SOCKET))
            door.listen(1)
            with undisturbed():
                thread.start()
            yield Relay(folder, conversation.refusals)
        finally:
            conversation.end(door)
            if thread.ident is not None:
                thread.join()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """No signal meanwhile: threading breaks when Ctrl-C meets the start of a thread. The thread inherits it."""
    # Asked for first: a Ctrl-C of a moment ago is raised by the very call that blocks the next one.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Conversation:
    """One client's conversation with the source."""

    def __init__(self, connection: Connection, settings: Settings, meter: Meter) -> None:
        self._source = connection
        self._meter = meter
        self._over = threading.Event()
        self.refusals: list[Refusal] = []
        self._client: socket.socket | None = None
        # pg_dump switches all time-outs off; it gets ours instead.
        self._instead = {
            "SET statement_timeout = 0": f"SET statement_timeout = {settings.statement_timeout_ms}",
            "SET lock_timeout = 0": f"SET lock_timeout = {settings.lock_timeout_ms}",
            "SET idle_in_transaction_session_timeout = 0": "SET idle_in_transaction_session_timeout ="
            f" {10 * settings.statement_timeout_ms}",
        }

    def hold(self, door: socket.socket, folder: Path) -> None:
        """Serve the one client that comes, until it goes or the conversation is ended."""
        with contextlib.suppress(OSError, EOFError, psycopg.OperationalError):
            client, _ = door.accept()
            # Nobody else is let in; and nothing of it is left if we are killed.
            shutil.rmtree(folder, ignore_errors=True)
            with client, client.makefile("rb") as heard:
                self._client = client
                wire.greet(client, heard, self._source.pgconn)
                self._serve(client, heard)

    def end(self, door: socket.socket) -> None:
        """End it, whatever it does: waiting for a client, for its next word, or for the source."""
        self._over.set()
        busy = self._source.pgconn.transaction_status == pq.TransactionStatus.ACTIVE
        for end in (door, self._client):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        if busy:
            with contextlib.suppress(psycopg.Error):
                self._source.cancel_safe(timeout=_CANCEL_S)

    def _serve(self, client: socket.socket, heard: BinaryIO) -> None:
        while (text := wire.next_query(client, heard)) is not None:
            began, size = time.monotonic(), 0
            for result in self._results(marked(self._instead.get(text, text))):
                if result.status == pq.ExecStatus.FATAL_ERROR:
                    self.refusals.append(_refusal(result, text))
                answer = wire.answer(result)
                size += answer.values
                client.sendall(answer.message)
            self._meter.count(size, began)
            client.sendall(wire.ready(self._source.pgconn.transaction_status))

    def _results(self, text: str) -> Iterator[pq.abc.PGresult]:
        pgconn = self._source.pgconn
        pgconn.send_query(text.encode(errors="surrogateescape"))
        while True:
            self._await(pgconn)
            result = pgconn.get_result()
            if result is None:
                return
            yield result

    def _await(self, pgconn: pq.abc.PGconn) -> None:
        """Wait for a result, other threads running meanwhile, which libpq's own waiting does not allow."""
        poll = select.poll()
        unsent = pgconn.flush()
        while unsent or pgconn.is_busy():
            poll.register(pgconn.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            if poll.poll(_LOOK_S * 1000):
                pgconn.consume_input()
                unsent = pgconn.flush()
            if self._over.is_set():
                raise EOFError


def _refusal(result: pq.abc.PGresult, text: str) -> Refusal:
    state, reason = (
        (result.error_field(field) or b"").decode(errors="replace")
        for field in (pq.DiagnosticField.SQLSTATE, pq.DiagnosticField.MESSAGE_PRIMARY)
    )
    return Refusal(state, reason or result.error_message.decode(errors="replace").strip(), text)
