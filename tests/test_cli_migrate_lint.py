"""``pgarchitect migrate lint`` as a user calls it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from pgarchitect.errors import MigrationUnsafe
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.dsn import read_dsn
from pgarchitect.report.safety_github import safety_github
from pgarchitect.schema.safety.finding import Finding, Severity

Cli = Callable[..., subprocess.CompletedProcess[str]]
INIT = 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "email" VARCHAR(100));\n'
MORE = """-- AlterTable
ALTER TABLE "User" ALTER COLUMN "email" TYPE VARCHAR(200);

CREATE INDEX "i" ON "User"("email");
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two migrations, where the command is called."""
    for name, sql in (("1_init", INIT), ("2_more", MORE)):
        folder = tmp_path / "prisma" / "migrations" / name
        folder.mkdir(parents=True)
        (folder / "migration.sql").write_text(sql, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_migrations_of_a_project_are_found_and_told(project: Path, cli: Cli) -> None:
    result = cli("migrate", "lint")
    assert result.returncode == MigrationUnsafe.exit_code == 20
    assert "prisma/migrations/2_more/migration.sql:4 error index-not-concurrent" in result.stdout
    assert 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON "User" ("email");' in result.stdout
    assert result.stdout.rstrip().endswith("2 migrations: 1 error, 1 hint.")
    assert "1 statement in prisma/migrations/2_more/migration.sql would hurt" in result.stderr


def test_json_has_every_finding(project: Path, cli: Cli) -> None:
    result = cli("migrate", "lint", "--format", "json", "prisma/migrations/2_more/migration.sql")
    document = json.loads(result.stdout)
    assert document["files"] == 1
    assert document["counts"] == {"error": 1, "warning": 0, "hint": 1}
    (error,) = [each for each in document["findings"] if each["severity"] == "error"]
    assert (error["rule"], error["line"], error["end_line"]) == ("index-not-concurrent", 4, 4)
    assert error["rewrite"] == ['CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON "User" ("email");']


def test_github_gets_annotations(project: Path, cli: Cli) -> None:
    result = cli("migrate", "lint", "--format", "github", "--ignore", "missing-lock-timeout")
    (line,) = result.stdout.splitlines()
    start = (
        "::error file=prisma/migrations/2_more/migration.sql,line=4,endLine=4,title=index-not-concurrent::Takes SHARE"
    )
    assert line.startswith(start)
    assert "%0AInstead:%0ACREATE INDEX CONCURRENTLY" in line


def test_what_is_ignored_ends_well(project: Path, cli: Cli) -> None:
    result = cli("migrate", "lint", "--ignore", "index-not-concurrent", "--ignore", "missing-lock-timeout")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "2 migrations: nothing that would hurt a live database.\n"


def test_a_database_tells_sizes_and_what_has_run(project: Path, cli: Cli, fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(INIT.encode())
        connection.execute(
            b"CREATE TABLE _prisma_migrations"
            b" (migration_name text, finished_at timestamptz, rolled_back_at timestamptz);"
            b"INSERT INTO _prisma_migrations VALUES ('1_init', now(), NULL)"
        )
    result = cli("migrate", "lint", "--dsn", fresh_database)
    assert result.returncode == 0, result.stderr
    assert "4 hint index-not-concurrent" in result.stdout
    assert "1 migration: 2 hints." in result.stdout


def test_a_url_of_prismas_and_a_schema_beside_its_migrations(project: Path, cli: Cli, fresh_database: str) -> None:
    (project / "prisma" / "migrations").rename(project / "migrations")
    (project / "schema.prisma").write_text("", encoding="utf-8")
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(
            b"CREATE SCHEMA app; CREATE TABLE app._prisma_migrations"
            b" (migration_name text, finished_at timestamptz, rolled_back_at timestamptz);"
            b"INSERT INTO app._prisma_migrations VALUES ('1_init', now(), NULL), ('2_more', now(), NULL)"
        )
    parts = read_dsn(fresh_database)
    url = f"postgresql:///{parts['dbname']}?host={quote(parts['host'])}&user={parts['user']}&schema=app&pgbouncer=true"
    result = cli("migrate", "lint", "--dsn", url)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("0 migrations")
    assert cli("migrate", "lint").returncode == 20


def test_a_table_that_is_to_come_is_not_large(project: Path, cli: Cli, fresh_database: str) -> None:
    result = cli("migrate", "lint", "--dsn", fresh_database)
    assert result.returncode == 0, result.stderr
    assert "4 hint index-not-concurrent" in result.stdout
    assert "does not have that table yet" in " ".join(result.stdout.split())


def test_mistakes_are_told(project: Path, cli: Cli) -> None:
    for arguments, told in (
        (("--ignore", "no-such-rule"), "There is no rule no-such-rule"),
        (("nowhere.sql",), "nowhere.sql cannot be read"),
        (("prisma",), "prisma holds no migration"),
    ):
        result = cli("migrate", "lint", *arguments)
        assert result.returncode == 2
        assert told in result.stderr
        assert "Traceback" not in result.stderr


def test_an_annotation_cannot_break_out_of_its_line() -> None:
    finding = Finding("r", Severity.HINT, "a,b:c%\n.sql", 1, 2, "x", "50 %\r\n::error::no\x1b", ("a\nb",))
    assert safety_github([finding]) == (
        "::notice file=a%2Cb%3Ac%25%0A.sql,line=1,endLine=2,title=r::50 %25%0A::error::no␛%0AInstead:%0Aa%0Ab\n"
    )
