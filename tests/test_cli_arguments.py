"""Arguments and settings that do not fit: one sentence, the documented exit code, nothing begun."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from pgarchitect.cli.main import end_well
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database

Run = Callable[..., CompletedProcess[str]]

ANY = "postgresql://reader:s3cret@db.example/shop"


@pytest.mark.parametrize(
    ("arguments", "env", "code", "words"),
    [
        (["audit", ANY, "--sandbox", ""], {}, 2, "The DSN is empty"),
        (["audit", ANY, "--database", "x"], {}, 2, "with a DSN, put the name into the DSN"),
        (["audit"], {"PGARCHITECT_DATA_DIR": "/proc/nowhere"}, 8, "set PGARCHITECT_DATA_DIR elsewhere"),
        (["log"], {"PGARCHITECT_LOCK_TIMEOUT_MS": "soon"}, 2, "PGARCHITECT_LOCK_TIMEOUT_MS is not what it must be"),
        (
            ["log"],
            {"PGARCHITECT_HOME_URL": "nonsense"},
            8,
            "own database (PGARCHITECT_HOME_URL) cannot be used: The DSN",
        ),
    ],
)
def test_one_sentence_and_an_exit_code(
    cli: Run, arguments: list[str], env: dict[str, str], code: int, words: str
) -> None:
    found = cli(*arguments, env=env)
    assert (found.returncode, found.stdout) == (code, "")
    assert words in found.stderr
    assert found.stderr.count("\n") == 1
    assert "s3cret" not in found.stderr


def test_which_database_of_the_embedded_server(server: EmbeddedServer, cli: Run) -> None:
    for name in ("first_choice", "second_choice"):
        ensure_database(server, name)
    unknown = cli("audit", "--database", "no_such")
    assert unknown.returncode == 2
    assert 'holds no database "no_such" of an application; it holds ' in unknown.stderr
    assert "first_choice, " in unknown.stderr
    several = cli("audit", env={"PGARCHITECT_HOME_URL": ""})  # an empty setting is one that is not set
    assert several.returncode == 2
    assert "choose with --database: " in several.stderr


def test_what_nobody_thought_of_is_one_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise KeyError("no such thing\nat all")

    with pytest.raises(SystemExit) as ended:
        end_well(fails)
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "Something went wrong inside pgarchitect (KeyError at test_cli_arguments.py:" in told
    assert "please report this sentence" in told
