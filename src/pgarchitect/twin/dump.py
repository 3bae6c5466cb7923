"""Schema and planner statistics of the source, by the ``pg_dump`` of the newest PostgreSQL that we carry."""

import os
import subprocess
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.dsn import describe_target
from pgarchitect.settings import Settings

_OPTIONS: Final = (
    "--no-data",
    "--statistics",
    "--no-owner",
    "--no-acl",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--no-comments",
)


def dump(dsn: str, programs: Path, settings: Settings) -> bytes:
    """The script that recreates the source without its rows: schema and statistics, one consistent snapshot.

    It takes a brief ACCESS SHARE lock on each table and waits for none longer than ``lock_timeout``.

    Raises:
        StatementRefused: pg_dump failed; the message has its reason.
    """
    given = {key: value for key, value in conninfo_to_dict(dsn).items() if value is not None}
    password = given.pop("password", None)
    environment = {**os.environ, "PGAPPNAME": "pgarchitect", **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(
        [
            str(programs / "pg_dump"),
            *_OPTIONS,
            f"--lock-wait-timeout={settings.lock_timeout_ms}",
            f"--dbname={make_conninfo('', **given)}",
        ],
        capture_output=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise StatementRefused(
            f"pg_dump could not read {describe_target(dsn)} ({_reason(done.stderr)});"
            " grant the role pg_read_all_data and try again."
        )
    return done.stdout


def restore(script: bytes, url: str, programs: Path) -> tuple[str, ...]:
    """Run a dump's script in the twin; what could not be created is returned, one message each."""
    done = subprocess.run(
        [str(programs / "psql"), "--no-psqlrc", "--quiet", "--output=/dev/null", f"--dbname={url}"],
        input=script,
        capture_output=True,
        check=False,
    )
    lines = done.stderr.decode(errors="replace").splitlines()
    return tuple(line.partition("ERROR:")[2].strip() for line in lines if "ERROR:" in line)


def _reason(said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if "error:" in line.lower()]
    return lines[0].partition("rror:")[2].strip().rstrip(".") if lines else "it gave no reason"
