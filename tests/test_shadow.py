"""Shadow databases: empty, apart from each other, dropped afterwards, also after a kill."""

import os
import signal
import subprocess
import sys

import pytest

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.shadow import shadow_database
from pgarchitect.settings import Settings
from tests.migrate_lab import rows, run

_KILLED = """
import sys
from pgarchitect.schema.shadow import shadow_database
from pgarchitect.settings import Settings
with shadow_database(Settings()):
    print("made", flush=True)
    sys.stdin.read()
"""
SHADOWS = "SELECT datname::text FROM pg_database WHERE datname LIKE 'pgarchitect_shadow_%'"


def test_it_is_empty_and_gone_afterwards(server: EmbeddedServer, settings: Settings) -> None:
    with shadow_database(settings) as one, shadow_database(settings, extensions=["vector", "no_such"]) as other:
        run(one, "CREATE TABLE a (id int)")
        assert rows(other, "SELECT to_regclass('a')") == [(None,)]
        assert rows(other, "SELECT extname::text FROM pg_extension ORDER BY 1") == [("plpgsql",), ("vector",)]
        assert len(rows(server.url(), SHADOWS)) == 2
    assert rows(server.url(), SHADOWS) == []


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
    gone = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1885827442"
    while rows(server.url(), gone) != [(0,)]:
        pass
    with shadow_database(settings):
        assert len(rows(server.url(), SHADOWS)) == 1
    assert rows(server.url(), SHADOWS) == []


def test_another_server_may_be_named(fresh_database: str, settings: Settings) -> None:
    with shadow_database(settings, fresh_database) as url:
        assert rows(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE ROLE shadowless LOGIN")
        connection.execute("GRANT ALL ON SCHEMA public TO shadowless")
    try:
        url = fresh_database.replace("postgres@", "shadowless@")
        with pytest.raises(StatementRefused, match="No shadow database can be made"), shadow_database(settings, url):
            pass
    finally:
        run(fresh_database, "DROP OWNED BY shadowless; DROP ROLE shadowless")
