"""The generated client, through what it offers to everyone."""

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from benchmarks.access.cases import CLIENTS
from benchmarks.access.peers.contender import Contender, Row, told
from benchmarks.access.peers.joined import JOIN, Joined
from pgarchitect.access.options import PoolOptions
from pgarchitect.schema.client.module import client_module
from pgarchitect.schema.psl.reading import parse_schema

HERE: Final = Path(__file__).parent.parent
_OPTIONS: Final = PoolOptions(max_size=CLIENTS)


def generated() -> ModuleType:
    """The client of the benchmark's schema, imported."""
    text = client_module(parse_schema({"schema.prisma": (HERE / "schema.prisma").read_text(encoding="utf-8")}))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "benchmark_client.py"
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("benchmark_client", file)
        assert spec is not None  # noqa: S101  # the file is there
        assert spec.loader is not None  # noqa: S101  # likewise
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    return module


class Asyncio(Contender):
    """For asyncio, over asyncpg."""

    options: ClassVar[dict[str, Any]] = {}
    """What else the database is given."""

    async def open(self) -> None:
        self.db = generated().AsyncDatabase(self.server.url, _OPTIONS, **self.options)
        await self.db.__aenter__()

    async def read(self, user: UUID) -> Any:
        return await self.db.behavior_log.find_many(
            where={"user_id": user}, order_by={"created_at": "desc"}, take=1_000
        )

    async def point(self, key: UUID) -> Any:
        return await self.db.behavior_log.get({"id": key})

    async def insert(self, rows: list[Row]) -> Any:
        return await self.db.new_log.insert_many(rows)

    async def join(self, event: str) -> Any:
        return await self.db.query_as(Joined, JOIN, event)

    def joined(self, row: Any) -> str:
        return told(msgspec.structs.astuple(row))


class Coalescing(Asyncio):
    """For asyncio, point reads of the same moment as one statement."""

    options: ClassVar[dict[str, Any]] = {"coalesce": True}


class AsyncioUnvalidated(Asyncio):
    """For asyncio, without looking at values before they are sent: what that costs."""

    options: ClassVar[dict[str, Any]] = {"validate": False}


class Threads(Contender):
    """For threads, over psycopg."""

    options: ClassVar[dict[str, Any]] = {}
    """What else the database is given."""

    def open(self) -> None:
        self.db = generated().Database(self.server.url, _OPTIONS, **self.options)
        self.db.__enter__()

    def read(self, user: UUID) -> Any:
        return self.db.behavior_log.find_many(where={"user_id": user}, order_by={"created_at": "desc"}, take=1_000)

    def point(self, key: UUID) -> Any:
        return self.db.behavior_log.get({"id": key})

    def insert(self, rows: list[Row]) -> Any:
        return self.db.new_log.insert_many(rows)

    def join(self, event: str) -> Any:
        return self.db.query_as(Joined, JOIN, event)

    def joined(self, row: Any) -> str:
        return told(msgspec.structs.astuple(row))


class ThreadsUnvalidated(Threads):
    """For threads, without looking at values before they are sent."""

    options: ClassVar[dict[str, Any]] = {"validate": False}
