"""Servers that cannot be reached or do not let us in: the right sentence and exit code, tried on real servers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from psycopg import sql

from pgarchitect.errors import (
    AuthenticationFailed,
    CannotConnect,
    DatabaseMissing,
    PgArchitectError,
    UsageError,
    VersionTooOld,
)
from pgarchitect.postgres.connection import check_version, connect
from pgarchitect.postgres.connection_errors import refused
from pgarchitect.settings import Settings
from tests.scratch_server import ScratchServer, free_port, scratch_server

PASSWORD = "r1ght"
WRONG = "wr0ng"


@pytest.fixture(scope="module")
def guarded(settings: Settings) -> Iterator[ScratchServer]:
    """A server where one role needs a password, one may not come in, and few may come at once."""
    with scratch_server(settings, "max_connections = 8", "superuser_reserved_connections = 2") as scratch:
        with psycopg.connect(scratch.url(), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE ROLE guest LOGIN PASSWORD {}").format(sql.Literal(PASSWORD)))
            admin.execute("CREATE ROLE group_only NOLOGIN")
            admin.execute("CREATE ROLE single LOGIN CONNECTION LIMIT 1")
            admin.execute("CREATE ROLE outcast LOGIN")
            admin.execute("CREATE ROLE crowd LOGIN")
            admin.execute("CREATE DATABASE closed")
            admin.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        scratch.let_in("host all guest all scram-sha-256", "host all outcast all reject")
        yield scratch


def refusal(dsn: str, kind: type[PgArchitectError], *words: str) -> str:
    """The sentence with which connecting to ``dsn`` is refused, checked for kind, form and ``words``."""
    with pytest.raises(kind) as raised, connect(dsn, Settings(connect_timeout_s=3)):
        pass
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    for word in words:
        assert word in sentence
    for secret in (PASSWORD, WRONG):
        assert secret not in sentence
    assert type(raised.value) is kind
    return sentence


def test_no_such_host() -> None:
    refusal("postgresql://u:wr0ng@invalid.invalid/db", CannotConnect, "invalid.invalid", "host name")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nobody_listens_on_the_port(host: str) -> None:
    port = free_port()
    refusal(f"postgresql://u:wr0ng@{host}:{port}/db", CannotConnect, f"{host}:{port}", "refused", "running")


def test_no_such_socket() -> None:
    refusal("host=/nowhere/at-all dbname=shop", CannotConnect, '"shop"', "local socket", "start it")


def test_wrong_password(guarded: ScratchServer) -> None:
    dsn = guarded.url(role="guest", password=WRONG)
    refusal(dsn, AuthenticationFailed, "guest", "check role and password")


def test_right_password(guarded: ScratchServer) -> None:
    with connect(guarded.url(role="guest", password=PASSWORD)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("guest",)


def test_no_password(guarded: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSFILE", "/nowhere/pgpass")
    refusal(guarded.url(role="guest"), AuthenticationFailed, "asks for a password", "PGPASSWORD")


def test_unknown_role(guarded: ScratchServer) -> None:
    refusal(guarded.url(role="nobody_here"), AuthenticationFailed, '"nobody_here"', "check the role")


def test_role_that_cannot_log_in(guarded: ScratchServer) -> None:
    refusal(guarded.url(role="group_only"), AuthenticationFailed, "not permitted to log in")


def test_role_that_pg_hba_rejects(guarded: ScratchServer) -> None:
    refusal(guarded.url(role="outcast"), AuthenticationFailed, "pg_hba.conf", "administrator")


def test_role_that_may_not_connect_to_the_database(guarded: ScratchServer) -> None:
    refusal(guarded.url("closed", role="crowd"), AuthenticationFailed, '"closed"', "GRANT CONNECT ON DATABASE")


def test_unknown_database(guarded: ScratchServer) -> None:
    refusal(guarded.url("nothing"), DatabaseMissing, 'no database "nothing"', "check the name")


def test_database_that_takes_no_connections(guarded: ScratchServer) -> None:
    refusal(guarded.url("template0"), CannotConnect, '"template0"', "another database")


def test_role_with_too_many_connections(guarded: ScratchServer) -> None:
    with connect(guarded.url(role="single")):
        refusal(guarded.url(role="single"), CannotConnect, "no free connection", "try again later")


def test_server_with_too_many_connections(guarded: ScratchServer) -> None:
    with ExitStack() as crowd, pytest.raises(CannotConnect, match="no free connection"):
        enter_in_crowds(crowd, guarded.url(role="crowd"))


def enter_in_crowds(crowd: ExitStack, dsn: str) -> None:
    """Connect to ``dsn`` more often than the server allows."""
    for _ in range(9):
        crowd.enter_context(connect(dsn))


def test_server_without_encryption(guarded: ScratchServer) -> None:
    refusal(guarded.url(query="sslmode=require"), CannotConnect, "no encryption", "sslmode")


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=perhaps",
        "connect_timeout=soon",
        "options=-cno_such_setting%3D1",
        "target_session_attrs=best",
        "sslrootcert=/nowhere/ca.pem&sslmode=verify-full",
    ],
)
def test_an_option_that_is_not_accepted(guarded: ScratchServer, query: str) -> None:
    refusal(guarded.url(query=query), UsageError if "rootcert" not in query else CannotConnect)


def test_unknown_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICEFILE", "/nowhere/pg_service.conf")
    refusal("service=production", UsageError, '"production"')


@contextmanager
def listener(answer: bytes | None) -> Iterator[int]:
    """The port of somebody who is no PostgreSQL: answers every first word with ``answer``, or never."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def serve() -> None:
            with listening.accept()[0] as caller:
                caller.settimeout(10)
                caller.recv(64)
                if answer is None:
                    done.wait(10)
                else:
                    caller.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        done.set()
        thread.join()


def test_something_that_is_no_postgresql() -> None:
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        refusal(
            f"postgresql://u@127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable", CannotConnect, "not PostgreSQL"
        )


def test_a_server_that_never_answers() -> None:
    with listener(None) as port:
        refusal(
            f"postgresql://u@127.0.0.1:{port}/db?connect_timeout=2&sslmode=disable&gssencmode=disable",
            CannotConnect,
            "in time",
            "PGARCHITECT_CONNECT_TIMEOUT_S",
        )


def fake_fatal(sentence: str) -> bytes:
    """A server's ErrorResponse, as the protocol writes it, for states that last too short to be met."""
    fields = b"".join(
        letter + value.encode() + b"\0"
        for letter, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", "57P03"), (b"M", sentence))
    )
    return b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0"


@pytest.mark.parametrize("state", ["starting up", "shutting down", "in recovery mode", "not yet accepting connections"])
def test_a_server_that_is_not_ready(state: str) -> None:
    with listener(fake_fatal(f"the database system is {state}")) as port:
        refusal(
            f"postgresql://u@127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable",
            CannotConnect,
            f"is {state}",
            "in a moment",
        )


def test_a_server_that_wants_encryption() -> None:
    reason = 'no pg_hba.conf entry for host "10.0.0.1", user "u", database "db", no encryption'
    with listener(fake_fatal(reason)) as port:
        refusal(
            f"postgresql://u@127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable",
            AuthenticationFailed,
            reason,
            "add sslmode=require",
        )


def test_a_server_that_speaks_another_language_still_gets_a_sentence() -> None:
    with listener(fake_fatal("Datenbank »laden« existiert nicht")) as port:
        refusal(
            f"postgresql://u@127.0.0.1:{port}/laden?sslmode=disable&gssencmode=disable",
            CannotConnect,
            "Datenbank »laden« existiert nicht",
        )


def test_a_server_that_goes_away_while_it_is_used(guarded: ScratchServer) -> None:
    with pytest.raises(CannotConnect, match=r"was lost .* then run the same command again"):
        use_while_it_ends(guarded.url())


def use_while_it_ends(dsn: str) -> None:
    """Be ended by an administrator in the middle of a session."""
    with connect(dsn) as connection, psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("SELECT 1")


def test_an_error_of_a_statement_keeps_its_type(guarded: ScratchServer) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        sleep_too_long(guarded.url())


def sleep_too_long(dsn: str) -> None:
    """Run into our own time-out."""
    with connect(dsn, statement_timeout_ms=100) as connection:
        connection.execute("SELECT pg_sleep(5)")


def test_a_statement_that_is_refused_is_told_in_one_sentence(guarded: ScratchServer) -> None:
    with connect(guarded.url(role="crowd")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as raised:
            connection.execute("SELECT * FROM pg_authid")
        error = refused(raised.value)
    assert error.exit_code == 10
    assert "(permission denied for table pg_authid)" in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(("version", "major"), [(90600, 9), (130023, 13)])
def test_an_old_server_is_refused(version: int, major: int) -> None:
    with pytest.raises(VersionTooOld, match=f'"shop" on h is PostgreSQL {major}; .* 14 and newer') as raised:
        check_version(version, "postgresql://u:wr0ng@h/shop")
    assert WRONG not in str(raised.value)


@pytest.mark.parametrize("version", [140000, 150018, 180006, 190000])
def test_a_newer_server_is_taken(version: int) -> None:
    check_version(version, "postgresql://h/shop")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_texts_survive_in_databases_of_other_encodings(guarded: ScratchServer, encoding: str) -> None:
    name = f"in_{encoding.lower()}"
    with psycopg.connect(guarded.url(), autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0").format(
                sql.Identifier(name), sql.Literal(encoding)
            )
        )
    with connect(guarded.url(name, query="client_encoding=latin1")) as connection:
        assert connection.execute("SELECT 'Müller', %s::text", ("Çelik",)).fetchone() == ("Müller", "Çelik")
