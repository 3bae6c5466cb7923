"""The databases of the conformance suite: how each is made, what is asked of it, which indexes are tried on it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from examples.edfinance import generate
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.settings import Settings

_FOLDER: Final = Path(__file__).parent / "samples"
_BLOCK: Final = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)
_INDEX_NAME: Final = re.compile(r'INDEX (?:"([^"]+)"|(\w+)) ON')
_WORKLOAD: Final = Path(generate.__file__).with_name("workload.sql")
_PATIENT: Final = Settings(statement_timeout_ms=600_000)

Ready = Callable[[Connection], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One source.

    Attributes:
        name: of its database, and in the report.
        statements: text by name.
        indexes: DDL by the index's name.
        fill: makes the rows in the empty database at a URL.
        later: what is done after VACUUM and ANALYZE.
    """

    name: str
    statements: Mapping[str, str]
    indexes: Mapping[str, str]
    fill: Callable[[str], None]
    later: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def load(self, url: str) -> None:
        """Fill the empty database at ``url``; its statistics stay as they are from then on."""
        self.fill(url)
        with connect(url, _PATIENT, read_only=False) as connection:
            connection.execute(_QUIET.encode())
            _settle(connection)
            if self.later:
                connection.execute(self.later.encode())
                connection.execute(_QUIET.encode())
            connection.execute("CHECKPOINT")

    def asked(self, connection: Connection) -> dict[str, str]:
        """Its statements with literals in place of parameters, which are looked up in the rows."""
        values = {
            name: row[0] if (row := connection.execute(query.encode()).fetchone()) else None
            for name, query in self.parameters.items()
        }
        if not values:
            return dict(self.statements)
        binder = psycopg.ClientCursor(connection)
        return {name: binder.mogrify(text.encode(), values) for name, text in self.statements.items()}


# The daemon would analyse tables in the middle of a comparison.
_QUIET: Final = """
DO $$ DECLARE t regclass; BEGIN
  FOR t IN SELECT oid::regclass FROM pg_class c WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text
    NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER %s %s SET (autovacuum_enabled = off)',
      CASE (SELECT relkind FROM pg_class WHERE oid = t) WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, t);
  END LOOP;
END $$"""
_NEVER_ANALYSED: Final = frozenset({"never", "fresh"})


def _settle(connection: Connection) -> None:
    """VACUUM and ANALYZE every table but those that shall never have been analysed."""
    tables = connection.execute(
        "SELECT format('%I.%I', n.nspname, c.relname), c.relname FROM pg_class c JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition"
        " AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY c.oid"
    ).fetchall()
    for table, name in tables:
        if name not in _NEVER_ANALYSED:
            connection.execute(f"VACUUM ANALYZE {table}".encode())


def _text(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")


def _blocks(text: str) -> dict[str, str]:
    return {name: body.strip().rstrip(";") for name, body in _BLOCK.findall(text)}


def _indexes(file: str) -> dict[str, str]:
    lines = [line.strip().rstrip(";") for line in _text(file).splitlines() if line.strip()]
    return {next(filter(None, found.groups())): line for line in lines if (found := _INDEX_NAME.search(line))}


def _script(*files: str) -> Callable[[str], None]:
    def fill(url: str) -> None:
        with connect(url, _PATIENT, read_only=False) as connection:
            for file in files:
                connection.execute(_text(file).encode())

    return fill


def tpch() -> Sample:
    """The eight tables of TPC-H, about 68,000 order lines; its 22 questions and as many short ones."""
    return Sample("tpch", _blocks(_text("tpch_statements.sql")), _indexes("tpch_indexes.sql"), _script("tpch.sql"))


def features(*, vectors: bool) -> Sample:
    """Every kind of table, type, statistics and index; with pgvector where it is there."""
    files = ("features.sql", *(("vectors.sql",) if vectors else ()))
    statements, indexes = _blocks(_text("features_statements.sql")), _indexes("features_indexes.sql")
    if vectors:
        statements |= _blocks(_text("vectors_statements.sql"))
        indexes |= _indexes("vectors_indexes.sql")
    return Sample("features", statements, indexes, _script(*files), later=_text("features_later.sql"))


def edfinance(scale: float) -> Sample:
    """The sample application with the statements that it sends."""
    blocks = _blocks(_WORKLOAD.read_text(encoding="utf-8"))
    return Sample(
        "edfinance",
        blocks,
        _indexes("edfinance_indexes.sql"),
        lambda url: generate.load(url, scale),
        parameters=_EDFINANCE,
    )


_EDFINANCE: Final = {
    **{f"post_{number}": f"SELECT {number * 7}" for number in range(1, 11)},
    "user_id": "SELECT 42",
    "lesson_id": "SELECT 7",
    "course_id": "SELECT 3",
    "post_id": "SELECT 55",
    "group_id": "SELECT 5",
    "wallet_id": "SELECT 42",
    "skip": "SELECT 5000",
    "ids": "SELECT array[1, 2, 3]",
    "amount": "SELECT 5.5",
    "score": "SELECT 50",
    "locale": "SELECT 'vi'",
    "lesson": "SELECT payload ->> 'lessonId' FROM behavior_logs WHERE payload ? 'lessonId' LIMIT 1",
    "campaign": 'SELECT \'{"campaign": "none"}\'',
    "payload": "SELECT '{}'",
    "pattern": "SELECT '%invest%'",
    "duration_ms": "SELECT 12",
    "seconds": "SELECT 12",
    "notification_id": "SELECT 77",
    "body": "SELECT 'text'",
    "title": "SELECT '{}'",
    "tags": "SELECT array['saving']",
    "expires_at": "SELECT max(created_at) FROM behavior_logs",
    "email": "SELECT email FROM users WHERE id = 42",
    "slug": "SELECT slug FROM courses WHERE id = 3",
    "session_id": "SELECT id FROM behavior_sessions ORDER BY id LIMIT 1",
    "reference": "SELECT reference FROM wallet_transactions WHERE id = 77",
    "now": "SELECT max(created_at) FROM behavior_logs",
    "since": "SELECT max(created_at) - interval '2 days' FROM behavior_logs",
    "day": "SELECT max(created_at)::date - 3 FROM wallet_transactions",
}
