"""Piccolo over asyncpg."""

from typing import Any
from uuid import UUID

from piccolo import columns
from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table

from benchmarks.access.cases import CLIENTS
from benchmarks.access.peers.contender import Contender, Row, told

_BATCH = 4_000
"""Rows of one statement: 65,535 parameters are the protocol's limit."""


def _tables(engine: Any) -> tuple[Any, Any]:
    class User(Table, tablename="users", db=engine):  # type: ignore[call-arg]
        id = columns.UUID(primary_key=True)
        email = columns.Text()
        role = columns.Text()

    class EventType(Table, tablename="event_types", db=engine):  # type: ignore[call-arg]
        code = columns.Text(primary_key=True)
        category = columns.Text()
        weight = columns.Integer()

    class Log(Table, tablename="behavior_logs", db=engine):  # type: ignore[call-arg]
        id = columns.UUID(primary_key=True)
        user_id = columns.ForeignKey(User)
        session_id = columns.Text()
        event_type = columns.ForeignKey(EventType)
        payload = columns.JSONB()
        duration = columns.Integer()
        created_at = columns.Timestamp()

    class NewLog(Table, tablename="new_logs", db=engine):  # type: ignore[call-arg]
        id = columns.UUID(primary_key=True)
        user_id = columns.UUID()
        session_id = columns.Text()
        event_type = columns.Text()
        payload = columns.JSONB()
        duration = columns.Integer()
        created_at = columns.Timestamp()

    return Log, NewLog


class Piccolo(Contender):
    """The ORM in asyncio."""

    async def open(self) -> None:
        server = self.server
        self.engine = PostgresEngine(
            config={"host": server.host, "port": server.port, "user": server.user, "database": server.database}
        )
        self.logs, self.new_logs = _tables(self.engine)
        await self.engine.start_connection_pool(max_size=CLIENTS)

    async def read(self, user: UUID) -> Any:
        logs = self.logs
        found = logs.objects().where(logs.user_id == user).order_by(logs.created_at, ascending=False).limit(1_000)
        return await found.output(load_json=True)

    async def point(self, key: UUID) -> Any:
        return await self.logs.objects().get(self.logs.id == key).output(load_json=True)

    async def insert(self, rows: list[Row]) -> Any:
        async with self.engine.transaction():
            for start in range(0, len(rows), _BATCH):
                await self.new_logs.insert(*[self.new_logs(**each) for each in rows[start : start + _BATCH]])

    async def join(self, event: str) -> Any:
        logs = self.logs
        return await (
            logs.select(
                logs.id, logs.duration, logs.created_at, logs.user_id.email, logs.user_id.role, logs.event_type.code,
                logs.event_type.category, logs.event_type.weight,
            )
            .where(logs.event_type == event)
            .order_by(logs.created_at, ascending=False)
            .limit(200)
        )  # fmt: skip

    def joined(self, row: Any) -> str:
        return told(list(row.values()))
