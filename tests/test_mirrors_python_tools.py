"""The mirrors in Python please the tools of those who use them: mypy --strict, pyright and ruff."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pyright_lab import complaints_of_pyright
from tests.python_mirrors import SOURCES, own_schema, write_package

pytestmark = pytest.mark.thorough

USE = '''"""A use of the mirrors whose types are right, and one that is wrong."""

import datetime as dt

import sqlalchemy as sa

from of_edfinance import tables
from of_edfinance.rows import User
from of_edfinance.writes import UserCreate

statement = sa.select(tables.users.c.email, tables.users.c.last_seen_at).where(tables.users.c.points > 3)


def read(connection: sa.Connection) -> list[tuple[str, dt.datetime | None]]:
    """Pairs, as the table says."""
    return [(email, seen) for email, seen in connection.execute(statement).tuples()]


def names(user: User) -> str:
    """A field of a row."""
    return user.email


made = UserCreate(email="a@b", password_hash="x", name={"en": "A"})
'''
WRONG = """import sqlalchemy as sa

from of_edfinance import tables
from of_edfinance.rows import User
from of_edfinance.writes import UserCreate


def wrong(connection: sa.Connection, user: User) -> int:
    first: int = connection.execute(sa.select(tables.users.c.email)).scalar_one()
    second: int = user.email
    UserCreate(email="a@b", password_hash="x")
    return first + second
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the mirrors of each of our own schemas as a package."""
    folder = tmp_path_factory.mktemp("packages")
    for name in SOURCES:
        write_package(own_schema(name), folder / f"of_{name}")
    return folder


def complaints(*command: str, folder: Path) -> str:
    """What a tool prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False, timeout=220
    )
    return (done.stdout + done.stderr).strip() if done.returncode else ""


@pytest.mark.parametrize("width", ["88", "120"])
def test_ruff_would_lay_nothing_out_anew(width: str, packages: Path) -> None:
    options = ("--isolated", "--no-cache", "--line-length", width)
    assert complaints("ruff", "format", "--check", *options, ".", folder=packages) == ""


def test_ruff_finds_nothing(packages: Path) -> None:
    rules = ("--select", "E4,E7,E9,F,I,B,UP,PYI,RUF,SIM,C4,PIE,W,TID251", "--target-version", "py311")
    assert complaints("ruff", "check", "--isolated", "--no-cache", *rules, ".", folder=packages) == ""


def test_mypy_finds_nothing_and_knows_the_types(packages: Path) -> None:
    (packages / "use.py").write_text(USE, encoding="utf-8")
    options = ("--strict", "--config-file=", "--cache-dir=/dev/null", "--python-version=3.11")
    assert complaints("mypy", *options, ".", folder=packages) == ""
    (packages / "wrong.py").write_text(WRONG, encoding="utf-8")
    found = complaints("mypy", *options, "wrong.py", folder=packages)
    (packages / "wrong.py").unlink()
    for line, code in ((9, "assignment"), (10, "assignment"), (11, "call-arg")):
        assert f"wrong.py:{line}: error" in found, code
        assert f"[{code}]" in found


def test_pyright_finds_nothing_and_knows_the_types(packages: Path) -> None:
    (packages / "use.py").write_text(USE, encoding="utf-8")
    assert complaints_of_pyright(packages) == []
    (packages / "wrong.py").write_text(WRONG, encoding="utf-8")
    found = {each.partition(": ")[0] for each in complaints_of_pyright(packages)}
    (packages / "wrong.py").unlink()
    assert {f"wrong.py:{line}" for line in (9, 10, 11)} <= found
