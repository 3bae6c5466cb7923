"""A sample keeps every foreign key, and what was drawn keeps all of its children."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pgarchitect.errors import UsageError
from pgarchitect.sandbox.choice import HASHES
from pgarchitect.sandbox.made import CopiedTable, Made
from pgarchitect.settings import Settings
from tests.sandbox_lab import made, one, reader, rows, run, sandbox, shape
from tests.scratch_server import ScratchServer, scratch_server

SHOP: Final = (Path(__file__).parent / "sandbox_shop.sql").read_text(encoding="utf-8")
WANTED: Final = 16 * 1024**2
EMPTY: Final = 8 * 1024**2
"""About what a database without tables takes, bytes."""


@pytest.fixture(scope="module")
def source(settings: Settings) -> Iterator[ScratchServer]:
    """A server with a shop of 60 MB."""
    with scratch_server(settings) as server:
        run(server.url(), "CREATE DATABASE shop")
        run(server.url("shop"), SHOP)
        run(server.url("shop"), "VACUUM FULL product", "VACUUM ANALYZE")
        reader(server)
        yield server


@pytest.fixture(scope="module")
def copy(source: ScratchServer, settings: Settings) -> Iterator[tuple[Made, str]]:
    """A sample of it, while its server runs."""
    with sandbox(source.url("shop", role="reader"), settings, "sample", size=WANTED) as found:
        yield found


def table(found: Made, name: str) -> CopiedTable:
    return next(each for each in found.tables if each.name.replace('"', "").endswith(f".{name}"))


def test_every_foreign_key_holds(source: ScratchServer, copy: tuple[Made, str]) -> None:
    found, url = copy
    assert found.missing == ()
    assert found.left_out == ()
    assert shape(url) == shape(source.url("shop"))
    assert found.warnings == ("note_order refers to 1 row that the source does not have either.",)


def test_every_row_is_one_of_the_source(source: ScratchServer, copy: tuple[Made, str]) -> None:
    found, url = copy
    for each in found.tables:
        query = f"SELECT hashtextextended(t::text, 0) FROM {each.name} AS t"
        ours = [number for (number,) in rows(url, query)]
        assert len(set(ours)) == len(ours) == each.rows
        assert set(ours) <= {number for (number,) in rows(source.url("shop"), query)}, each.name


def test_small_tables_are_whole_and_big_ones_are_sampled(copy: tuple[Made, str]) -> None:
    found, url = copy
    assert 0 < found.about.share < 0.5
    assert {each.name.split(".")[1].strip('"') for each in found.tables if each.whole} == {
        "country", "category", "complaint", "note",
    }  # fmt: skip
    assert found.size_bytes - EMPTY <= WANTED
    assert found.size_bytes > WANTED / 2
    for each in found.tables:
        assert one(url, f"SELECT count(*) FROM {each.name}") == each.rows
    assert table(found, "item").follows == '"public"."orders" ("order_id")'
    assert table(found, "orders").follows == '"Sales"."Customer" ("customer_id")'
    assert table(found, "delivery").follows == '"public"."orders" ("order_id")'


def drawn_customers(source: ScratchServer, share: float) -> str:
    """Their numbers as a list of SQL."""
    hashed = 'hashtextextended(ROW(id)::text COLLATE "C", 0)'
    query = (
        f"""SELECT string_agg(id::text, ',') FROM "Sales"."Customer" WHERE {hashed} & {HASHES - 1} < {share * HASHES}"""
    )
    return str(one(source.url("shop"), query))


def test_fan_outs_are_true_over_two_levels(source: ScratchServer, copy: tuple[Made, str]) -> None:
    found, url = copy
    drawn = drawn_customers(source, found.about.share)
    assert len(drawn.split(",")) > 100
    query = (
        "SELECT customer_id, count(DISTINCT o.id), count(i.order_id), sum(length(i.sku)) FROM orders o"
        f" LEFT JOIN item i ON i.order_id = o.id WHERE customer_id IN ({drawn}) GROUP BY 1 ORDER BY 1"
    )
    assert rows(url, query) == rows(source.url("shop"), query) != []
    partly = (
        "SELECT count(*) FROM (SELECT order_id, count(*) AS n FROM item GROUP BY 1) AS kept WHERE n < 1 + order_id % 4"
        " AND order_id NOT IN (SELECT order_id FROM complaint)"
    )
    assert one(url, partly) == 0, "an order has all of its items or none, unless somebody refers to one of them"


def test_rows_that_follow_nobody_are_drawn_as_well(copy: tuple[Made, str]) -> None:
    found, url = copy
    guests = one(url, "SELECT count(*) FROM orders WHERE customer_id IS NULL")
    assert guests / 8000 == pytest.approx(found.about.share, rel=0.5)


def test_rows_stay_in_the_order_of_the_source(source: ScratchServer, copy: tuple[Made, str]) -> None:
    query = (
        "SELECT tablename, attname, round(correlation::numeric, 1) FROM pg_stats WHERE NOT inherited AND attname IN"
        " ('id', 'order_id', 'placed', 'customer_id') AND tablename NOT IN ('complaint', 'note') ORDER BY 1, 2"
    )
    assert len(rows(copy[1], query)) > 8
    assert rows(copy[1], query) == rows(source.url("shop"), query)


def test_without_keys_joins_are_told_or_declared(source: ScratchServer, settings: Settings) -> None:
    run(source.url(), "CREATE DATABASE bare TEMPLATE shop")
    drop = (
        "SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname), ';')"
        " FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
    )
    run(source.url("bare"), one(source.url("bare"), drop))
    with sandbox(source.url("bare", role="reader"), settings, "bare", size=WANTED) as (found, url):
        assert len(found.warnings) == 1
        assert found.warnings[0].startswith("No foreign key says which rows of other tables belong to those of")
        assert '"public"."item"' in found.warnings[0]
        assert one(url, "SELECT count(*) FROM item i LEFT JOIN orders o ON o.id = i.order_id WHERE o.id IS NULL") > 0
    joins = ("item (order_id) REFERENCES orders (id)", 'orders (customer_id) references "Sales"."Customer" ("id")')
    with sandbox(source.url("bare", role="reader"), settings, "bare", *joins, size=WANTED) as (found, url):
        assert '"public"."item"' not in found.warnings[0]
        assert one(url, "SELECT count(*) FROM item i LEFT JOIN orders o ON o.id = i.order_id WHERE o.id IS NULL") == 0
        assert one(url, "SELECT count(*) FROM item") > 1000
        assert one(url, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == 0


@pytest.mark.parametrize(
    ("join", "said"),
    [
        ("item.order_id = orders.id", "is not a join; write it such as"),
        ("item (order_id, number) REFERENCES orders (id)", "2 columns on one side and 1 on the other"),
        ("item (order_id) REFERENCES gone (id)", "has no table gone"),
        ("item (nothing) REFERENCES orders (id)", "item has no column nothing"),
        ("item (pad) REFERENCES orders (pad)", "No unique index of orders is on (pad)"),
    ],
)
def test_a_join_that_means_nothing(source: ScratchServer, settings: Settings, join: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        made(source.url("shop", role="reader"), settings, "none", join, size=WANTED)
    assert said in str(raised.value)


def test_no_sample_is_that_small(source: ScratchServer, settings: Settings) -> None:
    with pytest.raises(UsageError, match="would hold fewer than 1,000 rows of"):
        made(source.url("shop", role="reader"), settings, "none", size=1000)
