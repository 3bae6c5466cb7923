"""Shadow databases: empty, apart from each other, dropped afterwards, also after a kill."""

import os
import signal
import subprocess
import sys
import time

import pytest

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.database_schema import Extension
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.shadow import shadow_database, unmentioned
from pgarchitect.settings import Settings
from tests.migrations_lab import rows, run

_KILLED = """
import sys
from pgarchitect.schema.shadow import shadow_database, unmentioned
from pgarchitect.settings import Settings
with shadow_database(Settings()):
    print("made", flush=True)
    sys.stdin.read()
"""
SHADOWS = "SELECT datname::text FROM pg_database WHERE datname LIKE 'pgarchitect_shadow_%'"


def names(connection: Connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query).fetchall()]


def test_it_is_empty_and_gone_afterwards(server: EmbeddedServer, settings: Settings) -> None:
    wanted = [Extension("vector"), Extension("no_such")]
    with shadow_database(settings) as one, shadow_database(settings, wanted, home="app") as other:
        one.execute("CREATE TABLE a (id int)")
        assert names(other, "SELECT to_regclass('public.a')::text") == [None]
        assert names(other, "SELECT extname::text FROM pg_extension ORDER BY 1") == ["plpgsql", "vector"]
        assert names(other, "SELECT current_schema()::text") == ["app"]
        assert len(rows(server.url(), SHADOWS)) == 2
    assert rows(server.url(), SHADOWS) == []


@pytest.mark.parametrize(
    ("script", "brought"),
    [
        ("CREATE TABLE a (embedding vector(3))", False),
        ("ALTER EXTENSION vector UPDATE", False),
        ("CREATE EXTENSION vectorscale", False),
        ("CREATE EXTENSION vector", True),
        ('create extension\n    if not exists "vector" WITH SCHEMA "public"', True),
    ],
)
def test_an_extension_is_there_before_migrations_that_use_it_and_do_not_create_it(
    script: str, *, brought: bool
) -> None:
    wanted = (Extension("vector"),)
    assert unmentioned(wanted, [Migration("1", script)]) == (() if brought else wanted)


def test_what_a_killed_process_left_goes_with_the_next(server: EmbeddedServer, settings: Settings) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", _KILLED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)},
    )
    assert killed.stdout is not None
    assert killed.stdin is not None
    assert killed.stdout.readline() == "made\n"
    with shadow_database(settings):
        assert len(rows(server.url(), SHADOWS)) == 2
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdin.close()
    killed.stdout.close()
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1885827442"
    used = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'pgarchitect_shadow_%'"
    while rows(server.url(), f"SELECT ({held}) + ({used})") != [(0,)]:
        time.sleep(0.02)
    with shadow_database(settings):
        assert len(rows(server.url(), SHADOWS)) == 1
    assert rows(server.url(), SHADOWS) == []


def test_another_server_may_be_named(fresh_database: str, settings: Settings) -> None:
    with shadow_database(settings, url=f"{fresh_database}&schema=other") as connection:
        assert names(connection, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE ROLE shadowless LOGIN")
        connection.execute("GRANT ALL ON SCHEMA public TO shadowless")
    try:
        url = fresh_database.replace("postgres@", "shadowless@")
        with (
            pytest.raises(StatementRefused, match="No shadow database can be made"),
            shadow_database(settings, url=url),
        ):
            pass
    finally:
        run(fresh_database, "DROP OWNED BY shadowless; DROP ROLE shadowless")
