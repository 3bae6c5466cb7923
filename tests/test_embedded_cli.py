"""``pgarchitect embedded``, as a person at a terminal uses it."""

import json
import subprocess
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import psycopg
import pytest

from pgarchitect.postgres.embedded import destroy, running_server, stop
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.postgres.server_home import ServerHome
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def embedded(cli: Run, lab: Settings) -> Iterator[Run]:
    """Run ``pgarchitect embedded …`` on the second home."""

    def run(*arguments: str, stdin: str = "", **env: str) -> CompletedProcess[str]:
        return cli("embedded", *arguments, stdin=stdin, env={"PGARCHITECT_DATA_DIR": str(lab.data_dir), **env})

    yield run
    stop(lab, force=True)


def test_start_url_status_stop(embedded: Run, lab: Settings) -> None:
    started = embedded("start")
    assert (started.returncode, started.stderr) == (0, "")
    server = running_server(lab)
    assert server is not None
    assert f"(process {server.pid})" in started.stdout

    url = embedded("url")
    assert url.stdout == f"{server.url()}\n"
    psql = find_binaries().programs / "psql"
    asked = subprocess.run([psql, url.stdout.strip(), "-Atc", "SELECT 42"], capture_output=True, text=True, check=True)
    assert asked.stdout == "42\n"
    with psycopg.connect(embedded("url", "--database", "template1").stdout.strip()) as connection:
        assert connection.info.dbname == "template1"

    told = json.loads(embedded("status", "--format", "json").stdout)
    assert told["size_bytes"] > 30_000_000
    del told["size_bytes"]
    assert told == {
        "running": True,
        "pid": server.pid,
        "url": server.url(),
        "version": find_binaries().version,
        "root": str(lab.data_dir / "embedded"),
        "data_dir": str(server.data_dir),
        "stays": True,
        "users": [],
    }
    assert f"running (process {server.pid})" in embedded("status").stdout

    assert embedded("stop").stdout == "The embedded PostgreSQL was stopped.\n"
    assert embedded("stop").stdout == "The embedded PostgreSQL was not running.\n"


def test_url_of_a_server_that_does_not_run(embedded: Run) -> None:
    result = embedded("url")
    assert (result.returncode, result.stdout) == (9, "")
    assert result.stderr.startswith("pgarchitect: The embedded PostgreSQL is not running; start it with")
    assert "not running" in embedded("status").stdout


def test_destroy_asks_first(cli: Run) -> None:
    with open_folder() as folder:
        settings = Settings(data_dir=folder)
        home = ServerHome.of(settings)
        home.root.mkdir()
        home.sign.write_text("pgarchitect-embedded-server\n", encoding="utf-8")
        env = {"PGARCHITECT_DATA_DIR": str(folder)}
        for answer in ("n\n", ""):
            refused = cli("embedded", "destroy", stdin=answer, env=env)
            assert (refused.returncode, refused.stdout.strip()) == (130, "")
            assert f"Remove {home.root} (" in refused.stderr
            assert "Nothing was removed" in refused.stderr
            assert home.sign.exists()
        agreed = cli("embedded", "destroy", stdin="y\n", env=env)
        assert agreed.returncode == 0
        assert agreed.stdout.strip() == f"{home.root} was removed."
        assert not home.root.exists()
        assert cli("embedded", "destroy", "--yes", env=env).stdout == "There was nothing to remove.\n"
        assert destroy(settings) is False
        folder.mkdir(exist_ok=True)  # destroy removed it, since it was empty
