"""SQLAlchemy's PostgreSQL for the data layer's connections: ``$1``, ``$2``, …, every parameter with its type."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.types import TypeEngine, UserDefinedType

from pgarchitect.access.analytics_types import COLSPECS, travels_as_text, user_defined


class _Compiler(PGCompiler_asyncpg):
    def render_bind_cast(self, type_: TypeEngine[Any], dbapi_type: TypeEngine[Any], sqltext: str) -> str:
        """``$1::text::jsonb`` of what travels as text."""
        if travels_as_text(dbapi_type):
            sqltext += "::text[]" if isinstance(dbapi_type, sa.ARRAY) else "::text"
        return str(super().render_bind_cast(type_, dbapi_type, sqltext))  # type: ignore[no-untyped-call]


class FastDialect(PGDialect_asyncpg):
    """What makes PostgreSQL text of statements; it has no driver, and runs nothing."""

    supports_statement_cache = True
    statement_compiler = _Compiler
    colspecs = COLSPECS

    def type_descriptor(self, typeobj: Any) -> Any:  # noqa: ANN401  # as SQLAlchemy has it
        """The type that stands for one of a statement's."""
        if isinstance(typeobj, UserDefinedType):
            return user_defined(typeobj)
        return super().type_descriptor(typeobj)  # type: ignore[no-untyped-call]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


DIALECT: Final = FastDialect(json_serializer=_json)  # type: ignore[no-untyped-call]
"""The one of its type: types remember what they are in it."""
