"""Tortoise ORM over asyncpg."""

from typing import Any
from uuid import UUID

import msgspec
from tortoise import Model, Tortoise, fields

from benchmarks.access.cases import CLIENTS
from benchmarks.access.peers.contender import Contender, Row, told

_BATCH = 4_000
"""Rows of one statement: 65,535 parameters are the protocol's limit."""


def _json() -> Any:
    return fields.JSONField(decoder=msgspec.json.decode, encoder=lambda value: msgspec.json.encode(value).decode())


class User(Model):
    id = fields.UUIDField(primary_key=True)
    email = fields.TextField()
    role = fields.TextField()

    class Meta:
        table = "users"


class EventType(Model):
    code = fields.CharField(max_length=100, primary_key=True)
    category = fields.TextField()
    weight = fields.IntField()

    class Meta:
        table = "event_types"


class Log(Model):
    id = fields.UUIDField(primary_key=True)
    user: Any = fields.ForeignKeyField("benchmark.User", source_field="user_id", related_name="logs")
    session_id = fields.TextField()
    event: Any = fields.ForeignKeyField("benchmark.EventType", source_field="event_type", related_name="logs")
    payload = _json()
    duration = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "behavior_logs"


class NewLog(Model):
    id = fields.UUIDField(primary_key=True)
    user_id = fields.UUIDField()
    session_id = fields.TextField()
    event_type = fields.TextField()
    payload = _json()
    duration = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "new_logs"


class TortoiseOrm(Contender):
    """The ORM in asyncio."""

    async def open(self) -> None:
        server = self.server
        credentials = {
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "password": None,
            "database": server.database,
            "minsize": 1,
            "maxsize": CLIENTS,
        }
        await Tortoise.init(
            config={
                "connections": {
                    "default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials},
                },
                "apps": {"benchmark": {"models": [__name__], "default_connection": "default"}},
                "use_tz": False,
                "timezone": "UTC",
            }
        )

    async def read(self, user: UUID) -> Any:
        return await Log.filter(user_id=user).order_by("-created_at").limit(1_000)

    async def point(self, key: UUID) -> Any:
        return await Log.get(id=key)

    async def insert(self, rows: list[Row]) -> Any:
        await NewLog.bulk_create([NewLog(**each) for each in rows], batch_size=_BATCH)

    async def join(self, event: str) -> Any:
        return (
            await Log.filter(event_id=event)
            .order_by("-created_at")
            .limit(200)
            .values_list(
                "id", "duration", "created_at", "user__email", "user__role", "event__code", "event__category",
                "event__weight",
            )
        )  # fmt: skip

    def log(self, row: Any) -> str:
        row.event_type = row.event_id
        return super().log(row)

    def joined(self, row: Any) -> str:
        return told(row)
