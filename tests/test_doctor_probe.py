"""Each capability, taken away and given back on a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.pq import TransactionStatus

from pgarchitect.errors import MissingCapability
from pgarchitect.postgres import capability_server
from pgarchitect.postgres.capability import (
    PROBES,
    Capability,
    Needs,
    State,
    pg_stat_statements_schema,
    probe,
    require_audit,
)
from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings
from tests.scratch_server import ScratchServer, scratch_server, standby_of

Admin = psycopg.Connection[tuple[object, ...]]
OTHER_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("1[4-9]/bin"))


@pytest.fixture(scope="module")
def scratch(settings: Settings) -> Iterator[ScratchServer]:
    """A server with pg_stat_statements loaded, with little room."""
    with scratch_server(
        settings, "shared_preload_libraries = 'pg_stat_statements'", "pg_stat_statements.max = 100", "autovacuum = off"
    ) as running:
        with psycopg.connect(running.url(), autocommit=True) as admin:
            admin.execute("CREATE ROLE reader LOGIN")
        yield running


@pytest.fixture
def database(scratch: ScratchServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """Name of an empty database of this test."""
    name = f"of {request.node.name}"[:60]
    with psycopg.connect(scratch.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def admin(scratch: ScratchServer, database: str) -> Iterator[Admin]:
    """A superuser's session in ``database``."""
    with psycopg.connect(scratch.url(database), autocommit=True) as connection:
        yield connection


@pytest.fixture
def looked_at(scratch: ScratchServer, database: str) -> Callable[..., Capability]:
    """Look for one capability: ``looked_at("autovacuum", role="reader")``."""

    def look(name: str, role: str = "postgres") -> Capability:
        with connect(scratch.url(database, role=role)) as connection:
            found = {each.name: each for each in probe(connection)}
            assert connection.info.transaction_status is TransactionStatus.IDLE
        return found[name]

    return look


def repaired_by(admin: Admin, capability: Capability) -> None:
    """Run all statements of a fix as a superuser."""
    assert capability.fix
    for step in capability.fix:
        assert step.text.endswith(";"), step
        admin.execute(step.text.encode())


def test_names_are_unique() -> None:
    names = [each.name for each in PROBES]
    assert len(set(names)) == len(names)


def test_a_fresh_database_of_the_embedded_server_can_be_audited(fresh_database: str) -> None:
    with connect(fresh_database) as connection:
        capabilities = require_audit(connection)
    assert [each.name for each in capabilities] == [each.name for each in PROBES]
    assert not [each for each in capabilities if each.state is State.MISSING or "could not be" in each.found]


@pytest.mark.parametrize("programs", OTHER_PROGRAMS, ids=str)
def test_other_versions_of_postgresql(programs: Path, settings: Settings) -> None:
    preload = "shared_preload_libraries = 'pg_stat_statements'"
    with scratch_server(settings, preload, programs=programs) as scratch:
        with psycopg.connect(scratch.url(), autocommit=True) as admin:
            admin.execute("CREATE EXTENSION pg_stat_statements")
            admin.execute("CREATE TABLE filled AS SELECT g AS id FROM generate_series(1, 100) g")
            admin.execute("CREATE ROLE reader LOGIN")
        for role in ("postgres", "reader"):
            with connect(scratch.url(role=role)) as connection:
                capabilities = probe(connection)
            assert not [each for each in capabilities if "could not be" in each.found]
            found = {each.name: each for each in capabilities}
            assert found["server version"].found.startswith(programs.parent.name)
            assert found["server version"].state is State.OK


def test_a_server_newer_than_any_that_was_tried(
    looked_at: Callable[..., Capability], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looked_at("server version").state is State.OK
    monkeypatch.setattr(capability_server, "NEWEST_VERSION", 17)
    assert looked_at("server version").state is State.INFO


def test_a_server_that_is_too_old(looked_at: Callable[..., Capability], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capability_server, "OLDEST_VERSION", 99)
    assert looked_at("server version").blocks


def test_extension_that_was_not_created(admin: Admin, looked_at: Callable[..., Capability], database: str) -> None:
    found = looked_at("pg_stat_statements created")
    assert (found.state, found.blocks) == (State.MISSING, True)
    assert database in found.found
    assert [(step.text, step.needs) for step in found.fix] == [
        ("CREATE EXTENSION IF NOT EXISTS pg_stat_statements;", Needs.SQL)
    ]
    repaired_by(admin, found)
    assert looked_at("pg_stat_statements created").state is State.OK


def test_who_may_not_create_the_extension_is_told_who_may(looked_at: Callable[..., Capability]) -> None:
    assert [step.needs for step in looked_at("pg_stat_statements created", "reader").fix] == [Needs.SUPERUSER]


def test_an_audit_is_refused_with_the_first_fix(scratch: ScratchServer, database: str) -> None:
    with (
        connect(scratch.url(database)) as connection,
        pytest.raises(MissingCapability, match=r"CREATE EXTENSION IF NOT EXISTS pg_stat_statements; .*doctor"),
    ):
        require_audit(connection)


def test_the_schema_of_the_extension(admin: Admin, scratch: ScratchServer, database: str) -> None:
    with connect(scratch.url(database)) as connection:
        with pytest.raises(MissingCapability, match="CREATE EXTENSION pg_stat_statements"):
            pg_stat_statements_schema(connection)
        admin.execute('CREATE SCHEMA "Far ""away"; CREATE EXTENSION pg_stat_statements SCHEMA "Far ""away"')
        assert pg_stat_statements_schema(connection) == 'Far "away'


def test_views_in_a_schema_that_the_role_may_not_use(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute('CREATE SCHEMA "Far ""away"; CREATE EXTENSION pg_stat_statements SCHEMA "Far ""away"')
    found = looked_at("pg_stat_statements readable", "reader")
    assert found.blocks
    assert [step.text for step in found.fix] == ['GRANT USAGE ON SCHEMA "Far ""away" TO "reader";']
    assert [step.needs for step in found.fix] == [Needs.SUPERUSER]
    repaired_by(admin, found)
    assert looked_at("pg_stat_statements readable", "reader").state is State.OK
    assert looked_at("stored statements", "reader").found.startswith("0 of") is False


def test_views_that_the_role_may_not_read(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE EXTENSION pg_stat_statements; REVOKE SELECT ON pg_stat_statements FROM PUBLIC")
    found = looked_at("pg_stat_statements readable", "reader")
    assert found.blocks
    repaired_by(admin, found)
    assert looked_at("pg_stat_statements readable", "reader").state is State.OK


def test_an_extension_that_is_too_old(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE EXTENSION pg_stat_statements VERSION '1.7'")
    found = looked_at("pg_stat_statements version")
    assert found.blocks
    assert found.found.startswith("1.7")
    repaired_by(admin, found)
    assert looked_at("pg_stat_statements version").state is State.OK


def test_tracking_switched_off_for_the_database(
    admin: Admin, looked_at: Callable[..., Capability], database: str
) -> None:
    admin.execute(f"ALTER DATABASE \"{database}\" SET pg_stat_statements.track = 'none'".encode())
    found = looked_at("pg_stat_statements.track")
    assert found.blocks
    assert [step.text for step in found.fix] == [f"ALTER DATABASE \"{database}\" SET pg_stat_statements.track = 'top';"]
    repaired_by(admin, found)
    assert looked_at("pg_stat_statements.track").state is State.OK


def test_timing_switched_off_for_the_role(admin: Admin, looked_at: Callable[..., Capability], database: str) -> None:
    admin.execute(f'ALTER ROLE reader IN DATABASE "{database}" SET track_io_timing = off'.encode())
    found = looked_at("track_io_timing", "reader")
    assert [step.text for step in found.fix] == [
        f'ALTER ROLE "reader" IN DATABASE "{database}" SET track_io_timing = \'on\';'
    ]
    assert [step.needs for step in found.fix] == [Needs.SUPERUSER]
    repaired_by(admin, found)
    assert looked_at("track_io_timing", "reader").state is State.OK


def test_query_identities_switched_off(admin: Admin, looked_at: Callable[..., Capability], database: str) -> None:
    admin.execute(f'ALTER DATABASE "{database}" SET compute_query_id = off'.encode())
    found = looked_at("compute_query_id")
    assert found.blocks
    repaired_by(admin, found)
    assert looked_at("compute_query_id").state is State.OK


def test_statements_forgotten_for_lack_of_room(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE EXTENSION pg_stat_statements")
    admin.execute("SELECT pg_stat_statements_reset()")
    assert looked_at("room for statements").state is State.OK
    for number in range(150):
        admin.execute(f"SELECT {', '.join('1' * (number + 1))}".encode())
    found = looked_at("room for statements")
    assert found.state is State.LIMITED
    assert [(step.text, step.needs) for step in found.fix] == [
        ("ALTER SYSTEM SET pg_stat_statements.max = '10000';", Needs.SQL),
        ("restart the PostgreSQL server", Needs.RESTART),
    ]


def test_statements_of_others_are_hidden_without_pg_monitor(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE EXTENSION pg_stat_statements")
    admin.execute("SELECT pg_stat_statements_reset()")
    admin.execute("SELECT 'of the administrator'")
    admin.execute("CREATE ROLE watcher LOGIN")
    try:
        found = looked_at("statements of other roles", "watcher")
        assert found.state is State.LIMITED
        assert [step.text for step in found.fix] == ['GRANT pg_monitor TO "watcher";']
        assert "(0 of them hidden" not in looked_at("stored statements", "watcher").found
        repaired_by(admin, found)
        assert looked_at("statements of other roles", "watcher").state is State.OK
        assert "(0 of them hidden" in looked_at("stored statements", "watcher").found
    finally:
        admin.execute("DROP ROLE watcher")


def test_tables_that_cannot_be_read(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    assert looked_at("readable tables", "reader").state is State.LIMITED  # there are none
    admin.execute('CREATE TABLE "Odd ""name" (id int); CREATE TABLE plain (id int)')
    found = looked_at("readable tables", "reader")
    assert found.blocks
    assert 'public."Odd ""name", public.plain' in found.found
    assert [(step.text, step.needs) for step in found.fix] == [('GRANT pg_read_all_data TO "reader";', Needs.SUPERUSER)]
    admin.execute("GRANT SELECT ON plain TO reader")
    partly = looked_at("readable tables", "reader")
    assert (partly.state, partly.found.split(" ", 1)[0]) == (State.LIMITED, "1")
    admin.execute('GRANT SELECT ON "Odd ""name" TO reader')
    assert looked_at("readable tables", "reader").state is State.OK


def test_partitions_count_as_their_table(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE TABLE parted (id int) PARTITION BY RANGE (id)")
    admin.execute("CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10)")
    admin.execute("GRANT SELECT ON parted TO reader")
    assert looked_at("readable tables", "reader").found == "1 table, all readable"


def test_tables_without_statistics(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE TABLE empty (id int); CREATE TABLE parted (id int) PARTITION BY RANGE (id)")
    admin.execute("CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (1000)")
    assert looked_at("analysed tables").state is State.OK
    admin.execute("INSERT INTO parted SELECT generate_series(1, 100)")
    admin.execute('CREATE TABLE "Odd ""name" AS SELECT generate_series(1, 100) AS id')
    found = looked_at("analysed tables")
    assert found.state is State.LIMITED
    assert [(step.text, step.needs) for step in found.fix] == [
        ('ANALYZE public."Odd ""name";', Needs.SQL),
        ("ANALYZE public.part;", Needs.SQL),
        ("ANALYZE public.parted;", Needs.SQL),
    ]
    admin.execute("GRANT SELECT ON part TO reader")
    assert [step.needs for step in looked_at("analysed tables", "reader").fix] == [Needs.OWNER]
    repaired_by(admin, found)
    assert looked_at("analysed tables").state is State.OK
    assert looked_at("column statistics").state is State.OK


def test_row_level_security(admin: Admin, looked_at: Callable[..., Capability]) -> None:
    admin.execute("CREATE TABLE guarded (id int); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
    admin.execute("GRANT SELECT ON guarded TO reader")
    found = looked_at("column statistics", "reader")
    assert found.state is State.LIMITED
    assert [step.text for step in found.fix] == ['ALTER ROLE "reader" BYPASSRLS;']
    assert looked_at("column statistics").state is State.INFO  # a superuser is not concerned


def test_autovacuum_off_for_the_server(looked_at: Callable[..., Capability]) -> None:
    found = looked_at("autovacuum")
    assert (found.state, found.found) == (State.LIMITED, "autovacuum is off")
    assert [step.text for step in found.fix] == ["ALTER SYSTEM SET autovacuum = 'on';", "SELECT pg_reload_conf();"]


def test_autovacuum_off_for_a_table(fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as admin:
        admin.execute("CREATE TABLE dusty (id int) WITH (autovacuum_enabled = false)")
        with connect(fresh_database) as connection:
            found = {each.name: each for each in probe(connection)}["autovacuum"]
        assert (found.state, "public.dusty" in found.found) == (State.LIMITED, True)
        repaired_by(admin, found)
        with connect(fresh_database) as connection:
            assert {each.name: each for each in probe(connection)}["autovacuum"].state is State.OK


def test_a_superuser_is_told_of_a_lesser_role(looked_at: Callable[..., Capability]) -> None:
    assert looked_at("superuser").state is State.INFO
    assert looked_at("superuser", "reader").state is State.OK


def test_extensions_that_are_good_to_have(looked_at: Callable[..., Capability]) -> None:
    assert looked_at("pgvector").state is State.INFO
    assert looked_at("hypopg").state is State.INFO


def test_an_extension_of_the_home_database(fresh_database: str) -> None:
    with psycopg.connect(fresh_database, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION vector")
    with connect(fresh_database) as connection:
        assert {each.name: each for each in probe(connection)}["pgvector"].state is State.OK


def test_one_probe_that_fails_keeps_nothing_from_the_others(
    admin: Admin, scratch: ScratchServer, database: str
) -> None:
    admin.execute(
        "CREATE EXTENSION pg_stat_statements; CREATE TABLE readable (id int); GRANT SELECT ON readable TO reader"
    )
    admin.execute("REVOKE SELECT ON pg_catalog.pg_stats FROM PUBLIC")
    with connect(scratch.url(database, role="reader")) as connection:
        found = {each.name: each for each in require_audit(connection)}
        assert connection.info.transaction_status is TransactionStatus.IDLE
    failed = {name for name, each in found.items() if "could not be looked for (permission denied" in each.found}
    assert failed == {"analysed tables", "column statistics"}
    assert {found[name].state for name in failed} == {State.LIMITED}


def test_a_probe_inside_a_transaction_leaves_it_usable(admin: Admin, scratch: ScratchServer, database: str) -> None:
    admin.execute("REVOKE SELECT ON pg_catalog.pg_stats FROM PUBLIC")
    with connect(scratch.url(database, role="reader")) as connection, connection.transaction():
        probe(connection)
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_kind_of_connection(scratch: ScratchServer, fresh_database: str) -> None:
    for url, kind in ((scratch.url(), "this machine, not encrypted"), (fresh_database, "local socket")):
        with connect(url) as connection:
            found = {each.name: each for each in probe(connection)}["encryption"]
        assert (found.state, found.found) == (State.OK, kind)


def test_a_standby(scratch: ScratchServer, settings: Settings, admin: Admin, database: str) -> None:
    admin.execute("CREATE TABLE filled AS SELECT generate_series(1, 100) AS id")
    with standby_of(scratch, settings) as standby:
        with connect(standby.url(database)) as connection:
            found = {each.name: each for each in probe(connection)}
        assert not [each for each in found.values() if "could not be" in each.found]
        assert found["primary"].state is State.LIMITED
        assert [step.needs for step in found["pg_stat_statements created"].fix] == [Needs.PRIMARY]
        assert [step.needs for step in found["analysed tables"].fix] == [Needs.PRIMARY]
        admin.execute("CREATE EXTENSION pg_stat_statements")
        _wait_for_the_extension(standby.url(database))
        with connect(standby.url(database)) as connection:
            require_audit(connection)


def _wait_for_the_extension(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(200):
            if connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'").fetchone():
                return
            connection.execute("SELECT pg_sleep(0.05)")
    pytest.fail("the standby did not follow")
