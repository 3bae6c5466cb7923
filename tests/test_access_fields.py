"""Conditions that compare fields of a row with each other, and that search for words; many rows that come back."""

from collections.abc import Callable, Iterator
from contextlib import closing
from types import ModuleType
from typing import Any

import pytest

from pgarchitect.access import failures
from pgarchitect.access.fields import Field
from pgarchitect.access.options import PoolOptions
from pgarchitect.access.sync.alchemy_database import AlchemyDatabase
from tests.access_lab import client, create
from tests.access_live import ask
from tests.access_nested_lab import world

SCHEMA = """
datasource db {
  provider = "postgresql"
}

enum Size {
  SMALL
  LARGE
}

model Product {
  id       Int      @id @default(autoincrement())
  name     String   @unique
  label    String?  @db.VarChar(20)
  stock    Int
  least    BigInt?
  price    Decimal  @default(0)
  size     Size     @default(SMALL)
  wished   Size     @default(SMALL)
  made     DateTime @default(now())
  sold     DateTime @default(now()) @db.Timestamptz(3)
  counts   Int[]
  more     Json     @default("{}")
  words    Unsupported("tsvector")?
  parentId Int?
  parent   Product?  @relation("Parts", fields: [parentId], references: [id])
  parts    Product[] @relation("Parts")
}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(SCHEMA, tmp_path_factory.mktemp("client"), "shop_client")


@pytest.fixture(params=["threads", "asyncio", "other"])
def product(fresh_database: str, shop: ModuleType, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The table of four products."""
    create(fresh_database, SCHEMA)
    with world("threads", shop, fresh_database) as db:
        rows = [("a", "a", 5, 10, "LARGE"), ("b", "B", 10, 10, "SMALL"), ("c", None, 20, None, "LARGE")]
        for name, label, stock, least, size in rows:
            db.product.insert({"name": name, "label": label, "stock": stock, "least": least, "wished": size})
        db.product.insert({"name": "d", "stock": 1, "least": 0, "parent": {"connect": {"id": 1}}})
    texts = {"a": "Quick foxes jump", "b": "A lazy dog sleeps", "c": "The fox and the dog"}
    for name, text in texts.items():
        ask(fresh_database, 'UPDATE "Product" SET words = to_tsvector(%s) WHERE name = %s', text, name)
    if request.param == "other":
        with closing(AlchemyDatabase(fresh_database, PoolOptions(), shop.TABLES)) as other:
            yield other.alchemy_tables["product"]
        return
    with world(request.param, shop, fresh_database) as db:
        yield db.product


def names(product: Any, where: dict[str, Any]) -> str:
    return "".join(each.name for each in product.find_many(where=where, order_by={"id": "asc"}))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"stock": {"lt": Field("least")}}, "a"),
        ({"stock": {"lte": Field("least")}}, "ab"),
        ({"stock": {"gt": Field("least")}}, "d"),
        ({"stock": {"equals": Field("least")}}, "b"),
        ({"stock": Field("least")}, "b"),
        ({"stock": {"not": Field("least")}}, "ad"),
        ({"stock": {"not": {"gte": Field("least")}}}, "a"),
        ({"NOT": {"stock": {"gte": Field("least")}}}, "a"),
        ({"least": {"gte": Field("price")}, "name": {"not": "a"}}, "bd"),
        ({"name": {"equals": Field("label")}}, "a"),
        ({"size": {"equals": Field("wished")}}, "bd"),
        ({"parts": {"some": {"stock": {"gt": Field("least")}}}}, "a"),
        ({"parent": {"stock": {"lt": Field("least")}}}, "d"),
    ],
)
def test_fields_of_a_row_are_compared_with_each_other(product: Any, where: dict[str, Any], expected: str) -> None:
    assert names(product, where) == expected
    assert product.count(where=where) == len(expected)


@pytest.mark.parametrize(
    ("where", "error", "told"),
    [
        ({"stock": {"lt": Field("nothing")}}, failures.UnknownField, "product has no field 'nothing'"),
        ({"stock": {"lt": Field("parts")}}, failures.UnknownField, "parts of product is a relation"),
        ({"stock": {"lt": Field("name")}}, failures.InvalidCondition, "stock cannot be compared with the field name"),
        ({"made": {"lt": Field("sold")}}, failures.InvalidCondition, "made cannot be compared with the field sold"),
        ({"stock": Field("counts")}, failures.InvalidCondition, "stock cannot be compared with the field counts"),
        ({"counts": Field("stock")}, failures.InvalidCondition, "counts cannot be compared with the field stock"),
    ],
)
def test_fields_that_cannot_be_compared_are_told(
    product: Any, where: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        product.find_many(where=where)


def test_a_group_has_no_fields_to_compare_with(product: Any) -> None:
    with pytest.raises(failures.InvalidCondition, match="a group has no fields"):
        product.group_by(["size"], where={"stock": {"gt": 0}}, having={"count": {"gt": Field("stock")}})


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"words": {"search": "fox"}}, "ac"),
        ({"words": {"search": "fox & dog"}}, "c"),
        ({"words": {"search": "quick | sleep"}}, "ab"),
        ({"words": {"search": "dog & !fox"}}, "b"),
        ({"words": {"websearch": "dog -fox"}}, "b"),
        ({"words": {"websearch": '"lazy dog" & ( \''}}, "b"),
        ({"name": {"search": "c | d"}}, "cd"),
        ({"label": {"search": "b"}, "name": {"not": "x"}}, "b"),
        ({"NOT": {"words": {"search": "dog"}}}, "a"),
    ],
)
def test_words_are_searched_for(product: Any, where: dict[str, Any], expected: str) -> None:
    assert names(product, where) == expected


def test_what_cannot_be_searched_is_told(product: Any) -> None:
    with pytest.raises(failures.InvalidCondition, match="stock has no operator 'search'"):
        product.find_many(where={"stock": {"search": "1"}})
    with pytest.raises(failures.InvalidCondition, match="search of name takes a text, not int"):
        product.find_many(where={"name": {"search": 1}})
    with pytest.raises(failures.InvalidCondition, match="search"):
        product.find_many(where={"name": {"search": "a", "mode": "insensitive"}})
    with pytest.raises(failures.StatementFailed, match="Syntax error in tsquery"):
        product.find_many(where={"name": {"search": "a b"}})


def test_one_row_is_named_by_its_key_and_by_what_it_must_fulfil(product: Any) -> None:
    assert product.find_unique({"id": 1, "name": "a", "stock": {"lt": Field("least")}}).id == 1
    assert product.find_unique({"id": 1, "name": "b"}) is None
    assert product.find_unique({"name": "d", "parent": {"name": "a"}}, include={"parent": True}).parent.id == 1
    assert product.get({"id": 1, "OR": [{"stock": 5}, {"stock": 6}]}).name == "a"
    with pytest.raises(failures.NotFound, match="product has no row with id 1, stock 6"):
        product.get({"id": 1, "stock": 6})
    assert product.update(where={"id": 1, "stock": 5}, data={"stock": {"increment": 1}}).stock == 6
    assert product.update(where={"id": 1, "stock": 5}, data={"stock": {"increment": 1}}) is None
    parts = {"parts": {"update": {"where": {"id": 4}, "data": {"stock": 2}}}}
    assert product.update(where={"id": 1, "stock": {"gt": 6}}, data=parts) is None
    assert product.get({"id": 4}).stock == 1
    assert product.update(where={"id": 1, "stock": {"gt": 5}}, data=parts, include={"parts": True}).parts[0].stock == 2
    assert product.delete(where={"id": 4, "NOT": {"stock": 2}}) is None
    assert product.delete(where={"id": 4, "parent": {"id": 2}}, include={"parent": True}) is None
    assert product.delete(where={"id": 4, "parent": {"id": 1}}, include={"parent": True}).parent.id == 1
    found = product.find_many(cursor={"id": 2, "stock": {"gt": 1}}, order_by={"id": "asc"})
    assert [each.id for each in found] == [2, 3]
    assert product.find_many(cursor={"id": 2, "stock": 1}, order_by={"id": "asc"}) == []


def test_an_upsert_writes_a_row_where_the_one_of_the_key_does_not_fit(product: Any) -> None:
    row = {"name": "new", "stock": 1}
    changed = product.upsert(where={"name": "a", "stock": 5}, create=row, update={"stock": 50})
    assert (changed.name, changed.stock) == ("a", 50)
    made = product.upsert(where={"name": "a", "stock": {"lt": 50}}, create=row, update={"stock": 0})
    assert (made.name, made.stock, product.count()) == ("new", 1, 5)
    with pytest.raises(failures.UniqueViolated):
        product.upsert(where={"name": "a", "stock": 5}, create={**row, "name": "a"}, update={})


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ({"id": {"gt": 0}, "stock": 1}, "of one row of product must have one value of id; operators"),
        ({"stock": 1, "size": "SMALL"}, "of one row of product must name a unique key: id, or name"),
        ({"AND": {"id": 1}}, "of one row of product must name a unique key: id, or name"),
        ([1, 2], "takes a mapping, not list"),
        (7, "takes a mapping, not int"),
    ],
)
def test_what_names_no_one_row_is_told(product: Any, key: Any, told: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: product.find_unique(key),
        lambda: product.get(key),
        lambda: product.update(where=key, data={"stock": 1}),
        lambda: product.upsert(where=key, create={"name": "x", "stock": 1}, update={}),
        lambda: product.delete(where=key),
        lambda: product.find_many(cursor=key),
    ]
    for call in calls:
        with pytest.raises(failures.InvalidCondition, match=told):
            call()


def test_rows_that_are_written_together_come_back(product: Any) -> None:
    found = product.update_many_returning(where={"stock": {"gte": 10}}, data={"stock": {"increment": 1}})
    assert sorted((each.name, each.stock) for each in found) == [("b", 11), ("c", 21)]
    assert product.update_many_returning(where={"stock": 99}, data={"price": 1}) == []
    assert product.update_many_returning(data={}) == []
    with pytest.raises(failures.ValidationFailed, match="stock"):
        product.update_many_returning(data={"stock": "x"})
    rows = [{"name": name, "stock": 1} for name in ("a", "e", "b", "f")]
    made = product.insert_many_returning(rows, skip_duplicates=True)
    assert [each.name for each in made] == ["e", "f"]
    with pytest.raises(failures.UniqueViolated):
        product.insert_many_returning(rows)


def test_a_field_named_as_the_numbers_of_relations_keeps_its_name(product: Any) -> None:
    row = product.find_first(where={"name": "a"}, include={"_count": {"parts": True}})
    assert (row.counts, row.counts_) == ([], {"parts": 1})
    chosen = product.find_many(where={"name": "d"}, select=["counts"], include={"_count": True})
    assert chosen == [{"counts": [], "counts_": {"parts": 0}}]
