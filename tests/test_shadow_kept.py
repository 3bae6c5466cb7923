"""Databases that migrations made are kept until anything changes of which they are made, and never by mistake."""

from collections.abc import Sequence

import pytest

from pgarchitect.errors import MigrationFailed
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.schema.database_schema import Extension
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.replaying import replayed_database
from pgarchitect.settings import Settings
from tests.migrations_lab import rows

KEPT = "SELECT oid::bigint FROM pg_database WHERE datname LIKE 'pgarchitect_replayed_%' ORDER BY oid"
SHADOWS = "SELECT datname::text FROM pg_database WHERE datname LIKE 'pgarchitect_shadow_%'"


def made(settings: Settings, *scripts: str, extensions: Sequence[Extension] = ()) -> list[str]:
    """Tables that the scripts make."""
    migrations = [Migration(f"{number:02}", script) for number, script in enumerate(scripts)]
    with replayed_database(settings, migrations, extensions) as connection:
        return [each.name for each in read_database_schema(connection).tables]


def test_it_is_kept_as_long_as_nothing_changes(
    server: EmbeddedServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set(rows(server.url(), KEPT))

    def fresh() -> int:
        now = set(rows(server.url(), KEPT))
        new = len(now - seen)
        seen.update(now)
        return new

    assert made(settings, "CREATE TABLE a (id int)") == ["a"]
    assert fresh() == 1
    assert made(settings, "CREATE TABLE a (id int)") == ["a"]
    assert fresh() == 0
    assert made(settings, "CREATE TABLE a (id int);") == ["a"]
    assert fresh() == 1
    assert made(settings, "CREATE TABLE a (id int)", "CREATE TABLE b (id int)") == ["a", "b"]
    assert fresh() == 1
    assert made(settings, "CREATE TABLE a (id int)", extensions=[Extension("citext")]) == ["a"]
    assert fresh() == 1
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    assert made(settings, "CREATE TABLE a (id int)", extensions=[Extension("citext")]) == ["a"]
    assert fresh() == 1
    assert len(rows(server.url(), KEPT)) == 3
    assert rows(server.url(), SHADOWS) == []


@pytest.mark.parametrize(
    "script",
    [
        "DO $$ BEGIN CREATE TABLE a (id int); END $$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE a (id int)",
    ],
)
def test_what_a_program_makes_is_made_every_time(server: EmbeddedServer, settings: Settings, script: str) -> None:
    before = rows(server.url(), KEPT)
    assert made(settings, script) == ["a"]
    assert rows(server.url(), KEPT) == before
    assert rows(server.url(), SHADOWS) == []


def test_what_a_script_sets_is_over_when_the_next_one_begins(settings: Settings) -> None:
    away = (
        "CREATE SCHEMA IF NOT EXISTS away; SET search_path = away; CREATE ROLE nobody_of_them; SET ROLE nobody_of_them"
    )
    still_open = "BEGIN; CREATE TABLE b (id int); SET search_path = away"
    ending = f"{away} -- and a comment that ends with the file"
    assert made(settings, f"DROP ROLE IF EXISTS nobody_of_them; {ending}", "CREATE TABLE a (id int)") == ["a"]
    assert made(settings, still_open, "CREATE TABLE a (id int)") == ["b", "a"]
    assert made(settings, "DROP ROLE IF EXISTS nobody_of_them", "CREATE TABLE a (id int)") == ["a"]


def test_what_fails_is_not_kept(server: EmbeddedServer, settings: Settings) -> None:
    before = rows(server.url(), KEPT)
    with pytest.raises(MigrationFailed, match="The migration 01 fails"):
        made(settings, "CREATE TABLE a (id int)", "CREATE TABLE a (id int)")
    with pytest.raises(ZeroDivisionError), replayed_database(settings, [Migration("x", "SELECT 1")], ()):
        raise ZeroDivisionError
    assert rows(server.url(), KEPT) == before
    assert rows(server.url(), SHADOWS) == []
