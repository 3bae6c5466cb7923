"""Where a command's output goes, and what becomes of it when that place is closed, full or odd."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import jsonschema
import pytest

from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.report.json_report import schema
from pgarchitect.settings import Settings
from tests.audit_lab import Shop, open_shop
from tests.embedded_lab import open_folder

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    with open_shop(server, settings) as found:
        yield found


def shell(shop: Shop, words: str, **env: str) -> CompletedProcess[str]:
    """Run ``$PGARCHITECT …`` in a shell that fails when any part of a pipe does."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", words],
        env={
            **os.environ,
            **shop.environment,
            "PGARCHITECT": f"{sys.executable} -m pgarchitect",
            "AUDIT": f"{sys.executable} -m pgarchitect audit {shop.target} --sandbox {shop.sandbox} --runs 1"
            " --reconsider --html /dev/null".replace("&", r"\&"),
            **env,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_json_is_pure_and_follows_its_schema_also_with_warnings(shop: Shop, cli: Run) -> None:
    for arguments in (shop.arguments("--reconsider"), ["audit", shop.target, "--reconsider"]):
        found = cli(*arguments, "--format", "json", env={**shop.environment, "PYTHONIOENCODING": "ascii"})
        assert (found.returncode, found.stderr) == (0, "")
        report = json.loads(found.stdout)
        jsonschema.validate(report, schema())
    assert any("No sandbox was given" in warning for warning in report["warnings"])


def test_a_reader_that_leaves_early_is_no_error_and_the_html_is_written(shop: Shop, tmp_path: Path) -> None:
    html = tmp_path / "report.html"
    found = shell(shop, f'eval "$AUDIT --html {html}" | head -1')
    assert found.returncode == 0, found.stderr
    assert "pgarchitect: " not in found.stderr
    assert "BrokenPipe" not in found.stderr
    assert "</html>" in html.read_text(encoding="utf-8")
    for words in ("log --format json | head -c 1", "--help | true"):
        found = shell(shop, f"$PGARCHITECT {words}")
        assert (found.returncode, found.stderr) == (0, ""), words


def test_a_closed_or_full_standard_output(shop: Shop) -> None:
    found = shell(shop, 'eval "$AUDIT" >&-')
    assert (found.returncode, "Traceback" in found.stderr) == (0, False), found.stderr
    for words in ('eval "$AUDIT"', "$PGARCHITECT log --format json"):
        found = shell(shop, f"{words} > /dev/full")
        assert found.returncode == 11, found.stderr
        last = found.stderr.splitlines()[-1]
        assert last.startswith("pgarchitect: Standard output cannot be written (No space left on device)")
        assert "Traceback" not in found.stderr
        assert "Exception ignored" not in found.stderr
    found = shell(shop, 'eval "$AUDIT" 2>&- | tail -5')
    assert found.returncode == 0
    assert "Report: /dev/null" in found.stdout


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1", "TERM": "dumb"}],
    ids=["ascii", "latin-1"],
)
def test_a_narrow_terminal_that_knows_few_characters(shop: Shop, cli: Run, env: dict[str, str]) -> None:
    found = cli(*shop.arguments("--reconsider"), env={**shop.environment, "COLUMNS": "40", **env})
    assert found.returncode == 0, found.stderr
    assert "\nCREATE INDEX CONCURRENTLY orders_user_id_idx ON public.orders (user_id);\n" in found.stdout
    assert "\x1b" not in found.stdout


@pytest.mark.parametrize(("wish", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["colour", "no-colour"])
def test_a_terminal_shows_colour_unless_a_person_does_not_want_it(
    shop: Shop, wish: dict[str, str], coloured: bool
) -> None:
    for words, code in ((["audit", "nonsense"], 2), (["doctor", shop.target], 0)):
        terminal, ours = pty.openpty()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pgarchitect", *words],
                env={**os.environ, **shop.environment, "TERM": "xterm-256color", **wish},
                stdin=subprocess.DEVNULL,
                stdout=ours,
                stderr=ours,
                timeout=60,
                check=False,
            )
            shown = os.read(terminal, 20_000).decode()
        finally:
            os.close(terminal)
            os.close(ours)
        assert done.returncode == code
        assert ("\x1b[3" in shown) is coloured


def html_refused(shop: Shop, cli: Run, path: Path | str, *words: str) -> None:
    """An audit that cannot write its report there: refused before anything is done."""
    recorded = shop.log()
    found = cli(*shop.arguments("--html", str(path)), env=shop.environment)
    assert (found.returncode, found.stdout) == (11, "")
    assert "[1/7]" not in found.stderr
    assert found.stderr.count("\n") == 1
    for word in (str(path), *words):
        assert word in found.stderr
    assert shop.log() == recorded


def test_an_html_path_that_cannot_be_written_is_refused_before_the_work(shop: Shop, cli: Run, tmp_path: Path) -> None:
    html_refused(shop, cli, tmp_path / "missing" / "report.html", "directory that exists")
    html_refused(shop, cli, "x" * 300, "File name too long")


def test_an_html_file_that_fails_after_the_work_loses_nothing(shop: Shop, cli: Run) -> None:
    before = len(shop.log())
    found = cli(*shop.arguments("--reconsider", "--html", "/dev/full"), env=shop.environment)
    assert found.returncode == 11
    assert "CREATE INDEX" in found.stdout
    assert "No space left on device" in found.stderr.splitlines()[-1]
    assert len(shop.log()) > before


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another account")
def test_a_directory_that_an_ordinary_person_may_not_write_to() -> None:
    code = (
        "import os, sys; from pathlib import Path; from pgarchitect.cli.audit import _require_writable;"
        " from pgarchitect.errors import ReportNotWritten\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "for name in sys.argv[1:]:\n"
        "    try: _require_writable(Path(name))\n"
        "    except ReportNotWritten as error: print(error)\n"
    )
    with open_folder() as folder:
        existing, closed, free = folder / "report.html", folder / "closed", folder / "open"
        existing.touch(mode=0o644)
        closed.mkdir(mode=0o700)
        free.mkdir()
        free.chmod(0o777)
        names = [existing, folder / "new.html", closed / "report.html", free / "report.html"]
        found = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=True)
    lines = found.stdout.splitlines()
    assert [str(name) in line for name, line in zip(names[:3], lines, strict=True)] == [True] * 3
    assert all(line.endswith("name another file with --html.") for line in lines)
