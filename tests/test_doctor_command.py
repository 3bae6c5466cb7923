"""``pgarchitect doctor`` as a person runs it."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.settings import Settings
from tests.scratch_server import ScratchServer, free_port, scratch_server

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bare(settings: Settings) -> Iterator[ScratchServer]:
    """A server as it comes, but with another library loaded: pg_stat_statements is not."""
    with scratch_server(settings, "shared_preload_libraries = 'auto_explain'") as scratch:
        yield scratch


def settings_of(scratch: ScratchServer) -> dict[str, object]:
    """What the server itself holds after a reload."""
    with psycopg.connect(scratch.url(), autocommit=True) as admin:
        admin.execute("SELECT pg_reload_conf()")
        rows = admin.execute("SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'").fetchall()
        created = admin.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'").fetchone()
        return {**dict(rows), "created": bool(created and created[0])}


def test_the_embedded_server_can_be_audited(server: EmbeddedServer, cli: Cli) -> None:
    del server
    done = cli("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('database "pgarchitect" on the local socket\n')
    assert done.stdout.endswith("An audit can run here.\n")


def test_what_is_missing_is_told_with_its_fix_and_exit_code(bare: ScratchServer, cli: Cli) -> None:
    done = cli("doctor", bare.url())
    assert done.returncode == 5
    assert "missing  pg_stat_statements loaded" in done.stdout
    assert "→ ALTER SYSTEM SET shared_preload_libraries = 'auto_explain', 'pg_stat_statements';" in done.stdout
    assert done.stderr.startswith('pgarchitect: "pg_stat_statements loaded" is missing')
    assert done.stderr.count("\n") == 1
    assert settings_of(bare) == {"created": False}


def test_a_dry_run_changes_nothing(bare: ScratchServer, cli: Cli) -> None:
    done = cli("doctor", bare.url(), "--fix", "--dry-run")
    assert done.returncode == 5
    assert "Would be run:" in done.stdout
    assert "  CREATE EXTENSION IF NOT EXISTS pg_stat_statements;\n" in done.stdout
    assert "Running" not in done.stdout
    assert settings_of(bare) == {"created": False}


def test_without_a_terminal_fix_wants_yes(bare: ScratchServer, cli: Cli) -> None:
    done = cli("doctor", bare.url(), "--fix", stdin="y\n")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert settings_of(bare) == {"created": False}


def test_fix_then_restart_then_an_audit_can_run(bare: ScratchServer, cli: Cli) -> None:
    with psycopg.connect(bare.url(), autocommit=True) as admin:
        admin.execute("CREATE TABLE filled AS SELECT generate_series(1, 100) AS id")
    fixed = cli("doctor", bare.url(), "--fix", "--yes")
    assert fixed.returncode == 5, fixed.stderr
    assert fixed.stdout.count("\n  done\n") == 5
    assert "Running ANALYZE public.filled;\n  done\n" in fixed.stdout
    assert "Left for somebody else:\n  restart the PostgreSQL server" in fixed.stdout
    assert "not before a restart" in fixed.stderr
    assert settings_of(bare) == {
        "created": True,
        "shared_preload_libraries": "auto_explain, pg_stat_statements",
        "track_io_timing": "on",
    }
    again = cli("doctor", bare.url(), "--fix", "--yes")
    assert "There is nothing that this role can put right by SQL." in again.stdout
    bare.restart()
    done = cli("doctor", bare.url())
    assert (done.returncode, done.stderr) == (0, "")
    with connect(bare.url()) as connection:
        assert connection.execute("SHOW shared_preload_libraries").fetchone() == ("auto_explain, pg_stat_statements",)


def test_a_library_that_waits_for_a_restart_is_kept(bare: ScratchServer, cli: Cli) -> None:
    with psycopg.connect(bare.url(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET shared_preload_libraries = 'auto_explain', '$libdir/pg_prewarm'")
    cli("doctor", bare.url(), "--fix", "--yes")
    listed = settings_of(bare)["shared_preload_libraries"]
    assert listed == 'auto_explain, "$libdir/pg_prewarm", pg_stat_statements'
    bare.restart()
    assert cli("doctor", bare.url()).returncode == 0


def test_a_role_without_rights_can_fix_nothing(bare: ScratchServer, cli: Cli) -> None:
    with psycopg.connect(bare.url(), autocommit=True) as admin:
        admin.execute("CREATE ROLE reader LOGIN; CREATE TABLE hidden (id int)")
    done = cli("doctor", bare.url(role="reader"), "--fix", "--yes")
    assert done.returncode == 5
    assert "There is nothing that this role can put right by SQL." in done.stdout
    left = done.stdout.partition("Left for somebody else:\n")[2]
    assert "add pg_stat_statements to shared_preload_libraries, keeping what it lists" in left
    assert 'GRANT pg_read_all_data TO "reader";  (a superuser must run it' in left
    assert "ALTER SYSTEM SET track_io_timing = 'on';  (a superuser must run it" in left


def test_a_refused_statement_does_not_stop_the_next(bare: ScratchServer, cli: Cli) -> None:
    with psycopg.connect(bare.url()) as locker:
        with psycopg.connect(bare.url(), autocommit=True) as admin:
            admin.execute("CREATE TABLE busy AS SELECT generate_series(1, 100) AS id")
            admin.execute("CREATE TABLE later AS SELECT generate_series(1, 100) AS id")
        locker.execute("LOCK TABLE busy IN SHARE UPDATE EXCLUSIVE MODE")
        done = cli("doctor", bare.url(), "--fix", "--yes", env={"PGARCHITECT_LOCK_TIMEOUT_MS": "50"})
    assert "Running ANALYZE public.busy;\n  refused: canceling statement due to lock timeout" in done.stdout
    assert "Running ANALYZE public.later;\n  done" in done.stdout


def test_json(bare: ScratchServer, cli: Cli) -> None:
    looked = cli("doctor", bare.url(), "--format", "json")
    found = json.loads(looked.stdout)
    assert looked.returncode == 5
    assert found["audit_can_run"] is False
    assert found["ran"] == []
    loaded = next(each for each in found["capabilities"] if each["name"] == "pg_stat_statements loaded")
    assert (loaded["state"], loaded["required"], loaded["fix"][0]["needs"]) == ("missing", True, "sql")
    fixed = cli("doctor", bare.url(), "--format", "json", "--fix", "--yes")
    assert {"statement": "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;", "refused": None} in json.loads(
        fixed.stdout
    )["ran"]
    assert "Running CREATE EXTENSION" in fixed.stderr


@pytest.mark.parametrize(
    ("options", "word"),
    [(["--dry-run"], "--fix"), (["--yes"], "--fix"), (["--fix", "--format", "json"], "--yes")],
)
def test_options_that_do_not_fit_together(cli: Cli, options: list[str], word: str) -> None:
    done = cli("doctor", "postgresql://127.0.0.1:1/never_reached", *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert word in done.stderr


@pytest.mark.parametrize(
    ("dsn", "code"),
    [("", 2), ("postgresql://[bad", 2), (f"postgresql://127.0.0.1:{free_port()}/x", 3)],
    ids=["empty", "unreadable", "nobody listens"],
)
def test_a_server_that_cannot_be_looked_at(cli: Cli, dsn: str, code: int) -> None:
    done = cli("doctor", dsn)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert done.stderr.startswith("pgarchitect: ")


def test_a_setting_that_cannot_be_read(cli: Cli) -> None:
    done = cli("doctor", "postgresql://127.0.0.1:1/x", env={"PGARCHITECT_LOCK_TIMEOUT_MS": "soon"})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "PGARCHITECT_LOCK_TIMEOUT_MS" in done.stderr


def test_names_cannot_command_the_terminal(fresh_database: str, cli: Cli) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as admin:
        admin.execute(b'CREATE TABLE "\x1b[2Jgone" AS SELECT generate_series(1, 100) AS id')
    done = cli("doctor", fresh_database)
    assert "\x1b" not in done.stdout
    assert "gone" in done.stdout


def test_ctrl_c_at_the_question_changes_nothing(bare: ScratchServer) -> None:
    assert at_the_question(bare, None, shown="Interrupted") == 130
    assert settings_of(bare) == {"created": False}


@pytest.mark.parametrize(("answer", "created"), [("y", True), ("n", False)])
def test_on_a_terminal_it_asks(bare: ScratchServer, answer: str, *, created: bool) -> None:
    assert at_the_question(bare, f"{answer}\n", shown="pgarchitect: ") == 5
    assert settings_of(bare)["created"] is created


def at_the_question(scratch: ScratchServer, answer: str | None, *, shown: str) -> int:
    """Run --fix on a terminal, answer its question (None: Ctrl-C), wait until ``shown``; the exit code."""
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "pgarchitect", "doctor", scratch.url(), "--fix"]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process, ended(process):
            os.close(theirs)
            screen = read_until(ours, "[y/N]")
            assert "To be run:" in screen
            assert "Running" not in screen
            if answer is None:
                process.send_signal(signal.SIGINT)
                # One that comes between the question and its read is seen only when the read returns: press it again.
                read_until(ours, shown, lambda: process.send_signal(signal.SIGINT))
            else:
                os.write(ours, answer.encode())
                read_until(ours, shown)
            return process.wait(timeout=60)
    finally:
        os.close(ours)


@contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Whatever happens, nobody waits for it for ever afterwards."""
    try:
        yield
    finally:
        process.kill()


def read_until(terminal: int, word: str, otherwise: Callable[[], object] = lambda: None) -> str:
    """What a terminal shows until ``word`` stands on it; ``otherwise`` is done where nothing comes for a while."""
    screen, deadline = "", time.monotonic() + 60
    while word not in screen:
        assert time.monotonic() < deadline, screen
        if not select.select([terminal], [], [], 5.0)[0]:
            otherwise()
            continue
        screen += os.read(terminal, 4096).decode(errors="replace")
    return screen
