"""SQLAlchemy 2: ORM and Core, over psycopg in threads and over asyncpg in asyncio."""

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from benchmarks.access.peers.contender import Contender, Row, Server
from benchmarks.access.peers.sqlalchemy_tables import ENGINE, Log, NewLog, joined, logs


def _url(server: Server, driver: str) -> str:
    return f"postgresql+{driver}://{server.user}@/{server.database}?host={server.host}&port={server.port}"


class _Threads(Contender):
    def open(self) -> None:
        self.engine: Engine = create_engine(_url(self.server, "psycopg"), **ENGINE)


class OrmThreads(_Threads):
    """ORM, psycopg."""

    def read(self, user: UUID) -> Any:
        with Session(self.engine) as session:
            return session.scalars(logs(Log, user)).all()

    def point(self, key: UUID) -> Any:
        with Session(self.engine) as session:
            return session.get(Log, key)

    def insert(self, rows: list[Row]) -> Any:
        with Session(self.engine) as session:
            session.add_all([NewLog(**each) for each in rows])
            session.commit()

    def join(self, event: str) -> Any:
        with Session(self.engine) as session:
            return session.execute(joined(event)).all()


class CoreThreads(_Threads):
    """Core, psycopg."""

    def read(self, user: UUID) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(logs(Log.__table__, user)).all()

    def point(self, key: UUID) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(Log.__table__).where(Log.id == key)).one()

    def insert(self, rows: list[Row]) -> Any:
        with self.engine.begin() as connection:
            connection.execute(insert(NewLog), rows)

    def join(self, event: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(joined(event)).all()


class _Asyncio(Contender):
    def open(self) -> None:
        self.engine: AsyncEngine = create_async_engine(_url(self.server, "asyncpg"), **ENGINE)


class OrmAsyncio(_Asyncio):
    """ORM, asyncpg."""

    async def read(self, user: UUID) -> Any:
        async with AsyncSession(self.engine) as session:
            return (await session.scalars(logs(Log, user))).all()

    async def point(self, key: UUID) -> Any:
        async with AsyncSession(self.engine) as session:
            return await session.get(Log, key)

    async def insert(self, rows: list[Row]) -> Any:
        async with AsyncSession(self.engine) as session:
            session.add_all([NewLog(**each) for each in rows])
            await session.commit()

    async def join(self, event: str) -> Any:
        async with AsyncSession(self.engine) as session:
            return (await session.execute(joined(event))).all()


class CoreAsyncio(_Asyncio):
    """Core, asyncpg."""

    async def read(self, user: UUID) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(logs(Log.__table__, user))).all()

    async def point(self, key: UUID) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(Log.__table__).where(Log.id == key))).one()

    async def insert(self, rows: list[Row]) -> Any:
        async with self.engine.begin() as connection:
            await connection.execute(insert(NewLog), rows)

    async def join(self, event: str) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(joined(event))).all()
