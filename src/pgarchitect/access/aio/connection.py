"""One connection of asyncpg: statements, COPY, and errors that say what they mean."""

import asyncio
import random
import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, Self

import asyncpg
import msgspec

from pgarchitect.access.aio.direct import STALE, Direct
from pgarchitect.access.copying import copy_stream
from pgarchitect.access.failures import AccessError, ConnectionLost, InvalidValue, StatementTimedOut, TransactionBroken
from pgarchitect.access.options import ANSWER, PoolOptions, connecting, session_settings
from pgarchitect.access.translation import failure, lost, unreachable
from pgarchitect.access.writing import Rows

_DECODE: Final = msgspec.json.Decoder().decode
_LOST: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError, OSError)
_DRIVER: Final = (asyncpg.PostgresError, *_LOST, ValueError, TypeError, OverflowError)
"""Errors of the driver: of the server, of the connection, of values that it cannot send."""


class Connection:
    """A connection; not for two callers at once.

    Attributes:
        raw: of the driver.
        until: when it is to be replaced, by ``time.monotonic()``.
        used: when it was last given back.
        is_settled: nothing that was interrupted may still be under way on it.
        was_heard: the server has answered since it was given out, and nothing went wrong after that.
    """

    __slots__ = ("_direct", "_poll", "_settling", "is_settled", "raw", "until", "used", "was_heard")

    def __init__(self, raw: asyncpg.Connection, options: PoolOptions, patience: float | None) -> None:
        self.raw = raw
        self._direct = Direct(raw, options.statement_cache if options.prepared else 0, patience, options.busy_poll)
        self.used = time.monotonic()
        # Not all at once: a tenth of the lifetime is chance.
        self.until = self.used + options.max_lifetime * (1 - random.random() / 10)  # noqa: S311  # no secret
        self.is_settled = True
        self.was_heard = False
        self._settling: asyncio.Task[None] | None = None
        self._poll = _poll(raw)

    def is_sound(self, now: float, *, heard: bool) -> bool:
        """Whether it is open, still to be used, and the server has not ended it.

        Args:
            now: by ``time.monotonic()``.
            heard: the server answered only just, so it is not looked whether it has ended it.
        """
        if self.raw.is_closed() or now >= self.until:
            return False
        # What comes while nothing was asked is the end of the connection, or so rare that a new one costs nothing. To
        # look takes 1 µs; it was done twice for a read by key, which takes 22.
        return heard or self._poll is None or not self._poll.poll(0)

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of a statement."""
        try:
            found = await self._direct.send(text, parameters, 0)
        except STALE as error:
            found = await self._anew(error, text, parameters, 0)
        except BaseException as error:
            raise self._meant(self._direct.ended(error)) from error
        self._direct.over()
        self.was_heard = True
        return found

    async def row(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401  # a record, or None
        """The first row of a statement; None without one."""
        try:
            found = await self._direct.send(text, parameters, 1)
        except STALE as error:
            found = await self._anew(error, text, parameters, 1)
        except BaseException as error:
            raise self._meant(self._direct.ended(error)) from error
        self._direct.over()
        self.was_heard = True
        return found[0] if found else None

    async def _anew(self, error: Exception, text: str, parameters: Sequence[Any], limit: int) -> list[Any]:
        try:
            return await self._direct.anew(error, text, parameters, limit)
        except BaseException as again:
            raise self._meant(again) from again

    async def mappings(self, text: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows of a statement, each as column → value."""
        return [dict(each.items()) for each in await self.rows(text, parameters)]

    async def affected(self, text: str, parameters: Sequence[Any]) -> int:
        """Run a statement; the number of rows that it wrote."""
        try:
            status = await self.raw.execute(text, *parameters)
        except BaseException as error:
            raise self._meant(error) from error
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def copy(self, rows: Rows) -> int:
        """Write rows by COPY; how many."""
        table, schema = rows.table.table, rows.table.schema
        columns = [each.column for each in rows.shapes]
        stream = copy_stream(rows)
        wake = _wake(self.raw)
        self.raw.add_termination_listener(wake)
        try:
            if stream is None:
                await self.raw.copy_records_to_table(table, schema_name=schema, columns=columns, records=rows.tuples)
            else:
                flow = _Flow(stream, self.raw)
                await self.raw.copy_to_table(table, schema_name=schema, columns=columns, source=flow, format="binary")
        except BaseException as error:
            raise self._meant(error) from error
        finally:
            self.raw.remove_termination_listener(wake)
        return rows.count

    async def commit(self) -> None:
        """Commit.

        Raises:
            TransactionBroken: an error had ended the transaction, so the server rolled it back.
            ConnectionLost: it broke meanwhile; whether anything was written is not known.
        """
        try:
            status = await self.raw.execute("COMMIT")
        except BaseException as error:
            raise self._meant(error) from error
        if status != "COMMIT":
            raise TransactionBroken

    async def roll_back(self) -> None:
        """Roll back, also when the caller was cancelled; where that fails the connection is given up."""
        await asyncio.shield(self.settle())

    def settle(self) -> "asyncio.Task[None]":
        """Wait for what was interrupted and roll back; where that fails the connection is given up."""
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settled())
        return self._settling

    async def _settled(self) -> None:
        settled = False
        try:
            async with asyncio.timeout(ANSWER):
                if not self.is_settled:
                    with suppress(asyncpg.InFailedSQLTransactionError):
                        await self.raw.execute("SELECT 1")  # the driver waits for the end of what was interrupted
                if self.raw.is_in_transaction():
                    await self.raw.execute("ROLLBACK")
            settled = True
        except _DRIVER:
            pass  # it is given up
        finally:
            self.is_settled = True
            if not settled:
                self.terminate()

    async def close(self) -> None:
        """Close it; a server that does not answer is not waited for."""
        self._direct.close()
        try:
            await self.raw.close(timeout=2)
        except (*_LOST, TimeoutError, asyncpg.PostgresError):
            self.raw.terminate()

    def terminate(self) -> None:
        """Give it up at once; the driver lets go of what it holds."""
        self._direct.close()
        self.raw.terminate()

    def _meant(self, error: BaseException) -> BaseException:
        """What went wrong with a statement; one that was interrupted may be under way still."""
        self.was_heard = False
        if not isinstance(error, asyncpg.PostgresError):
            self.is_settled = False
        if isinstance(error, asyncpg.InterfaceError) and str(error).endswith("connection is closed"):
            return unreachable(None, "it was closed before the statement was sent")
        if isinstance(error, RuntimeError) and self.raw.is_closed():
            return lost("it was closed meanwhile")  # uvloop's word for what is written then
        return translated(error) if isinstance(error, _DRIVER) else error


class _Flow:
    """Messages of a COPY as the driver takes them; others get their turn, and what was written leaves, in between."""

    __slots__ = ("_messages", "_raw")

    def __init__(self, messages: Iterator[bytes], raw: asyncpg.Connection) -> None:
        self._messages = messages
        self._raw = raw

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> bytes:
        """The next one; none any more when the connection is lost, so that the driver comes to say so."""
        await asyncio.sleep(0)
        if not self._raw.is_closed():
            for message in self._messages:
                return message
        raise StopAsyncIteration


def _wake(raw: asyncpg.Connection) -> Callable[[Any], None]:
    """What lets a COPY whose connection is lost go on and hear of it: the driver waits for ever for room to write."""
    protocol: Any = getattr(raw, "_protocol", None)  # the driver has no other way to it
    return lambda _: protocol.resume_writing()


def _poll(raw: asyncpg.Connection) -> "select.poll | None":
    """What tells at once that the server has ended an idle connection, of which the loop has not heard yet."""
    transport: Any = getattr(raw, "_transport", None)  # the driver has no other way to it
    socket = transport.get_extra_info("socket") if transport is not None and hasattr(select, "poll") else None
    if socket is None:
        return None
    made = select.poll()
    made.register(socket.fileno(), select.POLLIN)
    return made


async def pause(seconds: float) -> None:
    """Let others go on for a while."""
    await asyncio.sleep(seconds)


def translated(error: Exception) -> Exception:
    """What an error of the driver means; any other as it is."""
    if isinstance(error, AccessError):
        return error
    if isinstance(error, asyncpg.ConnectionDoesNotExistError) and isinstance(error.__cause__, asyncpg.PostgresError):
        told = translated(error.__cause__)  # what the server said before it closed the connection
        return told if isinstance(told, ConnectionLost) else lost(str(error))
    if isinstance(error, asyncpg.PostgresError):
        return failure(error.sqlstate, str(error.args[0] if error.args else error), getattr(error, "detail", None))
    if isinstance(error, asyncpg.DataError | asyncpg.exceptions.UnsupportedClientFeatureError) or (
        isinstance(error, ValueError | TypeError | OverflowError) and not isinstance(error, asyncpg.InterfaceError)
    ):
        return InvalidValue(f"A value does not fit its column ({' '.join(str(error).split())}); correct it.")
    if isinstance(error, TimeoutError):
        return StatementTimedOut(
            "No answer came within the statement's time-out, so the server was asked to end it; whether a write took"
            " effect is not known, so check before it is sent again."
        )
    if isinstance(error, _LOST):
        return lost(str(error))
    return error


async def connect(dsn: str, options: PoolOptions, name: str = "pgarchitect") -> Connection:
    """Open a connection, which the server knows by ``name``.

    Raises:
        ServerUnreachable: the server cannot be reached, or takes no more connections.
        AccessDenied: it does not let the role in.
    """
    url, options = connecting(dsn, options)
    patience = options.statement_timeout + (0 if options.pooler else ANSWER) if options.statement_timeout else None
    try:
        raw = await asyncpg.connect(
            url,
            timeout=options.timeout,
            command_timeout=patience,
            statement_cache_size=options.statement_cache if options.prepared else 0,
            max_cached_statement_lifetime=0,
            server_settings={"application_name": name, **session_settings(options)},
        )
    except (asyncpg.PostgresError, *_LOST, TimeoutError, ValueError) as error:  # the last one: of the URL
        raise unreachable(getattr(error, "sqlstate", None), str(error) or type(error).__name__) from error
    try:
        await _teach(raw)
    except BaseException as error:
        raw.terminate()
        if isinstance(error, (asyncpg.PostgresError, *_LOST)):
            raise unreachable(getattr(error, "sqlstate", None), str(error)) from error
        raise
    return Connection(raw, options, patience)


def _utf8(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


async def _teach(raw: asyncpg.Connection) -> None:
    """JSON comes as Python objects; written it is text already (see ``statement.to_database``)."""
    await raw.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda text: b"\x01" + _utf8(text),
        decoder=lambda data: _DECODE(data[1:]),  # behind the version; to copy them takes less than to look at them
        format="binary",
    )
    await raw.set_type_codec("json", schema="pg_catalog", encoder=_utf8, decoder=_DECODE, format="binary")
