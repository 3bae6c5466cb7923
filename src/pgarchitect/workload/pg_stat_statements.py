"""The source pg_stat_statements: from the server's counters to the slow statements of one database."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg import sql
from sqlglot import exp

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.marker import MARKER
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.workload.fingerprint import fingerprint
from pgarchitect.workload.snapshot import Figures, Snapshot, difference
from pgarchitect.workload.syntax import UnreadableStatement, parse, tables
from pgarchitect.workload.workload import LeftOut, Statement, Workload

OURS: Final = "sent by pgarchitect itself"
UTILITY: Final = "not a query (DDL, transaction control, settings)"
INTERNAL: Final = "reads only the system catalogs"
HIDDEN: Final = "text hidden from this role (grant pg_monitor to see it)"
FEW_CALLS: Final = "fewer calls than --min-calls"
FAST: Final = "faster on average than --min-mean-ms"
BEYOND_TOP: Final = "beyond --top"
QUIET: Final = "not called since the last audit"

_QUERY = re.compile(
    r"(?:\s|\(|/\*.*?\*/|--[^\n]*\n)*(select|insert|update|delete|merge|with|values|table)\b", re.IGNORECASE | re.DOTALL
)
_SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})


@dataclass(frozen=True, slots=True)
class Filters:
    """Which statements count as slow.

    Attributes:
        min_mean_ms: mean execution time, milliseconds.
        min_calls: number of calls.
        top: at most so many, by total time.
    """

    min_mean_ms: float = 0.5
    min_calls: int = 10
    top: int = 50


@dataclass(frozen=True, slots=True)
class Counters:
    """What pg_stat_statements held at one moment.

    Attributes:
        texts: ``queryid`` → statement.
        figures: ``queryid`` → calls, total time, rows.
        since: when the server began to count.
        first_counted: ``queryid`` → when it was first counted, from PostgreSQL 17 on.
        hidden: statements whose text this role may not see.
    """

    texts: Mapping[int, str]
    figures: Mapping[int, Figures]
    since: datetime | None
    first_counted: Mapping[int, datetime]
    hidden: int = 0

    def after(self, earlier: Snapshot, now: Snapshot) -> dict[int, Figures]:
        """What was executed since ``earlier``, also where single statements were reset in between."""
        anew = {
            queryid: self.figures[queryid] for queryid, since in self.first_counted.items() if since > earlier.taken_at
        }
        return {**difference(earlier, now), **anew}


def read_counters(connection: Connection, schema: str) -> Counters:
    """Read the counters of the current database; ``schema`` is where the extension lives."""

    def query(name: str) -> sql.Composed:
        text = named("pgarchitect.workload", "pg_stat_statements.sql", name, connection.info.server_version)
        return sql.SQL(text).format(schema=sql.Identifier(schema))

    texts: dict[int, str] = {}
    figures: dict[int, Figures] = {}
    first_counted: dict[int, datetime] = {}
    for queryid, text, calls, total_ms, rows, since in connection.execute(query("statements")):
        earlier = figures.get(queryid, Figures(calls=0, total_ms=0.0, rows=0))
        texts.setdefault(queryid, text)
        if since is not None:
            first_counted[queryid] = min(since, first_counted.get(queryid, since))
        figures[queryid] = Figures(
            calls=earlier.calls + calls, total_ms=earlier.total_ms + total_ms, rows=earlier.rows + rows
        )
    reset = connection.execute(query("counting_since")).fetchone()
    hidden = connection.execute(query("hidden")).fetchone()
    return Counters(texts, figures, reset[0] if reset else None, first_counted, hidden[0] if hidden else 0)


def slow_statements(
    texts: Mapping[int, str], figures: Mapping[int, Figures], filters: Filters, hidden: int = 0
) -> Workload:
    """Fold the counters by fingerprint, leave out what is not the application's, keep the slow ones."""
    left_out: Counter[str] = Counter({HIDDEN: hidden} if hidden else {})
    folded: dict[str, Statement] = {}
    seen = 0
    for queryid, text in texts.items():
        reason = _not_the_applications(text)
        if reason is None and figures.get(queryid, Figures(calls=0, total_ms=0.0, rows=0)).calls == 0:
            reason = QUIET
        if reason:
            left_out[reason] += 1
            continue
        seen += 1
        _fold(folded, text, queryid, figures[queryid])
    total_ms = sum(statement.total_ms for statement in folded.values())
    kept = list(_slow(folded.values(), filters, left_out))
    shared = tuple(replace(each, share=each.total_ms / total_ms if total_ms else 0.0) for each in kept)
    reasons = tuple(LeftOut(reason, count) for reason, count in left_out.most_common())
    return Workload(shared, seen, total_ms, None, reasons)


def _fold(folded: dict[str, Statement], text: str, queryid: int, figures: Figures) -> None:
    identity = fingerprint(text)
    same = folded.get(identity, Statement.uncounted(text, identity=identity))
    folded[identity] = replace(
        same,
        query_ids=(*same.query_ids, queryid),
        calls=same.calls + figures.calls,
        total_ms=same.total_ms + figures.total_ms,
        rows=same.rows + figures.rows,
    )


def _slow(statements: Iterable[Statement], filters: Filters, left_out: Counter[str]) -> Iterable[Statement]:
    kept = 0
    for each in sorted(statements, key=lambda one: (-one.total_ms, one.fingerprint)):
        if each.calls < filters.min_calls:
            left_out[FEW_CALLS] += 1
        elif each.mean_ms < filters.min_mean_ms:
            left_out[FAST] += 1
        elif kept >= filters.top:
            left_out[BEYOND_TOP] += 1
        else:
            kept += 1
            yield each


def _not_the_applications(text: str) -> str | None:
    if MARKER in text:
        return OURS
    if not _QUERY.match(text):
        return UTILITY
    return INTERNAL if _internal(text) else None


def _internal(text: str) -> bool:
    try:
        named_tables = list(tables(parse(text)))
    except UnreadableStatement:
        return bool(re.search(r"\b(pg_catalog|information_schema)\.", text, re.IGNORECASE))
    return bool(named_tables) and all(map(_of_the_system, named_tables))


def _of_the_system(table: exp.Table) -> bool:
    return table.db.lower() in _SYSTEM_SCHEMAS or (not table.db and table.name.lower().startswith("pg_"))
