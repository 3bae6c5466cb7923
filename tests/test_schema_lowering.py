"""What lowering takes for granted, checked against the server that it speaks of."""

import random

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.ddl.quoting import quote
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering.built_in_types import BUILT_IN
from pgarchitect.schema.lowering.names import LONGEST, foreign_key_name, index_name, primary_key_name, sequence_name
from pgarchitect.schema.lowering.operator_classes import is_default, operator_class_sql
from pgarchitect.schema.lowering.unsupported import unsupported_type
from pgarchitect.schema.psl.prisma_schema import OperatorClass

PRISMAS_CLASSES = """
    ArrayOps JsonbOps JsonbPathOps InetOps TextOps
    BitMinMaxOps VarBitMinMaxOps BpcharBloomOps BpcharMinMaxOps ByteaBloomOps ByteaMinMaxOps DateBloomOps DateMinMaxOps
    DateMinMaxMultiOps Float4BloomOps Float4MinMaxOps Float4MinMaxMultiOps Float8BloomOps Float8MinMaxOps
    Float8MinMaxMultiOps InetInclusionOps InetBloomOps InetMinMaxOps InetMinMaxMultiOps Int2BloomOps Int2MinMaxOps
    Int2MinMaxMultiOps Int4BloomOps Int4MinMaxOps Int4MinMaxMultiOps Int8BloomOps Int8MinMaxOps Int8MinMaxMultiOps
    NumericBloomOps NumericMinMaxOps NumericMinMaxMultiOps OidBloomOps OidMinMaxOps OidMinMaxMultiOps TextBloomOps
    TextMinMaxOps TimestampBloomOps TimestampMinMaxOps TimestampMinMaxMultiOps TimestampTzBloomOps TimestampTzMinMaxOps
    TimestampTzMinMaxMultiOps TimeBloomOps TimeMinMaxOps TimeMinMaxMultiOps TimeTzBloomOps TimeTzMinMaxOps
    TimeTzMinMaxMultiOps UuidBloomOps UuidMinMaxOps UuidMinMaxMultiOps
"""
"""Those that an `ops:` may name: https://www.prisma.io/docs/orm/prisma-schema/data-model/indexes"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (index_name("t", ["a", "b"], unique=False), "t_a_b_idx"),
        (index_name("x" * 57, ["v"], unique=True), "x" * 57 + "_v_key"),
        (index_name("x" * 58, ["v"], unique=True), "x" * 58 + "__key"),
        (index_name("x" * 59, ["v"], unique=True), "x" * 59 + "_key"),
        (primary_key_name("x" * 63), "x" * 58 + "_pkey"),
        (foreign_key_name("é" * 40, ["v"]), "é" * 29 + "_fkey"),
        (primary_key_name("é" * 28 + "xxx"), "é" * 28 + "xx_pkey"),
    ],
)
def test_names_are_cut_to_63_bytes(name: str, expected: str) -> None:
    assert name == expected
    assert len(name.encode()) <= LONGEST


def test_a_sequence_is_named_as_the_server_names_it(fresh_database: str) -> None:
    chance = random.Random(1)  # noqa: S311  # no secret
    with connect(fresh_database, read_only=False) as connection:
        for _ in range(60):
            table = chance.choice("täé表") * chance.randint(1, 20) + "t" * chance.randint(0, 3)
            column = chance.choice("cö表") * chance.randint(1, 20) + "c" * chance.randint(0, 3)
            connection.execute(f"CREATE TABLE {quote(table)} ({quote(column)} serial)".encode())
            found = connection.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'S' AND oid = pg_get_serial_sequence(%s, %s)::regclass",
                (quote(table), column),
            ).fetchone()
            assert found == (sequence_name(table, column),)
            connection.execute(f"DROP TABLE {quote(table)}".encode())


def test_every_operator_class_of_prisma_is_one_of_the_server(fresh_database: str) -> None:
    with connect(fresh_database) as connection:
        known = {name for (name,) in connection.execute("SELECT opcname::text FROM pg_opclass")}
    assert {operator_class_sql(OperatorClass(each)) for each in PRISMAS_CLASSES.split()} <= known


def test_raw_operator_classes_are_left_alone() -> None:
    assert operator_class_sql(OperatorClass("public.MyOps", raw=True)) == "public.MyOps"


def test_default_operator_classes_are_those_of_the_server(fresh_database: str) -> None:
    with connect(fresh_database) as connection:
        rows = connection.execute(
            "SELECT amname::text, opcname::text, bool_and(opcdefault) FROM pg_opclass JOIN pg_am a ON a.oid = opcmethod"
            " GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    wrong = [(method, name) for method, name, default in rows if is_default(method, name) is not default]
    assert wrong == []


def test_built_in_types_are_those_of_the_server(fresh_database: str) -> None:
    with connect(fresh_database) as connection:
        found = connection.execute(
            "SELECT typname::text FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"
            " AND typtype IN ('b', 'r', 'm') AND typname NOT LIKE '\\_%'"
            " AND (typcategory <> 'Z' OR typname = 'char') AND typname <> 'gtsvector'"
        ).fetchall()
    assert {name for (name,) in found} == BUILT_IN


UNSUPPORTED = [
    "tsvector",
    "POINT",
    "int4range",
    "interval",
    "interval(3)",
    "interval day to second(3)",
    "timestamp(3) with time zone",
    "timestamp with time zone",
    "time without time zone",
    "double precision",
    "character varying(20)",
    "character(3)",
    "numeric(5, 2)",
    "bit varying(4)",
    "int",
    "decimal(4,1)[]",
    '"char"',
    "pg_catalog.int4",
    "ltree",
    "LTree[]",
    'shop."Sort of"',
    "shop.colour",
    '"Odd one"',
]


def test_unsupported_types_are_read_as_the_catalog_has_them(fresh_database: str) -> None:
    columns = ", ".join(f"c{i} {text}" for i, text in enumerate(UNSUPPORTED))
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE EXTENSION ltree")
        connection.execute("CREATE SCHEMA shop")
        connection.execute('CREATE DOMAIN shop."Sort of" AS text')
        connection.execute("CREATE DOMAIN shop.colour AS text")
        connection.execute('CREATE DOMAIN "Odd one" AS text')
        connection.execute(f"CREATE TABLE t ({columns})".encode())
        table = read_database_schema(connection).table("public", "t")
    assert table is not None
    for column, text in zip(table.columns, UNSUPPORTED, strict=True):
        ours = unsupported_type(text, array=False)
        there = column.type
        if there.kind is TypeKind.OTHER and not ours.schema:
            there = ColumnType(there.kind, there.name, "", there.modifiers, there.array)
        assert ours == there, text


def test_an_unsupported_type_is_written_as_it_was(fresh_database: str) -> None:
    assert [type_sql(unsupported_type(each, array=False)) for each in UNSUPPORTED] == UNSUPPORTED
    assert type_sql(unsupported_type("vector( 3 )", array=True)) == "vector( 3 )[]"


def test_types_that_the_catalog_has_are_written_so_that_the_server_reads_them(fresh_database: str) -> None:
    columns = ", ".join(f"c{i} {text}" for i, text in enumerate(UNSUPPORTED))
    with connect(fresh_database, read_only=False) as connection:
        connection.execute("CREATE EXTENSION ltree SCHEMA public")
        connection.execute("CREATE SCHEMA shop")
        connection.execute('CREATE DOMAIN shop."Sort of" AS text')
        connection.execute("CREATE DOMAIN shop.colour AS text")
        connection.execute('CREATE DOMAIN "Odd one" AS text')
        connection.execute(f"CREATE TABLE t ({columns}, bp bpchar, b bit, n numeric, v varbit)".encode())
        table = read_database_schema(connection).table("public", "t")
        assert table is not None
        again = ", ".join(f"{quote(each.name)} {type_sql(each.type)}" for each in table.columns)
        connection.execute(f"CREATE TABLE u ({again})".encode())
        second = read_database_schema(connection).table("public", "u")
    assert second is not None
    assert [each.type for each in second.columns] == [each.type for each in table.columns]
