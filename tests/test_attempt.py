"""What a server refuses is undone and put up with; a lost connection is not."""

import psycopg
import pytest

from pgarchitect.errors import CannotConnect
from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import connect


def test_what_is_refused_is_undone_and_what_comes_behind_goes_on(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE TABLE t (a int)")
        with Attempt(connection) as attempt:
            connection.execute("INSERT INTO t VALUES (1)")
            connection.execute("SELECT 1 / 0")
        assert attempt.refused
        with Attempt(connection) as attempt:
            connection.execute("INSERT INTO t VALUES (2)")
        assert not attempt.refused
        with Attempt(connection, undone=True) as attempt:
            connection.execute("INSERT INTO t VALUES (3)")
        assert not attempt.refused
        assert connection.execute("SELECT a FROM t").fetchall() == [(2,)]


def test_within_a_transaction_only_the_attempt_is_undone(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection, connection.transaction():
        connection.execute("CREATE TABLE t (a int)")
        with Attempt(connection):
            connection.execute("DROP TABLE t")
            connection.execute("DROP TABLE nowhere")
        assert connection.execute("SELECT a FROM t").fetchall() == []


def test_a_refusal_at_the_end_is_one_too(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        with Attempt(connection) as attempt:
            connection.execute("INSERT INTO t VALUES (1), (1)")
        assert attempt.refused
        assert connection.execute("SELECT a FROM t").fetchall() == []


def test_other_errors_and_a_lost_connection_go_on(fresh_database: str) -> None:
    with connect(fresh_database, read_only=False) as connection:
        with pytest.raises(KeyError), Attempt(connection):
            raise KeyError
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with (
        pytest.raises(CannotConnect) as lost,
        connect(fresh_database, read_only=False) as connection,
        Attempt(connection),
    ):
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert isinstance(lost.value.__cause__, psycopg.OperationalError)
