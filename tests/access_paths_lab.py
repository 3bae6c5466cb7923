"""What the fast path is compared with: generated tables of SQLAlchemy, and SQLAlchemy's own engine."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import sqlalchemy as sa

from pgarchitect.schema.mirrors.python_tables import tables_module
from pgarchitect.schema.mirrors.source import mirror_source
from pgarchitect.schema.psl.reading import parse_schema


def tables(text: str, folder: Path, name: str) -> ModuleType:
    """The tables of SQLAlchemy that are generated of a schema, imported."""
    file = folder / f"{name}.py"
    schema = parse_schema({"schema.prisma": text})
    file.write_text(tables_module(mirror_source(schema)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def engine(database: str) -> Iterator[sa.Engine]:
    """SQLAlchemy's own way to a database, over psycopg."""
    made = sa.create_engine(
        "postgresql+psycopg://",
        native_inet_types=False,
        json_deserializer=msgspec.json.decode,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
    )
    sa.event.listen(made, "do_connect", lambda _dialect, _record, given, _named: given.__setitem__(0, database))
    try:
        yield made
    finally:
        made.dispose()


def by_engine(database: str, statement: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement by SQLAlchemy's own engine."""
    with engine(database) as made, made.connect() as connection:
        return [tuple(each) for each in connection.execute(statement)]
