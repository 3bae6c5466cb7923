"""Taking turns with Prisma itself on one database: each finds in order what the other did, failures included."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pgarchitect.errors import HistoryDiverged, MigrationFailed
from pgarchitect.schema.difference import Wishes, migration_script
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.folder import SCRIPT, Migration, read_migrations, write_migration
from pgarchitect.schema.migrations.history import read_history
from pgarchitect.schema.migrations.lock import migration_lock
from pgarchitect.schema.migrations.planning import drift, plan
from pgarchitect.schema.migrations.resolving import resolve_applied, resolve_rolled_back
from pgarchitect.schema.migrations.state import State, compare
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.settings import Settings
from tests.migrations_lab import deployed, folder_of, rows, run
from tests.prisma_engine import DATABASE, PrismaEngine, PrismaError, is_empty, migrations

pytestmark = pytest.mark.thorough

FIRST = """datasource db {
  provider = "postgresql"
}

enum Role {
  READER
  WRITER
}

model User {
  id      Int      @id @default(autoincrement())
  email   String   @unique @db.VarChar(200)
  role    Role     @default(READER)
  tags    String[] @default(["new"])
  balance Decimal  @default(0) @db.Decimal(12, 2)
  posts   Post[]
  groups  Group[]
}

model Post {
  id       BigInt   @id @default(autoincrement())
  title    String
  meta     Json     @default("{}")
  at       DateTime @default(now()) @db.Timestamptz(3)
  authorId Int?     @map("author_id")
  author   User?    @relation(fields: [authorId], references: [id], onDelete: SetNull)

  @@index([authorId, at(sort: Desc)])
  @@map("posts")
}

model Group {
  id    String @id @default(uuid()) @db.Uuid
  users User[]
}
"""
SECOND = FIRST.replace("  WRITER\n", "  WRITER\n  OWNER\n").replace(
    "title    String\n", "title    String   @db.VarChar(80)\n"
)
THIRD = SECOND.replace("  balance Decimal  @default(0) @db.Decimal(12, 2)\n", "").replace(
    "model Group {", "model Note {\n  id Int @id\n  text String?\n}\n\nmodel Group {"
)
FOURTH = THIRD.replace("  text String?\n", '  text String @default("it\'s")\n  more Json?\n')


@pytest.fixture
def database(fresh_database: str) -> str:
    """An empty database as Prisma sees it."""
    run(fresh_database, "DROP EXTENSION pg_stat_statements")
    return fresh_database


def ours(url: str, folder: Path, name: str, text: str) -> str:
    """Write the next migration as `migrate dev` does, and deploy."""
    there = read_migrations(folder)
    steps = plan(parse_schema({"schema.prisma": text}), there, Settings()).steps(Wishes(keep_inexpressible=True))
    write_migration(folder, name, migration_script(steps))
    assert deployed(url, folder).applied == (name,)
    return name


def theirs(prisma: PrismaEngine, url: str, folder: Path, name: str, text: str) -> str:
    """The same by Prisma."""
    assert prisma.create_migration(url, folder, name, text)
    (made,) = prisma.apply_migrations(url, folder)
    return made


def state_of(url: str, folder: Path) -> State:
    with migrating(url, Settings()) as connection:
        return compare(read_migrations(folder), read_history(connection))


def assert_in_step(prisma: PrismaEngine, url: str, folder: Path, text: str) -> None:
    """Both find everything in order: the history, the database, the schema."""
    found = prisma.diagnose_history(url, folder)
    assert (found["history"], found["editedMigrationNames"], found["failedMigrationNames"]) == (None, [], [])
    assert prisma.dev_diagnostic(url, folder) == ""
    assert prisma.in_sync(url, text)
    assert is_empty(prisma.diff(migrations(folder), DATABASE, url))
    assert prisma.apply_migrations(url, folder) == []
    there = read_migrations(folder)
    assert state_of(url, folder).is_current
    with migrating(url, Settings()) as connection:
        assert drift(connection, there, Settings()) == ()
    assert plan(parse_schema({"s": text}), there, Settings()).steps(Wishes(keep_inexpressible=True)) == ()
    assert deployed(url, folder).applied == ()


def test_we_begin_and_they_go_on(prisma: PrismaEngine, database: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    ours(database, folder, "20260101000000_first", FIRST)
    assert_in_step(prisma, database, folder, FIRST)
    theirs(prisma, database, folder, "second", SECOND)
    assert_in_step(prisma, database, folder, SECOND)
    ours(database, folder, "20990101000000_third", THIRD)
    assert_in_step(prisma, database, folder, THIRD)
    run(database, """INSERT INTO "Note" VALUES (1, NULL); UPDATE "Note" SET text = ''""")
    ours(database, folder, "20990101000001_fourth", FOURTH)
    assert_in_step(prisma, database, folder, FOURTH)


def test_they_begin_and_we_go_on(prisma: PrismaEngine, database: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    theirs(prisma, database, folder, "first", FIRST)
    assert_in_step(prisma, database, folder, FIRST)
    ours(database, folder, "20980101000000_second", SECOND)
    assert_in_step(prisma, database, folder, SECOND)
    # They write, we apply.
    assert prisma.create_migration(database, folder, "third", THIRD)
    third = max(each.name for each in folder.iterdir() if each.name.endswith("_third"))
    (folder / third).rename(folder / "20990101000000_third")
    assert deployed(database, folder).applied == ("20990101000000_third",)
    assert_in_step(prisma, database, folder, THIRD)


def test_what_failed_here_blocks_them_until_either_resolves_it(
    prisma: PrismaEngine, database: str, tmp_path: Path
) -> None:
    name = "20260101000000_broken"
    folder = folder_of(tmp_path / "m", {name: "CREATE TABLE a (id int PRIMARY KEY); SELECT 1/0;"})
    with pytest.raises(MigrationFailed):
        deployed(database, folder)
    with pytest.raises(PrismaError) as refused:
        prisma.apply_migrations(database, folder)
    assert refused.value.code == "P3009"
    assert prisma.diagnose_history(database, folder)["failedMigrationNames"] == [name]
    prisma.resolve(database, folder, name, applied=False)
    folder_of(folder, {name: "CREATE TABLE a (id int PRIMARY KEY);"})
    assert deployed(database, folder).applied == (name,)
    assert prisma.apply_migrations(database, folder) == []


def test_what_failed_there_blocks_us_until_either_resolves_it(
    prisma: PrismaEngine, database: str, tmp_path: Path
) -> None:
    name = "20260101000000_broken"
    folder = folder_of(tmp_path / "m", {name: "CREATE TABLE a (id int PRIMARY KEY); SELECT 1/0;"})
    with pytest.raises(PrismaError):
        prisma.apply_migrations(database, folder)
    with pytest.raises(MigrationFailed, match=f"{name}.*failed earlier.*division by zero"):
        deployed(database, folder)
    with migrating(database, Settings()) as connection:
        resolve_rolled_back(connection, name)
    folder_of(folder, {name: "CREATE TABLE a (id int PRIMARY KEY);"})
    assert prisma.apply_migrations(database, folder) == [name]
    assert state_of(database, folder).is_current


def test_a_database_in_use_is_taken_over_for_both(prisma: PrismaEngine, database: str, tmp_path: Path) -> None:
    name = "0_init"
    folder = folder_of(tmp_path / "m", {name: prisma.create_script(FIRST)})
    run(database, prisma.create_script(FIRST))
    with pytest.raises(PrismaError) as refused:
        prisma.apply_migrations(database, folder)
    assert refused.value.code == "P3005"
    with pytest.raises(HistoryDiverged, match="not empty"):
        deployed(database, folder)
    with migrating(database, Settings()) as connection:
        resolve_applied(connection, read_migrations(folder), name)
    assert_in_step(prisma, database, folder, FIRST)


def test_edited_scripts_and_line_ends_are_seen_alike(prisma: PrismaEngine, database: str, tmp_path: Path) -> None:
    names = ["20260101000000_unix", "20260101000001_windows"]
    folder = folder_of(tmp_path / "m", {names[0]: "SELECT 1;\nSELECT 2;\n", names[1]: "SELECT 3;\r\nSELECT 4;\r\n"})
    deployed(database, folder)
    folder_of(folder, {names[0]: "SELECT 1;\r\nSELECT 2;\r\n", names[1]: "SELECT 3;\nSELECT 4;\n"})
    assert prisma.diagnose_history(database, folder)["editedMigrationNames"] == []
    assert state_of(database, folder).edited == ()
    (folder / names[0] / SCRIPT).write_text("SELECT 5;")
    assert prisma.diagnose_history(database, folder)["editedMigrationNames"] == [names[0]]
    assert state_of(database, folder).edited == (names[0],)


def test_both_write_the_same_row(prisma: PrismaEngine, database: str, tmp_path: Path) -> None:
    scripts = {"20260101000000_a": "SELECT 1;", "20260101000001_b": "SELECT 2;"}
    folder = folder_of(tmp_path / "m", {"20260101000000_a": "SELECT 1;"})
    deployed(database, folder)
    prisma.apply_migrations(database, folder_of(folder, scripts))
    found = rows(
        database,
        "SELECT migration_name, checksum, logs, rolled_back_at, applied_steps_count, length(id),"
        " finished_at >= started_at FROM _prisma_migrations ORDER BY started_at",
    )
    assert found == [(name, Migration(name, text).checksum, None, None, 1, 36, True) for name, text in scripts.items()]


def test_they_wait_for_our_lock(prisma: PrismaEngine, database: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", {"20260101000000_a": "SELECT 1;"})
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369 AND NOT granted"
    with ThreadPoolExecutor() as pool:
        with migrating(database, Settings()) as connection, migration_lock(connection):
            applied = pool.submit(prisma.apply_migrations, database, folder)
            while rows(database, waiting) == [(0,)]:
                assert not applied.done()
                time.sleep(0.02)
        assert applied.result() == ["20260101000000_a"]
    assert state_of(database, folder).is_current
