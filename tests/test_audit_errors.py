"""Audits that cannot be run: one sentence, the documented exit code, nothing recorded, nothing printed as a result."""

from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import psycopg
import pytest

from pgarchitect.architect import PROPOSE
from pgarchitect.errors import (
    AuthenticationFailed,
    CannotConnect,
    DatabaseMissing,
    EmptyWorkload,
    HomeUnavailable,
    MissingCapability,
    PgArchitectError,
    UsageError,
)
from pgarchitect.postgres.connection_errors import refused as refusal
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.recommendations.audit import Outcome
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.settings import Settings
from tests.audit_lab import Shop, Silent, open_shop, run, state, with_role
from tests.scratch_server import free_port, scratch_server, standby_of

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    """Nothing in this file changes its databases, except where a test makes one of its own."""
    with open_shop(server, settings) as found:
        yield found


@pytest.fixture
def own_shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    with open_shop(server, settings) as found:
        yield found


def refused(shop: Shop, kind: type[PgArchitectError], *words: str) -> None:
    """Audit in vain: the kind of error, one sentence with the words, nothing recorded."""
    recorded = shop.log() if kind is not HomeUnavailable else ()
    with pytest.raises(PgArchitectError) as raised:
        shop.audit(sandbox=shop.sandbox != "")
    assert type(raised.value) is kind, raised.value
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert [word for word in words if word not in sentence] == [], sentence
    if kind is not HomeUnavailable:
        assert shop.log() == recorded


def at(shop: Shop, **places: str) -> Shop:
    """The shop with other places."""
    return Shop(
        places.get("target", shop.target), places.get("sandbox", ""), places.get("home", shop.home), shop.settings
    )


def other_database(url: str, name: str) -> str:
    """The URL with another database."""
    return psycopg.conninfo.make_conninfo(url, dbname=name)


EXTENSION = ("CREATE EXTENSION pg_stat_statements",)
NOWHERE = f"postgresql://u:s3cret@127.0.0.1:{free_port()}/x"


def test_the_sentence_says_which_of_the_places_is_meant(shop: Shop) -> None:
    missing = other_database(shop.target, "no_such")
    refused(at(shop, target=missing), DatabaseMissing, 'no database "no_such"')
    refused(at(shop, target=NOWHERE), CannotConnect, "127.0.0.1")
    refused(at(shop, target="postgresql://u@invalid.invalid/x"), CannotConnect, "host name")
    refused(at(shop, sandbox=missing), DatabaseMissing, "The sandbox (--sandbox) cannot be used", '"no_such"')
    refused(at(shop, sandbox="nonsense"), UsageError, "The sandbox (--sandbox)", "cannot be read")
    refused(at(shop, home=missing), HomeUnavailable, "The architect's own database cannot be used", '"no_such"')
    refused(at(shop, home="nonsense"), HomeUnavailable, "The architect's own database", "cannot be read")
    refused(at(shop, target=with_role(shop.target, "no_such_role")), AuthenticationFailed, "no_such_role")


def test_the_audited_database_is_never_its_own_sandbox_under_another_name(shop: Shop) -> None:
    before = state(shop.target)
    disguised = shop.target.replace("postgresql://", "postgres://")
    assert disguised != shop.target
    refused(at(shop, sandbox=disguised), UsageError, "the audited database itself", "restore a copy")
    assert state(shop.target) == before


def test_a_sandbox_that_is_of_no_use(shop: Shop) -> None:
    refused(at(shop, sandbox=shop.home), MissingCapability, "lacks public.orders", "restore a copy")


def test_a_standby_is_neither_sandbox_nor_home(shop: Shop, settings: Settings) -> None:
    with scratch_server(settings, "wal_level = replica") as primary, standby_of(primary, settings) as standby:
        refused(at(shop, sandbox=standby.url()), MissingCapability, "sandbox is read-only, as a standby is")
        refused(at(shop, home=standby.url()), HomeUnavailable, "it is read-only", "PGARCHITECT_HOME_URL")


def test_a_database_without_the_extension(shop: Shop, server: EmbeddedServer) -> None:
    bare = ensure_database(server, "bare_shop")
    refused(at(shop, target=bare), MissingCapability, "pg_stat_statements", "CREATE EXTENSION", "pgarchitect doctor")


def test_the_extension_may_live_in_any_schema(own_shop: Shop) -> None:
    run(
        own_shop.target,
        'CREATE SCHEMA "Odd ""one"""',
        'ALTER EXTENSION pg_stat_statements SET SCHEMA "Odd ""one"""',
    )
    assert [item.verdict for item in own_shop.audit().recommendations] == [Verdict.APPLY]


def test_a_role_without_rights(shop: Shop) -> None:
    run(shop.target, "CREATE ROLE stranger LOGIN")
    try:
        refused(at(shop, target=with_role(shop.target, "stranger")), MissingCapability, "pgarchitect doctor")
    finally:
        run(shop.target, "DROP ROLE stranger")


def test_an_empty_workload_and_one_that_is_filtered_out(own_shop: Shop, cli: Run) -> None:
    found = cli(*own_shop.arguments("--min-calls", "1000"), env=own_shop.environment)
    assert (found.returncode, found.stdout) == (7, "")
    assert "statements ran 1000 times or more with a mean of 0.5 ms" in found.stderr.splitlines()[-1]
    own_shop.forget()
    refused(at(own_shop), EmptyWorkload, "holds no statement of an application", "let the application run")


def test_statements_that_no_longer_plan_do_not_keep_others_from_being_proven(own_shop: Shop) -> None:
    """Their table was dropped, their column renamed, since they were counted."""
    run(
        own_shop.target,
        "CREATE TABLE gone AS SELECT n AS id, repeat('x', 50) AS note FROM generate_series(1, 30000) n",
        "ALTER TABLE orders ADD COLUMN old_name integer",
    )
    own_shop.play("SELECT count(*) FROM gone WHERE id = %s")
    own_shop.play("SELECT count(*) FROM orders WHERE old_name = %s")
    run(own_shop.target, "DROP TABLE gone", "ALTER TABLE orders RENAME COLUMN old_name TO new_name")
    for sandbox in (False, True):
        found = own_shop.audit(sandbox=sandbox)
        outcomes = {each.statement.text.partition("FROM ")[2].split(" = ")[0]: each.outcome for each in found.findings}
        assert outcomes["orders WHERE user_id"] is (Outcome.IMPROVED if sandbox else Outcome.UNPROVEN)
        assert {outcomes["gone WHERE id"], outcomes["orders WHERE old_name"]} <= {
            Outcome.NO_CANDIDATE,
            Outcome.NOT_TRIED,
        }


def test_a_sandbox_whose_column_is_missing_tells_that_statement_apart(own_shop: Shop) -> None:
    run(own_shop.sandbox, "ALTER TABLE orders DROP COLUMN total")
    found = own_shop.audit()
    (finding,) = found.findings
    assert finding.outcome is Outcome.NOT_TRIED
    assert "total" in finding.note
    assert own_shop.log() == ()
    run(own_shop.sandbox, "ALTER TABLE orders ADD COLUMN total numeric")
    assert [item.verdict for item in own_shop.audit().recommendations] == [Verdict.APPLY]


def test_a_home_that_cannot_be_used(shop: Shop, settings: Settings, server: EmbeddedServer) -> None:
    with scratch_server(settings) as scratch:
        run(scratch.url(), "CREATE ROLE reader LOGIN", "CREATE DATABASE fixed")
        run(scratch.url(), "ALTER DATABASE fixed OWNER TO reader")
        refused(at(shop, home=scratch.url(role="reader")), HomeUnavailable, "may not", "PGARCHITECT_HOME_URL")
        refused(at(shop, home=scratch.url("fixed", role="reader")), HomeUnavailable, "CREATE EXTENSION vector")


def test_when_recording_fails_the_report_is_shown_all_the_same(own_shop: Shop, cli: Run) -> None:
    run(
        own_shop.home,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON pgarchitect.workload_snapshot EXECUTE FUNCTION full_disk()",
    )
    found = cli(*own_shop.arguments(), env=own_shop.environment)
    assert found.returncode == 8
    assert "CREATE INDEX CONCURRENTLY orders_user_id_idx" in found.stdout
    assert "Nothing was recorded" in found.stdout
    assert "its disk is full" in " ".join(found.stdout.split())
    assert "could not be recorded" in found.stderr.splitlines()[-1]
    assert own_shop.log() == ()  # although the entries came before what failed
    run(own_shop.home, "DROP TRIGGER full_disk ON pgarchitect.workload_snapshot")
    assert [item.verdict for item in own_shop.audit().recommendations] == [Verdict.APPLY]
    assert len(own_shop.log()) == 1


def test_a_server_that_stops_in_the_middle_is_one_sentence(settings: Settings, own_shop: Shop) -> None:
    class _Stops(Silent):
        def step(self, number: int, name: str, total: int | None = None) -> None:  # noqa: ARG002  # a listener's form
            if number == PROPOSE:
                scratch.stop()

    with scratch_server(settings, "shared_preload_libraries = 'pg_stat_statements'") as scratch:
        run(scratch.url(), "CREATE EXTENSION pg_stat_statements", "CREATE TABLE orders (user_id integer, id integer)")
        moved = at(own_shop, target=scratch.url())
        run(scratch.url(), "INSERT INTO orders SELECT n, n FROM generate_series(1, 60000) n")
        moved.play("SELECT id FROM orders WHERE user_id = %s")
        with pytest.raises(CannotConnect, match=r"connection .* was lost"):
            moved.audit(sandbox=False, listener=_Stops())
        scratch.start()
    assert own_shop.log() == ()


def test_text_in_no_known_encoding(shop: Shop, settings: Settings) -> None:
    """A database that checks no encoding, with a statement in Latin-1, spoils the statistics for its neighbours too."""
    with scratch_server(settings, "shared_preload_libraries = 'pg_stat_statements'") as scratch:
        run(scratch.url(), "CREATE DATABASE bytes TEMPLATE template0 ENCODING SQL_ASCII", *EXTENSION)
        run(scratch.url("bytes"), *EXTENSION)
        with psycopg.connect(scratch.url("bytes"), client_encoding="SQL_ASCII") as connection:
            connection.execute(b'SELECT 1 AS "stra\xdfe"')
        for name in ("bytes", "postgres"):
            with pytest.raises(psycopg.errors.CharacterNotInRepertoire) as raised:
                at(shop, target=scratch.url(name)).audit(sandbox=False)
            assert "pg_stat_statements_reset()" in str(refusal(raised.value))


def test_a_database_whose_dsn_is_written_twice_is_its_own_sandbox(own_shop: Shop) -> None:
    found = at(own_shop, sandbox=own_shop.target).audit(sandbox=True)
    assert found.proven_on is not None
    assert any(item.proposed and item.verdict is not Verdict.UNPROVEN for item in found.recommendations)
