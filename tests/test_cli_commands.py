"""Commands are loaded when they are called, so that small ones start at once."""

import subprocess
import sys

import pytest

HEAVY = ("sqlglot", "highspy", "jinja2", "numpy")


def loaded_by(*arguments: str) -> set[str]:
    """Which of the heavy packages a command line loads."""
    code = (
        "import sys\nfrom pgarchitect.cli.main import end_well, app\n"
        f"sys.argv = ['pgarchitect', *{arguments!r}]\n"
        "try:\n    end_well(app)\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(HEAVY).intersection(done.stdout.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize(
    "arguments", [("--version",), ("embedded", "status"), ("embedded", "--help"), ("sandbox", "list")]
)
def test_what_needs_no_parser_loads_none(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) == set()


def test_what_needs_it_loads_it() -> None:
    assert "highspy" in loaded_by("advise", "--help")


def test_what_reads_a_schema_is_loaded_while_a_server_starts_and_not_before() -> None:
    code = "import sys\nimport pgarchitect.cli.schema_check\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {each for each in done.stdout.split() if each.startswith("pgarchitect.schema.")}
    assert "pgarchitect.schema.agreement" in loaded
    assert not [each for each in loaded if "difference" in each or "mirrors" in each or each.endswith("psl.parsing")]
