"""`pgarchitect migrate` as a user calls it: dev, deploy, status, resolve, diff and reset."""

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from pgarchitect.cli.main import app
from pgarchitect.errors import PgArchitectError, StatementRefused
from pgarchitect.postgres.dsn import read_dsn
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.folder import write_migration
from pgarchitect.settings import Settings
from tests.migrations_lab import rows, run

pytestmark = pytest.mark.thorough

SCHEMA = """datasource db {
  provider = "postgresql"
  url      = env("APP_DATABASE")
}

model User {
  id    Int    @id @default(autoincrement())
  email String @unique
  name  String
}
"""


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, what it printed, and its sentence."""

    code: int
    stdout: str
    stderr: str


class Project:
    """A folder as an application has it; the test runs in it."""

    def __init__(self, folder: Path, url: str, settings: Settings) -> None:
        """Make it, with an .env that names the database."""
        self.schema = folder / "prisma" / "schema.prisma"
        self.migrations = folder / "prisma" / "migrations"
        self.url = url
        self.environment = {**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)}
        self.schema.parent.mkdir()
        self.write(SCHEMA)
        (folder / "prisma" / ".env").write_text(f'# the database\nAPP_DATABASE="{url}"\n')

    def write(self, text: str) -> None:
        """Change the schema."""
        self.schema.write_text(text)

    def run(self, *arguments: str, code: int = 0) -> Done:
        """Run `pgarchitect migrate`; it must end with the exit code."""
        result = CliRunner().invoke(app, ["migrate", *arguments])
        error = result.exception
        if error is not None and not isinstance(error, (PgArchitectError, SystemExit)):
            raise error
        ours = isinstance(error, PgArchitectError)
        ended = error.exit_code if isinstance(error, PgArchitectError) else result.exit_code
        done = Done(ended, result.stdout, result.stderr + (str(error) if ours else ""))
        assert done.code == code, done
        return done

    def answered(self, answer: str, *arguments: str) -> int:
        """Run it on a terminal where somebody answers; the exit code."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "pgarchitect", "migrate", *arguments],
            env=self.environment,
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.write(ours, answer.encode())
        code = process.wait(timeout=120)
        os.close(ours)
        os.close(theirs)
        return code

    @property
    def names(self) -> list[str]:
        """What the migrations are about, in their order."""
        return [each.name[15:] for each in sorted(self.migrations.iterdir()) if each.is_dir()]


@pytest.fixture
def project(tmp_path: Path, fresh_database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose database is empty, and the current directory."""
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, fresh_database, settings)


def test_from_a_schema_to_a_database_and_on(project: Project) -> None:
    first = project.run("dev", "--name", "Add the users")
    assert "add_the_users" in first.stdout
    assert project.names == ["add_the_users"]
    run(project.url, """INSERT INTO "User" (email, name) VALUES ('a@b', 'Ann')""")
    assert "in step" in project.run("dev").stdout
    project.write(SCHEMA.replace("name  String", "title String").replace("@unique", ""))
    refused = project.run("dev", "--name", "second", code=18)
    assert 'column "name" of "User"' in refused.stderr
    assert "--rename public.User.name:public.User.title" in refused.stderr
    assert project.names == ["add_the_users"]
    project.run("dev", "--name", "second", "--rename", "User.name:title")
    assert rows(project.url, 'SELECT title FROM "User"') == [("Ann",)]
    project.write(SCHEMA.replace("  name  String\n", ""))
    assert project.run("dev", "--name", "third", "--accept-data-loss", "--rename", "x:y", code=2).stderr
    project.run("dev", "--name", "third", "--accept-data-loss")
    status = json.loads(project.run("status", "--format", "json").stdout)
    assert (status["current"], len(status["applied"]), status["pending"]) == (True, 3, [])
    told = project.run("reset", code=18).stderr
    assert "1 table with all rows, public.User" in told
    assert rows(project.url, 'SELECT count(*) FROM "User"') == [(1,)]
    project.run("reset", "--force")
    assert rows(project.url, 'SELECT count(*) FROM "User"') == [(0,)]
    assert rows(project.url, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'") == [(1,)]


def test_a_development_database_that_is_not_there_is_made(project: Project, fresh_database: str) -> None:
    run(fresh_database, "DROP ROLE IF EXISTS no_maker; CREATE ROLE no_maker LOGIN")
    parts = read_dsn(fresh_database)
    name = f"{parts['dbname']} new"
    url = make_conninfo(**{**parts, "dbname": name})
    refused = project.run("deploy", url, code=3)
    assert f'There is no database "{name}"' in refused.stderr
    theirs = make_conninfo(**{**parts, "dbname": name, "user": "no_maker"})
    told = project.run("dev", theirs, "--name", "first", code=3).stderr
    assert "it could not be made (permission denied to create database); create it, or correct its name" in told
    try:
        assert f"Created the database {name}" in project.run("dev", url, "--name", "first").stdout
        assert rows(url, 'SELECT count(*) FROM "User"') == [(0,)]
        assert "Created" not in project.run("dev", url).stdout
    finally:
        run(fresh_database, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        run(fresh_database, "DROP ROLE no_maker")


def test_a_migration_that_the_rows_would_not_let_pass_is_not_written(project: Project) -> None:
    project.run("dev", "--name", "first")
    run(project.url, """INSERT INTO "User" (email, name) VALUES ('a@b', 'Ann')""")
    project.write(SCHEMA.replace("  name ", "  age   Int\n  name "))
    told = project.run("dev", "--name", "second", code=16).stderr
    assert 'would fail on the development database (column "age" of relation "User" contains null values)' in told
    assert "so it was not written. Give a new field a default" in told
    assert project.names == ["first"]
    assert json.loads(project.run("status", "--format", "json").stdout)["failed"] == []
    project.write(
        SCHEMA.replace("  name ", "  age   Int\n  name ").replace("String\n}", "String\n  @@index([name])\n}")
    )
    assert "so it was not written" in project.run("dev", "--name", "second", "--concurrently", code=16).stderr
    assert project.names == ["first"]
    project.write(SCHEMA.replace("  name ", "  age   Int @default(0)\n  name "))
    project.run("dev", "--name", "second")
    assert rows(project.url, 'SELECT name, age FROM "User"') == [("Ann", 0)]
    project.write(SCHEMA.replace("  name ", "  age   Int @default(0)\n  more  Int\n  name "))
    project.run("dev", "--name", "third", "--create-only")
    assert project.names == ["first", "second", "third"]


BY_HAND = """CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamped BEFORE UPDATE OF name ON "User" FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER other BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE POLICY own ON "User" USING (name <> '');
CREATE VIEW names AS SELECT name FROM "User";
CREATE TRIGGER instead INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE RULE none AS ON DELETE TO names DO INSTEAD NOTHING;
"""


def by_hand(project: Project, script: str) -> None:
    folder = project.migrations / "20990101000000_by_hand"
    folder.mkdir()
    (folder / "migration.sql").write_text(script)
    project.run("deploy")


def test_what_the_schema_has_no_word_for_steps_aside_and_comes_back(project: Project) -> None:
    project.run("dev", "--name", "first")
    by_hand(project, BY_HAND)
    project.write(SCHEMA.replace("  name  String\n", "  name  String @db.VarChar(9)\n"))
    project.run("dev", "--name", "second")
    script = next(project.migrations.glob("*_second/migration.sql")).read_text()
    assert script.count("DROP TRIGGER") == script.count("DROP POLICY") == 1
    assert [script.count(each) for each in ("CREATE TRIGGER", "CREATE POLICY", "CREATE RULE")] == [2, 1, 1]
    there = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION SELECT polname FROM pg_policy ORDER BY 1"
    assert rows(project.url, there) == [("instead",), ("other",), ("own",), ("stamped",)]
    assert "created anew" in script


def test_what_stands_in_the_way_is_named_and_the_migration_can_be_completed_by_hand(project: Project) -> None:
    project.run("dev", "--name", "first")
    by_hand(project, BY_HAND)
    project.write(SCHEMA.replace("  name  String\n", ""))
    told = project.run("dev", "--name", "second", "--accept-data-loss", code=16).stderr
    assert 'trigger stamped on table "User" depends on column name' in told
    assert "so it was not written. Write it with --create-only" in told
    assert project.names == ["first", "by_hand"]
    told = project.run("dev", "--name", "second", "--accept-data-loss", "--create-only").stderr
    assert "It fails as it is (cannot drop column name" in told
    script = next(project.migrations.glob("*_second/migration.sql"))
    drops = 'DROP TRIGGER stamped ON "User";\nDROP POLICY own ON "User";\n'
    script.write_text(drops + script.read_text())
    assert "in step" in project.run("dev").stdout


def test_a_value_that_rows_have_does_not_go(project: Project) -> None:
    roles = SCHEMA.replace("  name  String\n", "  name  String\n  role  Role   @default(A)\n")
    project.write(f"{roles}\nenum Role {{\n  A\n  B\n}}\n")
    project.run("dev", "--name", "first")
    run(project.url, """INSERT INTO "User" (email, name, role) VALUES ('a@b', 'Ann', 'B')""")
    project.write(f"{roles}\nenum Role {{\n  A\n}}\n")
    told = project.run("dev", "--name", "second", code=16).stderr
    assert 'invalid input value for enum "Role_new": "B"' in told
    assert "so it was not written. Change those rows" in told
    assert project.names == ["first"]
    run(project.url, """UPDATE "User" SET role = 'A'""")
    project.run("dev", "--name", "second")
    assert rows(project.url, "SELECT enumlabel FROM pg_enum") == [("A",)]
    project.write(f"{roles.replace('(A)', '(C)')}\nenum Role {{\n  A\n  C\n}}\n")
    project.run("dev", "--name", "third")
    by_hand(project, """CREATE FUNCTION of(r "Role") RETURNS int LANGUAGE sql AS 'SELECT 1'""")
    project.write(f"{roles.replace('(A)', '(C)')}\nenum Role {{\n  C\n}}\n")
    told = project.run("dev", "--name", "fourth", code=16).stderr
    assert 'function of("Role_old") depends on type "Role_old"' in told


def test_an_extension_that_the_schema_names_is_created_by_a_migration(project: Project) -> None:
    text = SCHEMA.replace("  url ", "  extensions = [citext, pg_trgm]\n  url ").replace("@unique", "@unique @db.Citext")
    text += 'generator client {\n  provider = "x"\n  previewFeatures = ["postgresqlExtensions"]\n}\n'
    project.write(text)
    project.run("dev", "--name", "first")
    [script] = project.migrations.glob("*/migration.sql")
    assert 'CREATE EXTENSION IF NOT EXISTS "citext";' in script.read_text()
    run(project.url, """INSERT INTO "User" (email, name) VALUES ('A@b', 'Ann')""")
    assert rows(project.url, """SELECT name FROM "User" WHERE email = 'a@B'""") == [("Ann",)]
    assert "in step" in project.run("dev").stdout
    assert project.names == ["first"]


def test_a_person_is_asked_about_a_rename(project: Project) -> None:
    project.run("dev", "--name", "first")
    run(project.url, """INSERT INTO "User" (email, name) VALUES ('a@b', 'Ann')""")
    project.write(SCHEMA.replace("name  String", "title String"))
    assert project.answered("n\n", "dev", "--name", "second") == 18
    assert project.answered("y\nrenamed\n", "dev") == 0
    assert project.names == ["first", "renamed"]
    assert rows(project.url, 'SELECT title FROM "User"') == [("Ann",)]


def test_writing_needs_no_database_and_deploying_no_schema(project: Project) -> None:
    (project.schema.parent / ".env").unlink()
    wrote = project.run("dev", "--name", "first", "--create-only")
    assert "prisma/migrations/" in wrote.stdout
    assert 'env("APP_DATABASE")' in project.run("deploy", code=2).stderr
    assert "--name" in project.run("dev", "--create-only", code=2).stderr
    deployed = project.run("deploy", project.url, "--migrations", "prisma/migrations")
    assert "1 migration applied" in deployed.stdout
    assert "every migration" in project.run("deploy", project.url).stdout


def test_what_was_changed_by_hand_is_named_and_taken_over(project: Project) -> None:
    project.run("dev", "--name", "first")
    run(project.url, 'ALTER TABLE "User" ADD age int; CREATE VIEW grown AS SELECT id FROM "User" WHERE age > 17')
    project.write(SCHEMA.replace("  name  String\n", "  name  String\n  age   Int?\n"))
    drifted = project.run("dev", "--name", "second", code=19)
    assert 'AlterTable "User"' in drifted.stderr
    assert 'DropView "grown"' in drifted.stderr
    taken = project.migrations / "20990101000000_taken_over"
    taken.mkdir()
    found = project.run("diff", "--from", "migrations:prisma/migrations", "--to", project.url, "--script", code=17)
    assert "has no migration.sql" in found.stderr
    (taken / "migration.sql").write_text("")
    script = project.run("diff", "--from", "migrations:prisma/migrations", "--to", project.url, "--script").stdout
    (taken / "migration.sql").write_text(script)
    project.run("resolve", "--applied", taken.name)
    assert "in step" in project.run("dev").stdout
    assert rows(project.url, "SELECT count(*) FROM grown") == [(0,)]


def test_edited_and_missing_migrations_are_named(project: Project) -> None:
    project.run("dev", "--name", "first")
    (name,) = [each.name for each in project.migrations.iterdir() if each.is_dir()]
    script = project.migrations / name / "migration.sql"
    script.write_text(script.read_text() + "-- edited\n")
    assert f"{name} was edited" in project.run("dev", "--name", "x", code=17).stderr
    assert f"edited   {name}" in project.run("status", code=17).stdout
    assert name in project.run("deploy").stderr
    script.unlink()
    script.parent.rmdir()
    assert f"{name} is not on disk" in project.run("dev", "--name", "x", code=17).stderr
    assert json.loads(project.run("status", "--format", "json", code=17).stdout)["missing"] == [name]


def test_a_role_that_may_not_and_a_server_that_only_reads_are_told(project: Project) -> None:
    run(project.url, "DROP ROLE IF EXISTS no_writer; CREATE ROLE no_writer LOGIN")
    theirs = make_conninfo(**{**read_dsn(project.url), "user": "no_writer"})
    try:
        project.run("dev", "--name", "first")
        for command in (("deploy",), ("status",), ("reset", "--force"), ("dev", "--name", "x")):
            told = project.run(command[0], theirs, *command[1:], code=10).stderr
            assert "The role may not do in database" in told
            assert "doctor" not in told
    finally:
        run(project.url, "DROP ROLE no_writer")
    told = "it is a standby, or it is only read; name the primary"
    with pytest.raises(StatementRefused, match=told), migrating(project.url, Settings()) as connection:
        connection.execute("BEGIN READ ONLY; CREATE TABLE a (b int)")


def test_a_folder_that_was_named_must_be_there(project: Project) -> None:
    assert "there is no migration in prisma/migrations" in project.run("deploy").stdout
    for command in ("deploy", "status", "reset"):
        assert "nowhere does not exist" in project.run(command, "--migrations", "nowhere", code=2).stderr
    project.run("dev", "--schema", "prisma/schema.prisma", "--migrations", "elsewhere", "--name", "first")
    assert "1 applied, 0 pending" in project.run("status", "--migrations", "elsewhere", project.url).stdout
    (project.schema.parent / ".env").write_bytes(b"A=\xff")
    assert "prisma/.env cannot be read (it is not text in UTF-8)" in project.run("status", code=2).stderr


def test_a_failure_is_told_and_resolved(project: Project) -> None:
    project.run("dev", "--name", "first", "--create-only")
    broken = project.migrations / "20990101000000_broken"
    broken.mkdir()
    (broken / "migration.sql").write_text("-- a comment\nSELECT nothing FROM nowhere;\n")
    failed = project.run("deploy", code=16)
    assert 'broken failed at line 2: relation "nowhere" does not exist. Nothing of it was kept.' in failed.stderr
    status = project.run("status", code=17)
    assert "1 applied, 0 pending, 1 failed" in status.stdout
    assert 'failed   20990101000000_broken  relation "nowhere" does not exist' in status.stdout
    assert "--rolled-back" in project.run("deploy", code=16).stderr
    assert project.run("resolve", code=2).stderr
    project.run("resolve", "--rolled-back", broken.name)
    (broken / "migration.sql").write_text("SELECT 1;\n")
    project.run("deploy")
    assert "2 applied, 0 pending\n" in project.run("status").stdout


def test_two_sides_are_compared(project: Project) -> None:
    same = project.run("diff", "--from", "prisma/schema.prisma", "--to", str(project.schema), "--exit-code")
    assert same.stdout == "No difference.\n"
    differing = project.run(
        "diff", "--from", "empty", "--to", "prisma/schema.prisma", "--summary", "--exit-code", code=19
    )
    assert 'CreateTable          "User"' in differing.stdout
    made = json.loads(
        project.run("diff", "--from", project.url, "--to", str(project.schema), "--format", "json").stdout
    )
    assert [each["kind"] for each in made["steps"]] == ["CreateTable", "CreateIndex"]
    gone = project.run("diff", "--from", str(project.schema), "--to", "empty", "--script").stdout
    assert 'DROP TABLE "User"' in gone
    assert project.run("diff", "--from", "nowhere.prisma", "--to", "empty", code=2).stderr
    write_migration(project.migrations, "20260101000000_init", "SELECT 1")
    folder = project.run("diff", "--from", "prisma/migrations", "--to", "empty", code=2).stderr
    assert "write migrations:prisma/migrations" in folder
    assert project.run("diff", "--from", "empty", "--to", "empty", "--script", "--summary", code=2).stderr


def test_migrations_of_two_branches_that_do_not_fit_are_told_before_one_fails(project: Project) -> None:
    project.run("dev", "--name", "first")
    project.write(SCHEMA.replace("  name ", "  age   Int?\n  name "))
    project.run("dev", "--name", "ours")
    theirs = project.migrations / "20250101000000_theirs"
    theirs.mkdir()
    (theirs / "migration.sql").write_text('ALTER TABLE "User" ADD COLUMN "age" INTEGER;')
    told = project.run("dev", "--name", "second", code=16).stderr
    assert 'The migration 20250101000000_theirs fails on an empty database (relation "User" does not exist)' in told
    theirs.rename(project.migrations / "20990101000000_theirs")
    told = project.run("dev", "--name", "second", code=16).stderr
    assert '(column "age" of relation "User" already exists)' in told
    status = json.loads(project.run("status", "--format", "json", code=17).stdout)
    assert (status["failed"], status["pending"]) == ([], ["20990101000000_theirs"])


def test_a_table_that_is_left_behind_in_a_schema_is_said(project: Project) -> None:
    both = SCHEMA.replace("  url ", '  schemas  = ["one", "two"]\n  url ').replace(
        "  name ", '  @@schema("two")\n  name '
    )
    project.write(both)
    project.run("dev", "--name", "first")
    moved = both.replace('@@schema("two")', '@@schema("one")')
    project.write(moved.replace('["one", "two"]', '["one"]'))
    told = project.run("dev", "--name", "second", "--create-only").stderr
    assert 'The table "one"."User" begins empty: one of its name stays in the schema two' in told


def test_a_name_that_the_server_would_cut_is_refused(project: Project) -> None:
    for name in ("a" * 64, "ä" * 32):
        project.write(SCHEMA.replace("  name  String", f'  name  String @map("{name}")'))
        told = project.run("dev", "--name", "first", code=15).stderr
        assert "has a name of 64 bytes in the database, and PostgreSQL cuts names after 63" in told
    assert not project.migrations.exists()


def test_databases_are_compared_within_one_schema(project: Project) -> None:
    parts = read_dsn(project.url)
    url = f"postgresql:///{parts['dbname']}?host={parts['host']}&user={parts['user']}"
    run(project.url, "CREATE SCHEMA app; CREATE TABLE app.a (b int)")
    told = project.run("diff", "--from", url, "--to", f"{url}&schema=app", code=2).stderr
    assert "different schemas (public and app)" in told
    assert "CreateTable" in project.run("diff", "--from", "empty", "--to", f"{url}&schema=app").stdout


def test_schemas_that_a_datasource_names_are_compared_and_reset(project: Project) -> None:
    several = SCHEMA.replace("  url ", '  schemas  = ["public", "audit"]\n  url ').replace(
        "  name  String\n}",
        '  name  String\n\n  @@schema("public")\n}\n\nmodel Log {\n  id Int @id\n\n  @@schema("audit")\n}',
    )
    project.write(several)
    project.run("dev", "--name", "first")
    assert rows(project.url, 'SELECT count(*) FROM audit."Log"') == [(0,)]
    assert project.names == ["first"]
    project.run("dev")
    run(project.url, "CREATE TABLE audit.other (id int); CREATE SCHEMA untouched; CREATE TABLE untouched.t (id int)")
    assert '"audit"."other"' in project.run("dev", code=19).stderr
    project.run("reset", "--force")
    assert rows(project.url, "SELECT to_regclass('audit.other'), to_regclass('untouched.t')::text") == [
        (None, "untouched.t")
    ]
    project.run("dev")


def test_mirrors_that_are_there_follow_the_database(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = project.run("dev", "--name", "first", "--generate", "app/all", "--generate", "app/some")
    assert "Wrote app/all/kysely.ts" in first.stdout
    for each in Path("app/some").iterdir():
        if each.name != "tables.py":
            each.unlink()
    unchanged = project.run("dev", "--generate", "app/all")
    assert "The mirrors in app/all say what the schema says." in unchanged.stdout
    assert "Wrote" not in unchanged.stdout
    Path("app/all/rows.py").write_text("mine\n")
    project.write(SCHEMA.replace("name  String", "name  String?"))
    monkeypatch.setenv("PGARCHITECT_MIRRORS", f"app/all{os.pathsep}app/some")
    second = project.run("dev", "--name", "second")
    wrote = {line.removeprefix("Wrote ") for line in second.stdout.splitlines() if line.startswith("Wrote app/")}
    python = {"__init__.py", "enums.py", "tables.py", "writes.py"}
    others = {"client.py", "drizzle-schema.ts", "kysely.ts", "schema.json"}
    # Of the second folder only the Python mirror was there.
    assert wrote == {f"app/all/{each}" for each in python | others} | {
        f"app/some/{each}" for each in python | {"rows.py"}
    }
    assert "app/all/rows.py was not generated by pgarchitect, so it stays as it is" in second.stderr
    assert Path("app/all/rows.py").read_text() == "mine\n"
    assert 'sa.Column("name", sa.Text),' in Path("app/some/tables.py").read_text()
    project.write(SCHEMA)
    assert "Wrote app/" not in project.run("dev", "--name", "third", "--create-only").stdout
