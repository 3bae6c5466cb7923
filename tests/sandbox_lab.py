"""Databases to copy, and what the tests of sandboxes ask of a copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.named_sql import named_sql
from pgarchitect.sandbox.creation import Request, create
from pgarchitect.sandbox.made import Made
from pgarchitect.sandbox.sandbox import Sandbox, find
from pgarchitect.settings import Settings
from tests.scratch_server import ScratchServer

GIGABYTE: Final = 1024**3

EVERYTHING: Final = (Path(__file__).parent / "sandbox_everything.sql").read_text(encoding="utf-8")
"""Of every feature a little; it needs the role ``clerk``."""


def run(url: str, *statements: str) -> None:
    """Run statements, each text in one go."""
    with connect(url, read_only=False, statement_timeout_ms=120_000) as connection:
        for text in statements:
            connection.execute(text.encode())


def rows(url: str, query: str, *before: str) -> list[tuple[Any, ...]]:
    """The answer to a query, after other statements in the same session."""
    with connect(url, read_only=False, statement_timeout_ms=120_000) as connection:
        for text in before:
            connection.execute(text.encode())
        return connection.execute(query.encode()).fetchall()


def one(url: str, query: str) -> Any:  # noqa: ANN401  # whatever was asked for
    """The one value of an answer."""
    return rows(url, query)[0][0]


def made(dsn: str, settings: Settings, name: str, *joins: str, size: int = GIGABYTE) -> Made:
    """A new sandbox."""
    return create(Request(dsn, size, name, joins), settings, lambda _: None)


@contextmanager
def sandbox(dsn: str, settings: Settings, name: str, *joins: str, size: int = GIGABYTE) -> Iterator[tuple[Made, str]]:
    """A new sandbox with its DSN while its server runs; gone on exit."""
    found = made(dsn, settings, name, *joins, size=size)
    with using(name, settings) as url:
        yield found, url
    drop(name, settings)


@contextmanager
def using(name: str, settings: Settings) -> Iterator[str]:
    """The DSN of a sandbox, whose server runs meanwhile."""
    with find(name, settings).used(settings) as url:
        yield url


def drop(name: str, settings: Settings) -> Sandbox:
    """Remove a sandbox; what it was."""
    found = find(name, settings)
    found.drop(settings, force=True)
    return found


def checksums(url: str) -> dict[str, tuple[Any, ...]]:
    """Of every table and filled materialised view: how many rows, and a checksum of them in any order."""
    listed = rows(
        url,
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'm') AND c.relispopulated AND n.nspname !~ '^pg_|^information_schema$'",
    )
    query = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM ONLY {} AS t"
    return {
        name: rows(url, query.format(name).replace("ONLY ", "", name in _partitioned(url)))[0] for (name,) in listed
    }


def _partitioned(url: str) -> set[str]:
    return {name for (name,) in rows(url, "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'p'")}


def shape(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is not rows: columns, indexes, constraints, statistics, triggers, rules, policies, sequences."""
    queries = {name: query for (name, _), query in named_sql("tests", "sandbox_shape.sql").items()}
    return {name: rows(url, query, "SET search_path = pg_catalog") for name, query in queries.items()}


def reader(server: ScratchServer, *rights: str) -> None:
    """A role ``reader`` that may read everything and do nothing else."""
    run(server.url(), "CREATE ROLE reader LOGIN", "GRANT pg_read_all_data TO reader", *rights)
