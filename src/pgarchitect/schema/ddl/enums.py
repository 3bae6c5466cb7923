"""Enum types in SQL."""

from pgarchitect.schema.database_schema import EnumType
from pgarchitect.schema.ddl.quoting import literal, qualified


def create_enum(enum: EnumType, home: str = "public") -> str:
    """CREATE TYPE … AS ENUM."""
    return f"CREATE TYPE {qualified(enum.schema, enum.name, home)} AS ENUM ({', '.join(map(literal, enum.labels))});"


def drop_enum(enum: EnumType, home: str = "public") -> str:
    """DROP TYPE."""
    return f"DROP TYPE {qualified(enum.schema, enum.name, home)};"
