"""schema generate and check: mirrors are the same bytes every time, and what does not agree is found and named."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import deploy
from pgarchitect.schema.migrations.folder import Migration, write_migration
from pgarchitect.schema.mirrors.files import MIRRORS, mirror_files
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.settings import Settings

Cli = Callable[..., subprocess.CompletedProcess[str]]

SCHEMA = """datasource db {
  provider = "postgresql"
}

model Person {
  id   Int     @id @default(autoincrement())
  name String?
}
"""
CREATED = """CREATE TABLE "Person" (
    "id" SERIAL NOT NULL,
    "name" TEXT,

    CONSTRAINT "Person_pkey" PRIMARY KEY ("id")
);
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A schema and the migration that makes it."""
    (tmp_path / "schema.prisma").write_text(SCHEMA, encoding="utf-8")
    write_migration(tmp_path / "migrations", "20260101000000_init", CREATED)
    return tmp_path / "schema.prisma"


def test_mirrors_are_the_same_bytes_every_time_and_never_overwrite_what_a_person_wrote(tmp_path: Path) -> None:
    schema = parse_schema({"s": SCHEMA})
    first, second = (mirror_files(schema, tmp_path / "out") for _ in range(2))
    assert first == second
    assert len(first) >= 8
    (tmp_path / "out").mkdir()
    for each in first:
        assert each.state == "missing"
        each.path.write_text(each.text, encoding="utf-8")
        assert each.state == "current"
        each.path.write_text(each.text + "\n", encoding="utf-8")
        assert each.state == "different"
        each.path.write_text("mine\n", encoding="utf-8")
        assert each.state == "foreign"
    with pytest.raises(UsageError, match="no mirror typo"):
        mirror_files(schema, tmp_path, ["typo"])
    assert {each.path.name for each in mirror_files(schema, tmp_path, ["kysely"])} == {"kysely.ts"}
    assert set(MIRRORS) == {"python", "client", "drizzle", "kysely", "json-schema"}


def test_the_client_is_written_into_a_folder_that_is_not_there_yet(cli: Cli, project: Path, tmp_path: Path) -> None:
    file = tmp_path / "app" / "data" / "client.py"
    options = ("--schema", str(project))
    assert cli("schema", "client", str(file), *options, "--check").returncode == 19
    assert not file.parent.exists()
    assert cli("schema", "client", str(file), *options).returncode == 0
    assert "class Person(Struct" in file.read_text(encoding="utf-8")
    (tmp_path / "taken").touch()
    refused = cli("schema", "client", str(tmp_path / "taken" / "client.py"), *options)
    assert (refused.returncode, "cannot be written (File exists)" in refused.stderr) == (2, True), refused.stderr


def test_generate_writes_checks_and_refuses(cli: Cli, project: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    assert cli("schema", "generate", out, "--schema", str(project)).returncode == 0
    assert cli("schema", "generate", out, "--schema", str(project), "--check").returncode == 0
    project.write_text(SCHEMA.replace("String?", "String"), encoding="utf-8")
    stale = cli("schema", "generate", out, "--schema", str(project), "--check")
    assert stale.returncode == 19
    assert "rows.py" in stale.stderr
    (tmp_path / "out" / "rows.py").write_text("mine\n", encoding="utf-8")
    foreign = cli("schema", "generate", out, "--schema", str(project))
    assert foreign.returncode == 2
    assert (tmp_path / "out" / "rows.py").read_text(encoding="utf-8") == "mine\n"


def test_a_database_is_compared_in_the_schema_that_its_url_names(
    cli: Cli, tmp_path: Path, fresh_database: str, settings: Settings
) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text(
        SCHEMA
        + "enum Mood {\n  GLAD\n}\n"
        + SCHEMA[SCHEMA.index("model") :].replace("Person", "Pet").replace("String?", "Mood @default(GLAD)"),
        encoding="utf-8",
    )
    script = (
        "CREATE TYPE \"Mood\" AS ENUM ('GLAD');\n"
        + CREATED
        + CREATED.replace("Person", "Pet").replace('"name" TEXT', '"name" "Mood" NOT NULL DEFAULT \'GLAD\'')
    )
    write_migration(tmp_path / "migrations", "20260101000000_init", script)
    url = f"{fresh_database}{'&' if '?' in fresh_database else '?'}schema=a b"
    options = ("--schema", str(schema), "--mirrors", str(tmp_path / "out"))
    cli("schema", "generate", str(tmp_path / "out"), "--schema", str(schema))
    with connect(fresh_database, read_only=False) as connection:
        connection.execute('CREATE SCHEMA "a b"')
        connection.execute("CREATE TABLE elsewhere (id int)")
    assert cli("migrate", "deploy", url, "--schema", str(schema)).returncode == 0
    agreed = cli("schema", "check", url, *options)
    assert agreed.returncode == 0, agreed.stdout + agreed.stderr
    with connect(fresh_database, read_only=False) as connection:
        connection.execute('ALTER TABLE "a b"."Person" ADD COLUMN by_hand int')
    differing = cli("schema", "check", url, *options)
    assert differing.returncode == 19
    assert differing.stdout == (
        "database and migrations: this would make the database what its migrations made; nothing was run\n"
        '  "Person"\n    ALTER TABLE "Person" DROP COLUMN "by_hand";\n'
    )


def test_a_function_of_another_schema_stays_named_with_it(cli: Cli, tmp_path: Path, fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE FUNCTION public.made() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("CREATE SCHEMA shared; CREATE TABLE shared.a (id int PRIMARY KEY DEFAULT public.made())")
    schema = tmp_path / "schema.prisma"
    pulled = cli("schema", "pull", fresh_database, "--schema", str(schema), "--schemas", "shared")
    assert pulled.returncode == 0, pulled.stderr
    assert 'dbgenerated("public.made()")' in schema.read_text(encoding="utf-8")
    script = cli("migrate", "diff", "--from", "empty", "--to", f"{_with_schema(fresh_database, 'shared')}", "--script")
    assert "DEFAULT public.made()" in script.stdout


def _with_schema(url: str, name: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}schema={name}"


def test_without_a_database_names_mean_the_schema_of_the_projects_address(cli: Cli, tmp_path: Path) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text(SCHEMA.replace('"postgresql"', '"postgresql"\n  url      = env("APP")'), encoding="utf-8")
    write_migration(tmp_path / "migrations", "20260101000000_init", CREATED.replace('"Person" (', 'api."Person" ('))
    options = ("--schema", str(schema), "--migrations", str(tmp_path / "migrations"))
    lost = cli("schema", "check", *options, env={"DATABASE_URL": "", "APP": ""})
    assert lost.returncode == 16
    assert "?schema=" in lost.stderr
    (tmp_path / ".env").write_text("APP=postgresql://nowhere/app?schema=api\n", encoding="utf-8")
    agreed = cli("schema", "check", *options, env={"DATABASE_URL": "postgresql://nowhere/app"})
    assert agreed.returncode == 0, agreed.stdout + agreed.stderr
    sides = ("--from", f"migrations:{tmp_path / 'migrations'}", "--to", str(schema))
    same = cli("migrate", "diff", *sides, env={"APP": "postgresql://nowhere/app?schema=api"})
    assert same.stdout == "No difference.\n", same.stderr


def test_what_does_not_agree_is_found_and_named(
    cli: Cli, project: Path, tmp_path: Path, fresh_database: str, settings: Settings
) -> None:
    with migrating(fresh_database, settings) as connection:
        connection.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        deploy(connection, [Migration("20260101000000_init", CREATED)])
    options = ("--schema", str(project), "--mirrors", str(tmp_path / "out"), "--format", "json")
    cli("schema", "generate", str(tmp_path / "out"), "--schema", str(project))
    agreed = cli("schema", "check", fresh_database, *options)
    assert agreed.returncode == 0, agreed.stderr
    report = json.loads(agreed.stdout)
    assert report["compared"] == ["the schema", "its migrations", "the database", "its mirrors"]
    with connect(fresh_database, read_only=False) as connection:
        connection.execute('ALTER TABLE "Person" ADD COLUMN by_hand int')
    project.write_text(SCHEMA.replace("String?", "String"), encoding="utf-8")
    differing = cli("schema", "check", fresh_database, *options)
    assert differing.returncode == 19
    found = json.loads(differing.stdout)["differences"]
    told = {(each["between"], each["concerns"]): each["told"] for each in found}
    assert told["database and migrations", '"Person"'] == 'ALTER TABLE "Person" DROP COLUMN "by_hand";'
    assert "SET NOT NULL" in told["migrations and schema", '"Person"']
    assert f"`pgarchitect schema generate {tmp_path / 'out'}` writes it anew" in told["mirror and schema", "rows.py"]
    github = cli("schema", "check", "--schema", str(project), "--format", "github")
    assert github.stdout.startswith(f"::error file={project},title=Drift between migrations and schema::")


def test_mirrors_are_those_of_the_settings_and_each_folder_has_some(
    cli: Cli, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--schema", str(project))
    first, second = tmp_path / "first", tmp_path / "second"
    cli("schema", "generate", str(first), "--only", "client", *options)
    cli("schema", "generate", str(second), "--only", "python", *options)
    (first / "__init__.py").write_text('"""Mine."""\n', encoding="utf-8")
    monkeypatch.setenv("PGARCHITECT_MIRRORS", f"{first}{os.pathsep}{second}")
    agreed = cli("schema", "check", *options)
    assert agreed.returncode == 0, agreed.stdout
    assert "its mirrors" in agreed.stdout
    (second / "rows.py").unlink()
    (first / "client.py").write_text("pass\n", encoding="utf-8")
    differing = cli("schema", "check", *options)
    assert differing.returncode == 19
    assert "rows.py\n    is missing" in differing.stdout
    assert "client.py\n    was not generated, or was edited" in differing.stdout
    misspelt = cli("schema", "check", *options, "--mirrors", str(second), "--mirrors", str(tmp_path / "typo"))
    assert misspelt.returncode == 2
    assert "There is no mirror in" in misspelt.stderr


def test_a_schema_alone_is_not_said_to_agree(cli: Cli, project: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    alone = cli("schema", "check", "--schema", str(project), "--migrations", str(tmp_path / "none"))
    assert (alone.returncode, alone.stdout) == (0, "")
    assert alone.stderr.startswith(f"Nothing was compared: there is no migration in {tmp_path}")
    missing = cli("schema", "check", "--schema", str(project), "--migrations", str(tmp_path / "typo"))
    assert missing.returncode == 2
    assert "typo does not exist; name the folder of migrations" in missing.stderr


def test_an_index_that_was_recommended_becomes_part_of_the_schema(cli: Cli, project: Path, tmp_path: Path) -> None:
    options = ("--schema", str(project))
    said = cli("schema", "index", 'CREATE INDEX CONCURRENTLY by_name ON public."Person" (name DESC);', *options)
    assert said.returncode == 0, said.stderr
    assert project.read_text(encoding="utf-8") == SCHEMA.replace(
        "  name String?\n", '  name String?\n\n  @@index([name(sort: Desc)], map: "by_name")\n'
    )
    unsaid = cli(
        "schema", "index", 'CREATE INDEX part ON "Person" (lower(name)) WHERE id > 5', "--name", "part", *options
    )
    assert unsaid.returncode == 0, unsaid.stderr
    [written] = (tmp_path / "migrations").glob("*_part/migration.sql")
    assert "WHERE id > 5;" in written.read_text(encoding="utf-8")
    assert "lower" not in project.read_text(encoding="utf-8")
    again = cli("schema", "index", 'CREATE INDEX other ON "Person" (name DESC)', *options)
    assert '@@index([name(sort: Desc)], map: "by_name")' in again.stdout
    assert "other" not in project.read_text(encoding="utf-8")
    carrying = cli("schema", "index", 'CREATE INDEX c ON "Person" (id) INCLUDE (name)', "--name", "carrying", *options)
    assert carrying.returncode == 0, carrying.stderr
    assert "INCLUDE" in next((tmp_path / "migrations").glob("*_carrying/migration.sql")).read_text(encoding="utf-8")
    gone = cli("schema", "index", "DROP INDEX CONCURRENTLY public.by_name;", *options)
    assert gone.returncode == 0, gone.stderr
    assert project.read_text(encoding="utf-8") == SCHEMA
    undeclared = cli("schema", "index", "DROP INDEX CONCURRENTLY part;", *options)
    assert "does not declare this index" in undeclared.stdout
    script = next((tmp_path / "migrations").glob("*_drop_index/migration.sql")).read_text(encoding="utf-8")
    assert script == "-- DropIndex\nDROP INDEX CONCURRENTLY part;\n"
    for wrong, code in (
        ("CREATE INDEX x ON nowhere (a)", 10),
        ("DROP TABLE a", 2),
        ("CREATE INDEX a ON b (c); DROP TABLE d", 2),
    ):
        refused = cli("schema", "index", wrong, *options)
        assert refused.returncode == code
        assert "Traceback" not in refused.stderr
