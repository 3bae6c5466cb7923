"""DSNs that cannot be read: one sentence, whose turn it is, and never a piece of the password."""

import pytest

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect, describe_target
from pgarchitect.postgres.dsn import describe_server

SECRET = "s3cr3t"

UNREADABLE = {
    "postgresql://[bad": "IPv6",
    "": "empty",
    "  ": "empty",
    f"mysql://u:{SECRET}@h/d": "not one of PostgreSQL",
    f"http://u:{SECRET}@h/d": "not one of PostgreSQL",
    f"postgresql+psycopg://u:{SECRET}@h/d": "not one of PostgreSQL",
    f"garbage {SECRET}": "neither a URL nor",
    f"host=h password=my {SECRET}": "neither a URL nor",
    f"host=h password=my {SECRET}=1": "an option that PostgreSQL does not know",
    f"host=h password='{SECRET}": "quote is not closed",
    "host=h colour=red": "an option that PostgreSQL does not know",
    f"postgresql://u:{SECRET}@h/d?schema=public": "Prisma",
    f"postgresql://u:{SECRET}@h/d?sslmode": "key=value",
    f"postgresql://u:a {SECRET}@h/d": "%20",
    f"postgresql://u:{SECRET}%zz@h/d": "%25",
    f"postgresql://u:{SECRET}%00@h/d": "%00",
    f"postgresql://u:p@{SECRET}@h/d": "write @ as %40",
    f"postgresql://u:p/{SECRET}@h/d": "write @ as %40",
    f"postgresql://u:5/{SECRET}@h/d": "write @ as %40",
    f"host=h dbname=postgresql://u:{SECRET}@h/d": "write @ as %40",
    f"postgresql://u@h:{SECRET}/d": "port",
    "postgresql://u@h:99999/d": "port",
    "postgresql://u@h:0/d": "port",
    f"postgresql://u:{SECRET}@h/d\0x": "zero byte",
}


@pytest.mark.parametrize("dsn", UNREADABLE)
def test_an_unreadable_dsn_is_told_in_one_sentence_without_its_password(dsn: str) -> None:
    with pytest.raises(UsageError, match=UNREADABLE[dsn]) as raised, connect(dsn):
        pass
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert SECRET not in sentence
    assert SECRET not in repr(raised.value.__cause__)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("dsn", UNREADABLE)
def test_a_target_that_cannot_be_read_is_not_named(dsn: str) -> None:
    assert describe_target(dsn) == "the given DSN"


@pytest.mark.parametrize(
    ("dsn", "name"),
    [
        (f"postgresql://u:{SECRET}@db.example:6432/shop", 'database "shop" on db.example:6432'),
        (f"postgresql://u:{SECRET}%40x@db.example/shop", 'database "shop" on db.example'),
        (f"host=db.example user=u password={SECRET}", 'database "u" on db.example'),
        ("postgresql://a:1,b:2/shop", 'database "shop" on a:1, b:2'),
        ("postgresql:///shop?host=/tmp", 'database "shop" on the local socket'),
        ("postgresql:///shop?user=me@azure", 'database "shop" on the local socket'),
        ("service=production", 'service "production"'),
    ],
)
def test_a_target_is_named_without_its_password(dsn: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PGHOST", "PGPORT", "PGDATABASE"):
        monkeypatch.delenv(variable, raising=False)
    assert describe_target(dsn) == name


def test_a_target_is_named_as_libpq_completes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGPORT", "6432")
    monkeypatch.setenv("PGDATABASE", "shop")
    assert describe_target("postgresql://") == 'database "shop" on db.example:6432'


@pytest.mark.parametrize(
    ("dsn", "server"),
    [
        (f"postgresql://u:{SECRET}@db.example:6432/shop", "db.example:6432"),
        ("host=/run/postgresql dbname=shop", "the local socket"),
        ("service=shop", 'service "shop"'),
        (f"postgresql://u:p@{SECRET}@h/d", "the given server"),
    ],
)
def test_a_server_is_named_without_its_database(dsn: str, server: str) -> None:
    assert describe_server(dsn) == server
