"""Peewee in threads, with its pool."""

from typing import Any
from uuid import UUID

import msgspec
import peewee
from playhouse.pool import PooledPostgresqlDatabase
from playhouse.postgres_ext import BinaryJSONField

from benchmarks.access.cases import CLIENTS
from benchmarks.access.peers.contender import Contender, Row, Server

_BATCH = 4_000
"""Rows of one statement: 65,535 parameters are the protocol's limit."""


class _Json(BinaryJSONField):
    def __init__(self) -> None:
        super().__init__(index=False, dumps=lambda value: msgspec.json.encode(value).decode())


def _models(server: Server) -> tuple[Any, Any, Any, Any, Any]:
    pool = PooledPostgresqlDatabase(
        server.database,
        user=server.user,
        host=server.host,
        port=server.port,
        max_connections=CLIENTS + 1,
        prefer_psycopg3=True,
    )

    class Base(peewee.Model):
        class Meta:
            database = pool

    class User(Base):
        id = peewee.UUIDField(primary_key=True)
        email = peewee.TextField()
        role = peewee.TextField()

        class Meta:
            table_name = "users"

    class EventType(Base):
        code = peewee.TextField(primary_key=True)
        category = peewee.TextField()
        weight = peewee.IntegerField()

        class Meta:
            table_name = "event_types"

    class LogColumns(Base):
        id = peewee.UUIDField(primary_key=True)
        user_id = peewee.UUIDField()
        session_id = peewee.TextField()
        event_type = peewee.TextField()
        payload = _Json()
        duration = peewee.IntegerField()
        created_at = peewee.DateTimeField()

    class Log(LogColumns):
        class Meta:
            table_name = "behavior_logs"

    class NewLog(LogColumns):
        class Meta:
            table_name = "new_logs"

    return pool, User, EventType, Log, NewLog


class Peewee(Contender):
    """The ORM in threads."""

    def open(self) -> None:
        self.database, self.users, self.events, self.logs, self.new_logs = _models(self.server)

    def leave(self) -> None:
        self.database.close()

    def read(self, user: UUID) -> Any:
        logs = self.logs
        return list(logs.select().where(logs.user_id == user).order_by(logs.created_at.desc()).limit(1_000))

    def point(self, key: UUID) -> Any:
        return self.logs.get_by_id(key)

    def insert(self, rows: list[Row]) -> Any:
        with self.database.atomic():
            for start in range(0, len(rows), _BATCH):
                self.new_logs.insert_many(rows[start : start + _BATCH]).execute()

    def join(self, event: str) -> Any:
        logs, users, events = self.logs, self.users, self.events
        return list(
            logs.select(
                logs.id, logs.duration, logs.created_at, users.email, users.role, events.code, events.category,
                events.weight,
            )
            .join(users, on=(users.id == logs.user_id))
            .switch(logs)
            .join(events, on=(events.code == logs.event_type))
            .where(logs.event_type == event)
            .order_by(logs.created_at.desc())
            .limit(200)
            .tuples()
        )  # fmt: skip
