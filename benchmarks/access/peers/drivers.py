"""The drivers by themselves, as fast as they go: prepared statements, binary, rows into structs, no checks."""

import asyncio
import threading
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import psycopg
from psycopg.types.json import set_json_loads

from benchmarks.access.cases import CLIENTS
from benchmarks.access.peers.contender import Contender, Row, told
from benchmarks.access.peers.joined import JOIN, Joined

COLUMNS: Final = ("id", "user_id", "session_id", "event_type", "payload", "duration", "created_at")
_LISTED: Final = ", ".join(COLUMNS)
_READ: Final = f"SELECT {_LISTED} FROM behavior_logs WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1000"
_POINT: Final = f"SELECT {_LISTED} FROM behavior_logs WHERE id = $1"
_ENCODE: Final = msgspec.json.encode


class Log(msgspec.Struct):
    """A row of behavior_logs."""

    id: UUID
    user_id: UUID
    session_id: str
    event_type: str
    payload: Any
    duration: int
    created_at: datetime


class Asyncpg(Contender):
    """asyncpg: statements prepared once a connection, connections held, the last one back goes out first."""

    async def open(self) -> None:
        self.connections = [await self._connection() for _ in range(CLIENTS)]
        self.free: asyncio.LifoQueue[Any] = asyncio.LifoQueue()
        for each in self.connections:
            self.free.put_nowait(await each.prepare(_POINT))
        first = self.connections[0]
        self._read, self._join = await first.prepare(_READ), await first.prepare(JOIN)

    async def _connection(self) -> asyncpg.Connection:
        server = self.server
        made = await asyncpg.connect(host=server.host, port=server.port, user=server.user, database=server.database)
        await made.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            encoder=lambda value: b"\x01" + _ENCODE(value),
            decoder=lambda data: msgspec.json.decode(memoryview(data)[1:]),
            format="binary",
        )
        return made

    async def read(self, user: UUID) -> Any:
        return [Log(*each) for each in await self._read.fetch(user)]

    async def point(self, key: UUID) -> Any:
        statement = await self.free.get()
        try:
            return Log(*(await statement.fetchrow(key)))
        finally:
            self.free.put_nowait(statement)

    async def insert(self, rows: list[Row]) -> Any:
        records = [tuple(each.values()) for each in rows]
        await self.connections[0].copy_records_to_table("new_logs", records=records, columns=COLUMNS)

    async def join(self, event: str) -> Any:
        return [Joined(*each) for each in await self._join.fetch(event)]

    def joined(self, row: Any) -> str:
        return told(msgspec.structs.astuple(row))


class Psycopg(Contender):
    """psycopg 3 in C: binary, prepared at once, one connection a thread."""

    def open(self) -> None:
        self.local = threading.local()
        set_json_loads(msgspec.json.decode)
        self.spare = [self._connection() for _ in range(CLIENTS + 1)]

    def _connection(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url, autocommit=True, prepare_threshold=0)

    @property
    def _cursor(self) -> psycopg.Cursor[Any]:
        found: psycopg.Cursor[Any] | None = getattr(self.local, "cursor", None)
        if found is None:
            found = self.local.cursor = psycopg.RawCursor(self.spare.pop())
            found.format = psycopg.pq.Format.BINARY
        return found

    def leave(self) -> None:
        self.spare.append(self._cursor.connection)

    def read(self, user: UUID) -> Any:
        return [Log(*each) for each in self._cursor.execute(_READ.encode(), (user,))]

    def point(self, key: UUID) -> Any:
        row = self._cursor.execute(_POINT.encode(), (key,)).fetchone()
        return None if row is None else Log(*row)

    def insert(self, rows: list[Row]) -> Any:
        with self._cursor.copy(f"COPY new_logs ({_LISTED}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.set_types(["uuid", "uuid", "text", "text", "jsonb", "int4", "timestamp"])
            for each in rows:
                key, user, session, event, payload, duration, created = each.values()
                copy.write_row((key, user, session, event, _Json(payload), duration, created))

    def join(self, event: str) -> Any:
        return [Joined(*each) for each in self._cursor.execute(JOIN.encode(), (event,))]

    def joined(self, row: Any) -> str:
        return told(msgspec.structs.astuple(row))


def _Json(value: object) -> psycopg.types.json.Jsonb:  # noqa: N802  # stands for the driver's class
    return psycopg.types.json.Jsonb(value, dumps=_ENCODE)
