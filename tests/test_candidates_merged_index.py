"""Indexes that serve several statements at once follow from those that each of them asks for."""

import random

import pytest

from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from pgarchitect.candidates.merged_index import MOST_CARRIED, merged_indexes
from pgarchitect.schema.catalog import Table

ORDERS = Table(1, "public", "orders", "public.orders", "r", 1e6, 10_000, True, (), ())
LINES = Table(2, "public", "lines", "public.lines", "r", 1e6, 10_000, True, (), ())


def index(text: str, table: Table = ORDERS, where: str = "", method: str = "btree") -> IndexDefinition:
    """``a, b + c`` has the keys a and b, and carries c."""
    keys, _, carried = text.partition(" + ")
    included = tuple(carried.split(", ")) if carried else ()
    return IndexDefinition(table, tuple(map(IndexKey, keys.split(", "))), method, included, where)


def merged(*given: IndexDefinition) -> list[str]:
    return [str(each).removeprefix("public.") for each in merged_indexes((each, 1_000) for each in given)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("a + b", "a + c"), ["orders (a) INCLUDE (b, c)"]),
        (("a + c", "a, b + d"), ["orders (a, b) INCLUDE (c, d)"]),
        (("a + b, c", "a, b + d"), ["orders (a, b) INCLUDE (c, d)"]),
        (("a + b", "a, b"), []),  # the longer one does it all already
        (("a", "a + b"), []),
        (("a + b", "b + a"), []),
        (("a, b + c", "a, d + e"), []),
        (("a, b + d", "b, a + c"), []),
    ],
)
def test_two_that_begin_alike_become_one(given: tuple[str, ...], expected: list[str]) -> None:
    assert merged(*map(index, given)) == expected


def test_all_of_the_same_keys_become_one_too() -> None:
    found = merged(index("a + b"), index("a + c"), index("a + d"))
    assert "orders (a) INCLUDE (b, c, d)" in found
    assert len(found) == 4


def test_no_index_becomes_a_copy_of_the_table() -> None:
    first, second = (", ".join(f"{letter}{n}" for n in range(5)) for letter in "bc")
    assert MOST_CARRIED < 10
    assert merged(index(f"a + {first}"), index(f"a + {second}")) == []


def test_what_is_of_another_kind_stays_apart() -> None:
    assert merged(index("a + b"), index("a + c", LINES)) == []
    assert merged(index("a + b"), index("a + c", where="d IS NULL")) == []
    assert merged(index("a", method="brin"), index("a + b")) == []
    assert merged(index("a + b", where="d IS NULL"), index("a + c", where="d IS NULL")) == [
        "orders (a) INCLUDE (b, c) WHERE d IS NULL"
    ]


def test_of_many_those_are_left_that_spare_most() -> None:
    sized = [(index(f"a{n} + {carried}"), n + place) for n in range(60) for place, carried in enumerate("bc")]
    found = [str(each) for each in merged_indexes(sized)]
    assert len(found) == 50
    assert not any("(a9)" in each for each in found)
    assert any("(a10)" in each for each in found)


def test_their_order_changes_nothing() -> None:
    given = [index(text) for text in ("a + b", "a + c", "a, b + d", "a, c", "b + a, c", "b + d")]
    found = merged(*given)
    random.Random(7).shuffle(given)  # noqa: S311
    assert merged(*given) == found
