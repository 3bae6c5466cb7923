"""Sandboxes of difficult sources: rights, policies, locks, other servers, missing extensions, versions, standbys."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Final

import psycopg
import pytest

from pgarchitect.errors import CannotConnect, PgArchitectError, StatementRefused
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.marker import MARKER
from pgarchitect.sandbox.courtesy import InTheWay
from pgarchitect.sandbox.sandbox import sandboxes
from pgarchitect.sandbox.snapshot import snapshot
from pgarchitect.settings import Settings
from tests.embedded_lab import wait_for
from tests.sandbox_lab import drop, made, one, reader, rows, run, sandbox
from tests.scratch_server import ScratchServer, scratch_server, standby_of
from tests.test_twin_robust_source import extension_file, fake_extension, standby_has_all

DEBIAN_15: Final = Path("/usr/lib/postgresql/15/bin")
SHOP: Final = """
CREATE TABLE plain (id int PRIMARY KEY, note text);
INSERT INTO plain SELECT i, 'n' || i FROM generate_series(1, 1000) i;
CREATE TABLE hidden (id int PRIMARY KEY, plain int REFERENCES plain); INSERT INTO hidden VALUES (1, 1);
CREATE TABLE policed (id int PRIMARY KEY); INSERT INTO policed SELECT generate_series(1, 10);
ALTER TABLE policed ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON policed USING (id < 5);
CREATE VIEW over_policed AS SELECT * FROM policed;
CREATE EXTENSION postgres_fdw; CREATE SERVER production FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'production');
CREATE USER MAPPING FOR PUBLIC SERVER production OPTIONS (user 'boss', password 'secret');
CREATE FOREIGN TABLE far (id int) SERVER production;
CREATE SEQUENCE closed; CREATE UNLOGGED TABLE cache (id int PRIMARY KEY); INSERT INTO cache VALUES (1);
"""


@pytest.fixture(scope="module")
def source(settings: Settings) -> Iterator[ScratchServer]:
    """A server with a database that the role ``reader`` may read but for a table."""
    with scratch_server(settings, "wal_level = replica", "shared_preload_libraries = 'pg_stat_statements'") as server:
        run(server.url(), "CREATE DATABASE shop")
        run(server.url("shop"), SHOP, "CREATE EXTENSION pg_stat_statements")
        reader(server)
        run(server.url("shop"), "CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA public TO guest")
        run(server.url("shop"), "GRANT SELECT ON plain, policed, cache TO guest")
        yield server


def reasons(found: object) -> dict[str, str]:
    return {each.name: each.reason for each in found.left_out}  # type: ignore[attr-defined]  # of Made


def test_what_cannot_be_read_is_left_out_by_name(source: ScratchServer, settings: Settings) -> None:
    with sandbox(source.url("shop", role="guest"), settings, "guest") as (found, url):
        told = reasons(found)
        assert set(told) == {'"public"."hidden"', '"public"."policed"', '"public"."far"'}
        assert told['"public"."hidden"'].startswith('the role "guest" may not read it; run GRANT pg_read_all_data TO')
        assert "row level security would hide rows of it" in told['"public"."policed"']
        assert 'ALTER ROLE "guest" BYPASSRLS' in told['"public"."policed"']
        assert "it is a foreign table" in told['"public"."far"']
        assert found.missing == ()
        assert found.warnings == (
            'The role may not read the sequences "public"."closed"; in the sandbox they begin anew.',
        )
        assert {row[0] for row in rows(url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND oid >= 16384")} == {
            "plain", "cache",
        }  # fmt: skip
        assert one(url, "SELECT count(*) FROM plain") == 1000


def test_no_way_leads_out_of_it(source: ScratchServer, settings: Settings) -> None:
    with sandbox(source.url("shop", role="reader"), settings, "shop") as (_, url):
        assert rows(url, "SELECT srvname FROM pg_foreign_server") == []
        assert rows(url, "SELECT * FROM pg_user_mappings") == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(url, "SELECT pg_read_file('/etc/passwd')")


def test_every_statement_is_marked_and_none_names_a_key(source: ScratchServer, settings: Settings) -> None:
    run(source.url("shop"), "SELECT pg_stat_statements_reset()")
    made(source.url("shop", role="reader"), settings, "marked")
    drop("marked", settings)
    told = rows(source.url("shop"), "SELECT query FROM pg_stat_statements WHERE userid = 'reader'::regrole")
    assert any("COPY" in query for (query,) in told)
    assert [query for (query,) in told if MARKER not in query] == []


def test_a_held_table_is_left_out_by_name(source: ScratchServer, settings: Settings) -> None:
    impatient = settings.model_copy(update={"lock_timeout_ms": 300})
    with connect(source.url("shop"), read_only=False) as holder, holder.transaction():
        holder.execute("LOCK TABLE plain IN ACCESS EXCLUSIVE MODE")
        found = made(source.url("shop", role="reader"), impatient, "held")
    drop("held", settings)
    assert "ACCESS EXCLUSIVE" in reasons(found)['"public"."plain"']
    assert [each.name for each in found.tables if "hidden" in each.name] == ['"public"."hidden"']


def test_we_go_when_somebody_waits_for_us(source: ScratchServer, settings: Settings) -> None:
    """Whatever we do just then; here nothing, as while the schema is created."""
    url = source.url("shop")
    change = Thread(target=run, args=(url, "SET lock_timeout = '60s'; ALTER TABLE plain ADD COLUMN late int"))

    def read_until_it_is_changed() -> None:
        with snapshot(url, settings.model_copy(update={"lock_timeout_ms": 100}), ()):
            change.start()
            change.join()

    with pytest.raises(InTheWay) as raised:
        read_until_it_is_changed()
    assert "The copy was given up, since a session of the source waited for it" in str(raised.value)
    assert "ADD COLUMN late" in str(raised.value)
    assert one(url, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'late'") == 1
    run(url, "ALTER TABLE plain DROP COLUMN late")


def test_rows_that_the_sandbox_does_not_take(source: ScratchServer, settings: Settings) -> None:
    """A function may judge otherwise there: what it calls is not there, or it knows no superuser."""
    run(source.url(), "CREATE DATABASE odd")
    run(
        source.url("odd"),
        "CREATE FUNCTION strict(n int) RETURNS boolean LANGUAGE sql AS $$"
        " SELECT current_setting('is_superuser') = 'on' $$",
        "CREATE TABLE odd (id int PRIMARY KEY CHECK (strict(id))); INSERT INTO odd VALUES (1)",
        "CREATE VIEW over_odd AS SELECT * FROM odd",
        "CREATE TABLE refers (id int PRIMARY KEY, odd int REFERENCES odd); INSERT INTO refers VALUES (1, 1)",
    )
    with sandbox(source.url("odd", role="reader"), settings, "odd") as (found, url):
        assert list(reasons(found)) == ['"public"."odd"']
        assert "the sandbox does not take its rows (new row for relation" in reasons(found)['"public"."odd"']
        assert rows(url, "SELECT to_regclass('odd'), to_regclass('over_odd')") == [(None, None)]
        assert one(url, "SELECT count(*) FROM refers") == 1


def test_a_standby_can_be_the_source(source: ScratchServer, settings: Settings) -> None:
    with standby_of(source, settings) as standby:
        wait_for(lambda: standby_has_all(source, standby))
        with sandbox(standby.url("shop", role="postgres"), settings, "standby") as (found, url):
            assert reasons(found)['"public"."cache"'].startswith("it is unlogged, and a standby does not have its rows")
            assert one(url, "SELECT count(*) FROM plain") == 1000


def test_a_source_of_another_version(settings: Settings) -> None:
    """Its own programs serve it where they are installed; else ours do, and that is told."""
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 of Debian is not installed here")
    with scratch_server(settings, programs=DEBIAN_15) as server, fake_extension(server) as extension:
        run(
            server.url(),
            f"CREATE EXTENSION {extension}",
            "CREATE TABLE place (id int, at shape)",
            "CREATE TABLE plain (n int)",
        )
        run(server.url(), "INSERT INTO plain VALUES (1); CREATE SEQUENCE own; CREATE TYPE colour AS ENUM ('red')")
        run(server.url(), "CREATE TABLE painted (c colour[]); INSERT INTO painted VALUES ('{red}')")
        with sandbox(server.url(), settings, "fifteen") as (found, url):
            assert one(url, "SELECT current_setting('server_version_num')::int / 10000") == 15
            assert found.warnings == ()
            assert found.left_out == ()
            assert rows(url, "SELECT c[1] FROM painted") == [("red",)]
        extension_file(extension, "control").unlink()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pgarchitect.twin.programs._installed", lambda _: iter(()))
            with sandbox(server.url(), settings, "eighteen") as (found, url):
                assert one(url, "SELECT current_setting('server_version_num')::int / 10000") == 18
                assert "The sandbox is PostgreSQL 18 and the source 15" in found.warnings[0]
                assert list(reasons(found)) == ['"public"."place"']
                assert f"the sandbox's server lacks the extension {extension}" in reasons(found)['"public"."place"']
                assert rows(url, "SELECT * FROM plain") == [(1,)]
                assert rows(url, "SELECT c[1] FROM painted") == [("red",)]


def test_bytes_of_an_unknown_encoding_pass_as_they_are(source: ScratchServer, settings: Settings) -> None:
    run(source.url(), "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    run(
        source.url("bytes"),
        "CREATE TABLE t (s text)",
        "SET client_encoding = 'SQL_ASCII'; INSERT INTO t VALUES (E'a\\xe9\\xff')",
    )
    with sandbox(source.url("bytes", role="reader"), settings, "bytes") as (found, url):
        assert found.left_out == ()
        query = "SELECT encode(s::bytea, 'hex') FROM t"
        assert one(url, query) == one(source.url("bytes"), query)


@pytest.mark.parametrize(
    ("database", "error", "said"),
    [
        ("no_such", CannotConnect, 'There is no database "no_such"'),
        ("gone", StatementRefused, "did not send its rows"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    source: ScratchServer, settings: Settings, database: str, error: type[PgArchitectError], said: str
) -> None:
    if database == "gone":
        run(source.url(), "CREATE DATABASE gone")
        run(source.url("gone"), "CREATE TABLE t (id int)")
        run(source.url("gone"), "INSERT INTO t VALUES (1)")
        path = one(source.url("gone"), "SELECT pg_relation_filepath('t')")
        run(source.url("gone"), "CHECKPOINT")
        source.restart()
        (source.data / path).write_bytes(b"\1" * 8192)
    with pytest.raises(error) as raised:
        made(source.url(database, role="reader"), settings, "wrong")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "wrong" not in {each.name for each in sandboxes(settings)}
