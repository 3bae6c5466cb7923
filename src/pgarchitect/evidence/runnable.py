"""Which statements may be run for a proof: those whose every effect a rollback undoes.

The rule: every function that a statement reaches must be harmless. Reached are the functions that its text or its
plan names (the plan shows those of views, defaults and row policies as well), those of the triggers of the tables
that it writes, and those that the bodies of such functions name in turn. A function is harmless when it is not
VOLATILE (PostgreSQL documentation, "Function Volatility Categories"), when it is on the short list below, or when
it is written in SQL or PL/pgSQL without EXECUTE and reaches only harmless ones. All functions of a name are looked
at, and names in string constants count too: rather a statement too many is left alone than one too few.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pgarchitect.evidence.explain import CannotRun, explained
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named


class MayNotRun(CannotRun):
    """A statement could do what no rollback undoes; the message says by what."""

    @property
    def sentence(self) -> str:
        """Why there is no proof, for a finding."""
        return f"It was not run: {self}."


HARMLESS: Final = frozenset({
    # Chance, clocks, identifiers; numbers that a sequence gave away stay given away, as with any rollback.
    "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7",
    "nextval", "currval", "lastval",
    # Delivered at commit, and there is none.
    "pg_notify",
    # Sizes and states, only read.
    "pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size", "pg_database_size",
    "pg_tablespace_size", "pg_is_in_recovery", "pg_current_wal_lsn", "pg_sequence_last_value",
    # Triggers that only change or skip the row at hand.
    "tsvector_update_trigger", "tsvector_update_trigger_column", "suppress_redundant_updates_trigger", "moddatetime",
    # Of pgcrypto and uuid-ossp.
    "gen_salt", "gen_random_bytes", "pgp_sym_encrypt", "pgp_sym_encrypt_bytea", "pgp_pub_encrypt",
    "pgp_pub_encrypt_bytea", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4",
})  # fmt: skip
_COMPILED: Final = frozenset({"c", "internal"})
_READABLE: Final = frozenset({"sql", "plpgsql"})

_CALL = re.compile(r'(?:"((?:[^"]|"")+)"|([^\W\d][\w$]*))\s*\(')
_WORD = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')
_DYNAMIC = re.compile(r"\bexecute\b", re.IGNORECASE)


def require_harmless_text(connection: Connection, text: str) -> None:
    """Make sure that a statement names no function that must not be called.

    This comes before anything is planned: the planner itself calls functions that are declared IMMUTABLE or STABLE,
    truly or not.

    Raises:
        MayNotRun: it does.
    """
    _require_harmless_functions(connection, _names(_CALL, text))


def require_harmless_plan(connection: Connection, statement: str) -> None:
    """Make sure that the plan of ``statement`` reaches nothing whose effects a rollback may not undo.

    Raises:
        MayNotRun: it does, by a view, a default, a policy, a trigger or a table of another server.
        CannotRun: the server cannot plan it.
    """
    plans = explained(connection, "VERBOSE, FORMAT JSON", statement)
    written = sorted({name for plan in plans for name in _written(plan["Plan"])})
    for row in _rows(connection, "foreign_tables", tables=written):
        raise MayNotRun(f"it writes to {row[0]}, a table of another server")
    fired = {row[0] for row in _rows(connection, "triggers", tables=written)}
    _require_harmless_functions(connection, _names(_CALL, " ".join(_texts(plans))) | fired)


def _require_harmless_functions(connection: Connection, names: set[str]) -> None:
    known: set[str] = set()
    while names:
        known |= names
        bodies: list[str] = []
        for _, schema, name, volatile, language, trusted, body in _rows(connection, "functions", names=sorted(names)):
            harm = _harm(name, volatile=volatile, language=language, trusted=trusted, body=body)
            if harm:
                raise MayNotRun(f"it calls {name if schema == 'pg_catalog' else f'{schema}.{name}'}(), {harm}")
            if language in _READABLE:
                bodies.append(body)
        text = " ".join(bodies)
        fired = {row[0] for row in _rows(connection, "triggers", tables=sorted(_names(_WORD, text)))} if text else set()
        names = (_names(_CALL, text) | fired) - known


def _harm(name: str, *, volatile: bool, language: str, trusted: bool, body: str) -> str:
    """What could go wrong when a function is called, as the end of a sentence; empty: nothing."""
    if name in HARMLESS:
        return ""
    if language in _READABLE:
        return "which makes up statements while it runs" if language == "plpgsql" and _DYNAMIC.search(body) else ""
    if language not in _COMPILED and not trusted:
        return f"which is written in {language} and may do anything on the server"
    return "whose effects a rollback may not undo" if volatile else ""


def _written(node: Mapping[str, Any]) -> Iterator[str]:
    """Names of the tables that a plan writes."""
    if node["Node Type"] == "ModifyTable":
        for target in [node, *node.get("Target Tables", ())]:
            if "Relation Name" in target:
                yield target["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _written(child)


def _texts(found: object) -> Iterator[str]:
    """Every string in a JSON document."""
    if isinstance(found, str):
        yield found
    for child in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _texts(child)


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    return {quoted.replace('""', '"') or bare.lower() for quoted, bare in pattern.findall(text)}


def _rows(connection: Connection, name: str, **arguments: Sequence[str]) -> list[tuple[Any, ...]]:
    return connection.execute(named("pgarchitect.evidence", "runnable.sql", name), arguments).fetchall()
