"""A URL of Prisma's loses what only Prisma knows, and keeps all else to the letter."""

import pytest

from pgarchitect.postgres.dsn import read_dsn
from pgarchitect.postgres.prisma_url import without_prisma_parameters


@pytest.mark.parametrize(
    ("dsn", "url", "own"),
    [
        ("postgresql://h/db", "postgresql://h/db", {}),
        ("postgresql://h/db?sslmode=require", "postgresql://h/db?sslmode=require", {}),
        ("postgresql://h/db?schema=app", "postgresql://h/db", {"schema": "app"}),
        ("postgresql:///db?host=/run/pg&schema=my%20app", "postgresql:///db?host=/run/pg", {"schema": "my app"}),
        (
            "postgresql://h/db?options=-c%20search_path%3Dx&pgbouncer=true&sslmode=disable",
            "postgresql://h/db?options=-c%20search_path%3Dx&sslmode=disable",
            {"pgbouncer": "true"},
        ),
        ("postgresql://u:a#b?c@h/db?schema=app", "postgresql://u:a#b?c@h/db", {"schema": "app"}),
        ("host=h dbname=db options='?schema=x'", "host=h dbname=db options='?schema=x'", {}),
    ],
)
def test_only_what_is_prismas_goes(dsn: str, url: str, own: dict[str, str]) -> None:
    assert without_prisma_parameters(dsn) == (url, own)
    read_dsn(url)
