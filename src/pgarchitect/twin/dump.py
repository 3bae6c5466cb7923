"""Schema and planner statistics of the source, by the ``pg_dump`` that we carry, which reads PostgreSQL 14 to 18."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from pgarchitect.errors import CannotConnect, HomeUnavailable, StatementRefused
from pgarchitect.postgres.connection import Connection, describe_target
from pgarchitect.settings import Settings
from pgarchitect.twin.cost import Meter
from pgarchitect.twin.relay import Refusal, relay
from pgarchitect.twin.scope import Scope

_OPTIONS: Final = (
    "--no-owner",
    "--no-acl",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--no-comments",
)
_OLDEST_WITH_STATISTICS: Final = 18
"""The first major version that takes statistics from a dump."""
_OLDEST_WITH_TRANSACTION_TIMEOUT: Final = 17
_UNKNOWN_BEFORE_17: Final = re.compile(rb"^SET transaction_timeout = 0;$", re.MULTILINE)
_BLOCKED: Final = frozenset({"55P03", "57014"})
"""lock_not_available and query_canceled: pg_dump limits its waiting for locks by statement_timeout."""
_DISK_FULL: Final = "53100"
_NO_RIGHT: Final = "42501"
_FAILED: Final = re.compile(r"ERROR:\s*(?P<message>[^\n]*)")
_STATEMENT: Final = re.compile(r"STATEMENT:\s*(?P<text>.*)", re.DOTALL)
_REPORT: Final = re.compile(r"^(?:psql:\S+ )?(?=ERROR:  |STATEMENT:  )", re.MULTILINE)


class DumpBlocked(StatementRefused):
    """A table is held by somebody; try again when that transaction is over."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement of the dump that the twin refused, and why."""

    message: str
    statement: str


def dump(
    connection: Connection,
    dsn: str,
    *,
    major: int,
    programs: Path,
    settings: Settings,
    scope: Scope,
    meter: Meter,
    parts: Sequence[str] | None = None,
) -> bytes:
    """The script that recreates the source without its rows: schema and, for a twin of 18, statistics; one snapshot.

    It takes a brief ACCESS SHARE lock on each table and waits for none longer than ``lock_timeout``.

    Args:
        connection: to the source, of no further use afterwards.
        dsn: what to call it in a message.
        major: version of the twin that will run the script.
        programs: where ``pg_dump`` lies.
        settings: with the time-outs.
        scope: what is left out.
        meter: counts what the source had to do.
        parts: options of ``pg_dump`` that say what else is wanted than that.

    Raises:
        DumpBlocked: somebody holds a table.
        StatementRefused: pg_dump failed; the message has its reason.
    """
    with relay(connection, settings, meter) as source:
        target = make_conninfo("", host=str(source.directory), port="5432", dbname="source", user="pgarchitect")
        done = subprocess.run(
            [
                str(programs / "pg_dump"),
                *_OPTIONS,
                *(_without_rows(major) if parts is None else parts),
                f"--lock-wait-timeout={settings.lock_timeout_ms}",
                *(f"--exclude-table={pattern}" for pattern in scope.patterns()),
                f"--dbname={target}",
            ],
            capture_output=True,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        raise _failed(done.stderr.decode(errors="replace"), source.refusals, dsn)
    return done.stdout if major >= _OLDEST_WITH_TRANSACTION_TIMEOUT else _UNKNOWN_BEFORE_17.sub(b"", done.stdout)


def _without_rows(major: int) -> tuple[str, ...]:
    return ("--no-data", "--statistics") if major >= _OLDEST_WITH_STATISTICS else ("--schema-only",)


def restore(script: bytes, url: str, programs: Path, called: str = "planner twin") -> tuple[Failure, ...]:
    """Run a dump's script in the copy, ``called`` so in a message; what could not be created is returned.

    Raises:
        HomeUnavailable: the disk is full.
        CannotConnect: the copy went away meanwhile.
    """
    done = subprocess.run(
        [str(programs / "psql"), "--no-psqlrc", "--quiet", "--echo-errors", "--output=/dev/null", f"--dbname={url}"],
        input=script,
        capture_output=True,
        env={**_environment(), "LC_ALL": "C"},
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    if "No space left on device" in said:
        raise HomeUnavailable(
            f"The {called} could not be made: the disk is full; free disk space, or set PGARCHITECT_DATA_DIR to"
            " a place that has some."
        )
    if done.returncode != 0:
        raise CannotConnect(f"The {called} ended while it was made ({_last(said)}); try again.")
    return _failures(said)


def _failures(said: str) -> tuple[Failure, ...]:
    found: list[Failure] = []
    for report in _REPORT.split(said):
        if (failed := _FAILED.match(report)) is not None:
            found.append(Failure(failed["message"].strip(), ""))
        elif (statement := _STATEMENT.match(report)) is not None and found:
            found[-1] = Failure(found[-1].message, statement["text"].strip())
    return tuple(found)


def _environment() -> dict[str, str]:
    """Ours without libpq's variables, which speak of another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _failed(said: str, refusals: Sequence[Refusal], dsn: str) -> StatementRefused:
    target = describe_target(dsn)
    if not refusals:
        return StatementRefused(
            f"pg_dump could not read {target} ({_last(said)}); a source newer than 18 needs a newer pgarchitect,"
            " anything else please report."
        )
    last = refusals[-1]
    if last.state in _BLOCKED:
        what = last.statement.removeprefix("LOCK TABLE ").removesuffix(" IN ACCESS SHARE MODE")[:200]
        return DumpBlocked(f"Somebody holds a table of {target} ({what}); try again when that transaction is over.")
    if last.state == _DISK_FULL:
        return StatementRefused(
            f"The server of {target} has a full disk; it must get some space before it can be read."
        )
    cure = "grant the role pg_read_all_data" if last.state == _NO_RIGHT else "see to it"
    return StatementRefused(f"pg_dump could not read {target} ({last.reason.rstrip('.')}); {cure} and try again.")


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["it gave no reason"])[-1]
