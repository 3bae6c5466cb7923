"""The tables as SQLAlchemy's mapped classes, and the statements of both of its styles."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ENGINE: dict[str, Any] = {
    "pool_size": 20,
    "max_overflow": 0,
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}


class Base(DeclarativeBase):
    """The root of the mapped classes."""


class LogColumns:
    """Columns that both tables of logs have."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[str] = mapped_column(Text)
    event_type: Mapped[str] = mapped_column(Text)
    payload: Mapped[Any] = mapped_column(JSONB)
    duration: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(precision=3))


class Log(LogColumns, Base):
    """behavior_logs."""

    __tablename__ = "behavior_logs"


class NewLog(LogColumns, Base):
    """new_logs."""

    __tablename__ = "new_logs"


class User(Base):
    """users."""

    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)


class EventType(Base):
    """event_types."""

    __tablename__ = "event_types"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(Text)
    weight: Mapped[int]


def logs(of: Any, user: UUID) -> Select[Any]:
    """The newest thousand of a user."""
    return select(of).where(Log.user_id == user).order_by(Log.created_at.desc()).limit(1_000)


def joined(event: str) -> Select[UUID, int, datetime, str, str, str, str, int]:
    """The three-table join."""
    columns = (
        Log.id, Log.duration, Log.created_at, User.email, User.role, EventType.code, EventType.category,
        EventType.weight,
    )  # fmt: skip
    return (
        select(*columns)
        .join(User, User.id == Log.user_id)
        .join(EventType, EventType.code == Log.event_type)
        .where(Log.event_type == event)
        .order_by(Log.created_at.desc())
        .limit(200)
    )
