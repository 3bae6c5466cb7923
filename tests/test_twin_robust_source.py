"""The twin of difficult sources: no rights, locks, missing extensions, encryption, standbys; all left untouched."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from pgarchitect.errors import CannotConnect, StatementRefused
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.marker import MARKER
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from tests.embedded_lab import wait_for
from tests.scratch_server import ScratchServer, require_15, scratch_server, standby_of

SHOP: Final = """
CREATE TYPE mood AS ENUM ('bad', 'good');
CREATE DOMAIN amount AS numeric CHECK (VALUE >= 0);
CREATE TABLE customer (id int PRIMARY KEY, name text, mood mood);
CREATE FUNCTION label(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'o' || n $$;
CREATE TABLE "Order" (id int PRIMARY KEY, customer_id int REFERENCES customer, total amount, at date,
                      label text GENERATED ALWAYS AS (label(id)) STORED);
CREATE INDEX order_customer ON "Order" (customer_id);
CREATE VIEW latest AS SELECT * FROM "Order" WHERE at > '2024-01-01';
CREATE TABLE event (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE "odd ""name|x" (id int PRIMARY KEY, other int);
CREATE TABLE lonely (id int PRIMARY KEY);
CREATE VIEW lonely_view AS SELECT * FROM lonely;
INSERT INTO customer SELECT i, 'c' || i, 'good' FROM generate_series(1, 1000) i;
INSERT INTO "Order" (id, customer_id, total, at) SELECT i, i % 1000 + 1, i, date '2024-01-01' + i % 300
FROM generate_series(1, 20000) i;
INSERT INTO event SELECT i, date '2024-01-01' + i % 360 FROM generate_series(1, 5000) i;
INSERT INTO lonely SELECT generate_series(1, 100);
"""
OF_A_CUSTOMER: Final = 'SELECT * FROM "Order" WHERE customer_id = 7'


@pytest.fixture(scope="module")
def source(settings: Settings) -> Iterator[ScratchServer]:
    """A server with a small shop in the database ``shop``, and a role ``reader`` that may read everything."""
    lines = ("wal_level = replica", "shared_preload_libraries = 'pg_stat_statements'", "autovacuum = off")
    with scratch_server(settings, *lines) as server:
        run(server.url(), "CREATE DATABASE shop")
        run(server.url("shop"), SHOP)
        run(server.url("shop"), "VACUUM ANALYZE")
        run(server.url(), "CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader")
        run(server.url("shop"), "CREATE EXTENSION pg_stat_statements")
        yield server


def run(url: str, statements: str) -> None:
    with connect(url, read_only=False) as connection:
        connection.execute(statements.encode())


def cost(url: str, statement: str) -> float:
    with connect(url) as connection:
        row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Plan"]["Total Cost"])


def relations(twin: PlannerTwin) -> set[str]:
    with connect(twin.url) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
        )
        return {row[0] for row in rows if not row[0].startswith("pg_stat")}


@contextmanager
def holding(url: str, table: str) -> Iterator[None]:
    """Somebody who holds a table alone."""
    with connect(url, read_only=False) as connection, connection.transaction():
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield


def test_only_the_wanted_tables_and_what_they_need(source: ScratchServer, settings: Settings) -> None:
    with PlannerTwin.of(
        source.url("shop", role="reader"), settings, tables=["latest", "event_1", "public.gone"]
    ) as twin:
        assert relations(twin) == {"Order", "customer", "latest", "event", "event_1", "event_2"}
        assert twin.missing == ()
        assert [(each.name, each.reason) for each in twin.left_out] == [("public.gone", "the source has no such table")]
        assert twin.explain("SELECT * FROM latest WHERE id = 5").cost == cost(
            source.url("shop"), "SELECT * FROM latest WHERE id = 5"
        )


def test_the_source_is_untouched_and_what_was_asked_of_it_is_told(source: ScratchServer, settings: Settings) -> None:
    with PlannerTwin.of(source.url("shop", role="reader"), settings):
        pass  # who reads new rows first marks them as committed, which is written
    with connect(source.url("shop"), read_only=False) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")
        connection.execute("CHECKPOINT")
        before = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
        with PlannerTwin.of(source.url("shop", role="reader"), settings) as twin:
            told = twin.cost_of_reading
        assert connection.execute("SELECT pg_current_wal_lsn()").fetchone() == before
        rows = connection.execute(
            "SELECT query, calls FROM pg_stat_statements WHERE userid = 'reader'::regrole"
        ).fetchall()
    assert rows
    assert [query for query, _ in rows if MARKER not in query and query not in {"BEGIN", "COMMIT", "ROLLBACK"}] == []
    assert told.statements >= sum(calls for query, calls in rows if MARKER in query)
    assert told.bytes_read > 10_000
    assert told.seconds >= told.longest_s > 0


def test_a_role_without_rights_reads_what_it_may(source: ScratchServer, settings: Settings) -> None:
    run(source.url("shop"), "CREATE ROLE clerk LOGIN; GRANT SELECT ON customer, event, event_1, event_2 TO clerk")
    run(source.url("shop"), "CREATE SCHEMA closed CREATE TABLE inside (id int); GRANT SELECT ON closed.inside TO clerk")
    with PlannerTwin.of(source.url("shop", role="clerk"), settings) as twin:
        left = {each.name: each.reason for each in twin.left_out}
        assert set(left) == {'"public"."Order"', '"public"."odd ""name|x"', '"public"."lonely"', '"closed"."inside"'}
        assert "GRANT pg_read_all_data TO" in left['"public"."Order"']
        assert twin.missing == ()
        statement = "SELECT * FROM customer WHERE id = 5"
        assert twin.explain(statement).cost == cost(source.url("shop"), statement)
        with pytest.raises(StatementRefused, match="Order"):
            twin.explain(OF_A_CUSTOMER)


def test_a_locked_table_is_left_out_after_the_lock_timeout(source: ScratchServer, settings: Settings) -> None:
    impatient = settings.model_copy(update={"lock_timeout_ms": 300})
    with holding(source.url("shop"), "lonely"):
        began = time.monotonic()
        with PlannerTwin.of(source.url("shop", role="reader"), impatient) as twin:
            assert [each.name for each in twin.left_out] == ['"public"."lonely"', '"public"."lonely_view"']
            assert "ACCESS EXCLUSIVE" in twin.left_out[0].reason
            assert twin.explain(OF_A_CUSTOMER).cost == cost(source.url("shop"), OF_A_CUSTOMER)
            assert twin.cost_of_reading.longest_s < 0.3 + 0.5
        assert time.monotonic() - began < 60


def test_a_table_locked_for_a_moment_is_waited_for(source: ScratchServer, settings: Settings) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with holding(source.url("shop"), "lonely"):
            held.set()
            release.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    timer = threading.Timer(0.3, release.set)
    timer.start()
    with PlannerTwin.of(source.url("shop", role="reader"), settings) as twin:
        assert twin.left_out == ()
    timer.join()
    thread.join()


def test_tables_locked_between_looking_and_dumping_are_left_out(source: ScratchServer, settings: Settings) -> None:
    impatient = settings.model_copy(update={"lock_timeout_ms": 300})
    with connect(source.url("shop"), read_only=False) as connection:

        def lock(step: str) -> None:
            if step.startswith("dump") and connection.info.transaction_status.name == "IDLE":
                connection.execute("BEGIN")
                connection.execute("LOCK TABLE lonely IN ACCESS EXCLUSIVE MODE")

        with PlannerTwin.of(source.url("shop", role="reader"), impatient, lock) as twin:
            assert [each.name for each in twin.left_out] == ['"public"."lonely"', '"public"."lonely_view"']


def test_tables_of_an_extension_that_the_twin_lacks_are_left_out_by_name(
    settings: Settings,
) -> None:
    with scratch_server(settings, programs=require_15()) as server, fake_extension(server) as extension:
        run(server.url(), f"CREATE EXTENSION {extension}")
        run(server.url(), "CREATE TABLE place (id int PRIMARY KEY, at shape); CREATE TABLE plain (id int PRIMARY KEY)")
        extension_file(extension, "control").unlink()
        with PlannerTwin.of(server.url(), settings) as twin:
            assert [each.name for each in twin.left_out] == ['"public"."place"']
            assert extension in twin.left_out[0].reason
            assert [message for message in twin.missing if extension not in message] == []
            assert twin.explain("SELECT * FROM plain WHERE id = 1").cost > 0


def extension_file(name: str, kind: str) -> Path:
    shared = subprocess.run([require_15() / "pg_config", "--sharedir"], capture_output=True, text=True, check=True)
    return Path(shared.stdout.strip(), "extension", f"{name}.{kind}" if kind == "control" else f"{name}--1.0.sql")


@contextmanager
def fake_extension(server: ScratchServer) -> Iterator[str]:
    """An extension with a type, installed on this machine's PostgreSQL 15 for a moment."""
    name = f"pgarchitect_fake_{server.port}"
    files = extension_file(name, "control"), extension_file(name, "sql")
    try:
        files[0].write_text("default_version = '1.0'\n", encoding="utf-8")
        files[1].write_text("CREATE TYPE shape AS (x float8, y float8);\n", encoding="utf-8")
    except OSError:
        pytest.skip("this account may not install an extension")
    try:
        yield name
    finally:
        for file in files:
            file.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT TOP 5 * FROM customer",
        "SELECT `id` FROM customer",
        "SELECT 1; DROP TABLE customer",
        "VACUUM",
        "SELECT $1::int",
    ],
)
def test_what_is_no_statement_of_postgresql_is_refused_and_the_twin_goes_on(
    source: ScratchServer, settings: Settings, statement: str
) -> None:
    with PlannerTwin.of(source.url("shop", role="reader"), settings, tables=["customer"]) as twin:
        with twin.configuration(absent=["customer_pkey"]):
            before = twin.explain("SELECT * FROM customer WHERE id = 5")
            with pytest.raises(StatementRefused, match="cannot be planned"):
                twin.explain(statement)
            assert twin.explain("SELECT * FROM customer WHERE id = 5") == before
        assert twin.explain("SELECT * FROM customer WHERE id = 5").indexes() == ("customer_pkey",)


def test_a_standby_can_be_the_source(source: ScratchServer, settings: Settings) -> None:
    with standby_of(source, settings) as standby:
        wait_for(lambda: standby_has_all(source, standby))
        with PlannerTwin.of(standby.url("shop", role="reader"), settings) as twin:
            assert twin.left_out == ()
            assert twin.missing == ()
            assert twin.explain(OF_A_CUSTOMER).cost == cost(source.url("shop"), OF_A_CUSTOMER)


def standby_has_all(primary: ScratchServer, standby: ScratchServer) -> bool:
    with connect(primary.url()) as ours, connect(standby.url()) as theirs:
        position = ours.execute("SELECT pg_current_wal_lsn()").fetchone()
        row = theirs.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position).fetchone()
    return row == (True,)


def test_a_source_that_requires_encryption(settings: Settings) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed here")
    with scratch_server(settings, programs=require_15()) as server:
        certify(server, openssl)
        run(server.url(), SHOP)
        run(server.url(), "ALTER ROLE postgres PASSWORD 'p@ss'")
        (server.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        server.reload()
        encrypted = server.url(password="p@ss", query="sslmode=require")
        with PlannerTwin.of(encrypted, settings) as twin:
            assert twin.left_out == ()
            assert twin.missing == ()
            assert twin.explain(OF_A_CUSTOMER).cost == cost(encrypted, OF_A_CUSTOMER)
        root = server.url(password="p@ss", query=f"sslmode=verify-full&sslrootcert={server.top / 'server.crt'}")
        with PlannerTwin.of(root, settings, tables=["customer"]) as twin:
            assert relations(twin) == {"customer"}
        with (
            pytest.raises(CannotConnect, match="encrypted connection"),
            PlannerTwin.of(server.url(password="p@ss", query="sslmode=verify-full"), settings),
        ):
            pass


def certify(server: ScratchServer, openssl: str) -> None:
    """Give the server a certificate for 127.0.0.1 that it signed itself."""
    key, certificate = server.top / "server.key", server.top / "server.crt"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *request, *names], check=True, capture_output=True)
    key.chmod(0o600)
    server.account.own(key)
    server.account.own(certificate)
    server.configure("ssl = on", f"ssl_cert_file = '{certificate}'", f"ssl_key_file = '{key}'")
    server.restart()


def test_a_catalog_that_somebody_holds_is_told_in_a_sentence(source: ScratchServer, settings: Settings) -> None:
    impatient = settings.model_copy(update={"lock_timeout_ms": 100})
    began = time.monotonic()
    with (
        holding(source.url("shop"), "pg_catalog.pg_statistic_ext"),
        pytest.raises(StatementRefused, match="try again when that transaction is over"),
        PlannerTwin.of(source.url("shop", role="reader"), impatient),
    ):
        pass
    assert time.monotonic() - began < 30
