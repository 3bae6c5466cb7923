"""What stands beside the tables of a database stays as it was, whatever a schema.prisma changes near it."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.database_schema import DatabaseSchema, DefaultKind, Identity
from pgarchitect.schema.difference import StepKind, Wishes, difference, migration_script
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.pulling import pulled
from tests.python_mirrors import schema_of
from tests.schema_lab import SchemaLab, between, schema_lab


@pytest.fixture
def lab(fresh_database: str) -> Iterator[SchemaLab]:
    with schema_lab(fresh_database) as found:
        yield found


def read(lab: SchemaLab) -> DatabaseSchema:
    return read_database_schema(lab.connection)


def change(lab: SchemaLab, *replacements: tuple[str, str]) -> list[StepKind]:
    """Pull the schema, change its text by regular expressions, and migrate to it; the kinds of steps that it took."""
    before = read(lab)
    text = pulled(before, {"schema.prisma": ""})["schema.prisma"]
    for pattern, new in replacements:
        text, times = re.subn(pattern, new, text, flags=re.DOTALL)
        assert times, pattern
    wanted = lab.spelled(lower(parse_schema({"schema.prisma": text})))
    steps = difference(before, wanted, Wishes(keep_inexpressible=True))
    lab.run(migration_script(steps))
    rest = difference(read(lab), wanted, Wishes(keep_inexpressible=True))
    assert not rest, migration_script(rest)
    return [each.kind for each in steps]


GONE = r"\n +{} +String\?"
"""A line of the schema with such a column, and nothing instead of it."""
WIDER = (r"\b(a|b)( +)Int\b", r"\1\2BigInt")
"""Two columns get another type."""


def test_a_view_stays_where_what_goes_is_only_called_like_something_that_it_reads(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE people (id int PRIMARY KEY, name text);"
        "CREATE TABLE orders (id int PRIMARY KEY, name text, by int REFERENCES people);"
        "CREATE TABLE status (id int PRIMARY KEY);"
        "CREATE VIEW sold AS SELECT o.id, p.name FROM orders o JOIN people p ON p.id = o.by;"
        "CREATE VIEW told AS SELECT id, name AS status FROM people;"
        "CREATE VIEW lost AS SELECT name FROM orders;"
        "CREATE VIEW lost_too AS SELECT count(*) AS n FROM lost"
    )
    change(lab, (r"(model orders \{.*?)" + GONE.format("name"), r"\1"), (r"model status \{.*?\n\}", ""))
    assert [each.name for each in read(lab).views] == ["sold", "told"]


def test_a_view_that_reads_only_other_columns_is_not_made_anew(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE one (id int PRIMARY KEY, a int, b int); CREATE TABLE two (id int PRIMARY KEY, a int);"
        "CREATE VIEW seen AS SELECT one.id, two.a FROM one JOIN two USING (id)"
    )
    assert change(lab, (r"(model one \{.*?a +)Int\?", r"\1BigInt?")) == [StepKind.ALTER_TABLE]


def test_a_view_of_a_partition_or_heir_reads_its_parents_columns(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE m (id int PRIMARY KEY, a int, gone text) PARTITION BY RANGE (id);"
        "CREATE TABLE m1 PARTITION OF m DEFAULT PARTITION BY LIST (id); CREATE TABLE m11 PARTITION OF m1 DEFAULT;"
        "CREATE TABLE base (id int PRIMARY KEY, a int); CREATE TABLE heir (y int) INHERITS (base);"
        "CREATE VIEW one AS SELECT a FROM m11; CREATE VIEW two AS SELECT a FROM heir;"
        "CREATE VIEW lost AS SELECT gone FROM m1"
    )
    change(lab, WIDER, (GONE.format("gone"), ""))
    assert [(each.name, each.columns[0].type.name) for each in read(lab).views] == [("one", "int8"), ("two", "int8")]


def test_a_view_that_is_made_anew_keeps_whose_rights_it_has_and_what_it_checks(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE t (id int PRIMARY KEY, a int);"
        "CREATE VIEW careful WITH (security_invoker, security_barrier) AS SELECT id, a FROM t;"
        "COMMENT ON VIEW careful IS 'it''s so'; COMMENT ON COLUMN careful.a IS 'a column';"
        "CREATE VIEW checked AS SELECT id, a FROM t WHERE a > 1 WITH LOCAL CHECK OPTION"
    )
    before = read(lab).views
    assert change(lab, WIDER).count(StepKind.CREATE_VIEW) == 2
    after = read(lab).views
    assert {(each.name, each.options, each.comment) for each in after} == {
        ("careful", ("security_barrier=true", "security_invoker=true"), "it's so"),
        ("checked", ("check_option=local",), ""),
    }
    assert [each.columns[1].comment for each in after] == [each.columns[1].comment for each in before]


def test_a_view_that_goes_or_loses_its_grants_is_warned_of(lab: SchemaLab) -> None:
    lab.run("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW seen AS SELECT a FROM t")
    before = read(lab)
    wider = lower(schema_of("model t {\n  id Int @id\n  a BigInt?\n}"))
    without = lower(schema_of("model t {\n  id Int @id\n}"))
    told = [
        next(each.warnings for each in difference(before, after, Wishes(keep_inexpressible=True)) if each.warnings)
        for after in (wider, without)
    ]
    assert told == [
        ('The view "seen" is created anew: grants on it have to be given again.',),
        ('The view "seen" is dropped.',),
    ]


def test_whose_rights_a_view_has_is_a_difference(lab: SchemaLab) -> None:
    lab.run("CREATE VIEW seen WITH (security_invoker = true) AS SELECT 1 AS one")
    before = read(lab)
    after = replace(before, views=tuple(replace(each, options=()) for each in before.views))
    assert between(before, after)


def test_a_view_of_a_table_of_the_same_name_in_another_schema_is_another(lab: SchemaLab) -> None:
    lab.run(
        "CREATE SCHEMA other; CREATE TABLE other.t (a int); CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t"
    )
    before = read(lab)
    lab.run("CREATE OR REPLACE VIEW v AS SELECT a FROM other.t")
    assert difference(read(lab), before)


def test_a_check_and_an_index_stay_where_a_column_goes_that_is_called_like_a_function(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE t (id int PRIMARY KEY, name text, at timestamptz, lower text, length text, time text, year text,"
        " CHECK (length(name) > 3), CHECK (EXTRACT(year FROM at) > 1), CHECK (at::timestamp(3) > 'today'::date));"
        "CREATE INDEX small ON t (lower(name));"
        "CREATE INDEX part ON t (id) WHERE length(name) > 2;"
        "CREATE INDEX gone ON t (id) WHERE lower(length) > 'a'"
    )
    before = read(lab).tables[0]
    change(lab, *((GONE.format(each), "") for each in ("lower", "length", "time", "year")))
    after = read(lab).tables[0]
    assert after.constraints == before.constraints
    assert [each.name for each in after.indexes] == ["part", "small"]


def test_a_foreign_key_that_steps_aside_comes_back_whole(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));"
        "CREATE TABLE child (id int PRIMARY KEY, a int, b int,"
        " FOREIGN KEY (a, b) REFERENCES parent MATCH FULL ON DELETE SET NULL (b) DEFERRABLE)"
    )
    (before,) = read(lab).tables[1].foreign_keys
    assert StepKind.ADD_FOREIGN_KEY in change(lab, WIDER)
    assert read(lab).tables[1].foreign_keys == (before,)
    assert before.match_full
    assert before.set_columns == ("b",)


def test_a_foreign_key_that_nobody_checks_stays_so(lab: SchemaLab) -> None:
    _require_18(lab)
    lab.run(
        "CREATE TABLE parent (a int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, a int);"
        "ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES parent NOT ENFORCED; INSERT INTO child VALUES (1, 5)"
    )
    found = read(lab)
    change(lab, WIDER)
    lab.run("INSERT INTO child VALUES (2, 6)")
    (key,) = found.tables[1].foreign_keys
    checked = replace(found.tables[1], foreign_keys=(replace(key, enforced=True, validated=True),))
    assert difference(found, replace(found, tables=(found.tables[0], checked)))


def test_a_column_is_required_once_somebody_has_looked(lab: SchemaLab) -> None:
    _require_18(lab)
    lab.run(
        "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, NULL);"
        "ALTER TABLE t ADD CONSTRAINT given NOT NULL a NOT VALID"
    )
    assert read(lab).tables[0].columns[1].nullable
    lab.run("UPDATE t SET a = 1")
    wanted = lower(schema_of("model t {\n  id Int @id\n  a Int\n}"))
    lab.run(migration_script(difference(read(lab), wanted)))
    assert between(read(lab), wanted) == ()


def test_keys_over_time_are_made_kept_and_pulled(lab: SchemaLab) -> None:
    _require_18(lab)
    lab.run(
        "CREATE EXTENSION btree_gist;"
        "CREATE TABLE room (a int, during daterange, b int, PRIMARY KEY (a, during WITHOUT OVERLAPS),"
        " UNIQUE (b, during WITHOUT OVERLAPS));"
        "CREATE TABLE stay (id int PRIMARY KEY, a int, d daterange,"
        " FOREIGN KEY (a, PERIOD d) REFERENCES room (a, PERIOD during))"
    )
    before = read(lab)
    assert StepKind.ADD_FOREIGN_KEY in change(lab, WIDER)
    after = read(lab)
    assert [each.foreign_keys for each in after.tables] == [each.foreign_keys for each in before.tables]
    _comes_back(lab, before)
    with pytest.raises(Exception, match="conflicting key value violates exclusion constraint"):
        lab.run("INSERT INTO room VALUES (1, '[2024-01-01,2024-02-01)', 1), (1, '[2024-01-02,2024-01-03)', 2)")


def test_keys_and_tables_are_made_as_they_were(lab: SchemaLab) -> None:
    lab.run(
        "CREATE UNLOGGED TABLE quick (id int, x int,"
        " CONSTRAINT quick_key PRIMARY KEY (id) INCLUDE (x) DEFERRABLE INITIALLY DEFERRED);"
        "CREATE VIEW seen WITH (security_invoker = true) AS SELECT 1 AS one; COMMENT ON VIEW seen IS 'a comment'"
    )
    before = read(lab)
    assert difference(before, lower(schema_of('model quick {\n  id Int @id(map: "quick_key")\n  x Int\n}')))
    change(lab, (r"x( +)Int\b", r"x\1BigInt"))
    assert read(lab).tables[0].primary_key == before.tables[0].primary_key
    assert read(lab).tables[0].unlogged
    _comes_back(lab, before)


def test_an_identity_a_collation_and_what_is_generated_outlive_another_type(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY,"
        ' s varchar(10) COLLATE "C", a int, twice int GENERATED ALWAYS AS (a * 2) STORED);'
        "INSERT INTO t (a) VALUES (4)"
    )
    change(
        lab,
        (r"(id +)Int", r"\1BigInt"),
        (r"VarChar\(10\)", "VarChar(20)"),
        (r"(twice +)Int\?[^\n]*", r"\1BigInt?"),
    )
    key, text, _, twice = read(lab).tables[0].columns
    assert (key.identity, key.type.name) == (Identity.ALWAYS, "int8")
    assert (text.collation, text.type.modifiers) == ('pg_catalog."C"', ("20",))
    assert (twice.generated, twice.type.name) == ("(a * 2)", "int8")
    assert lab.connection.execute("INSERT INTO t (a) VALUES (1) RETURNING id, twice").fetchone() == (105, 2)


def test_a_foreign_key_to_a_partitioned_table_is_one(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
        "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);"
        "CREATE TABLE m11 PARTITION OF m1 DEFAULT;"
        "CREATE TABLE c (a int PRIMARY KEY, id int, at date, FOREIGN KEY (id, at) REFERENCES m) PARTITION BY LIST (a);"
        "CREATE TABLE c1 PARTITION OF c DEFAULT"
    )
    before = read(lab)
    assert [(each.name, len(each.foreign_keys)) for each in before.tables] == [
        ("m", 0),
        ("m1", 0),
        ("m11", 0),
        ("c", 1),
        ("c1", 1),
    ]
    assert change(lab, (r"(model c \{.*?id +)Int\?", r"\1Int"))
    _comes_back(lab, before)


def test_a_column_that_takes_numbers_from_another_sequence_than_its_own_is_none_of_serial(lab: SchemaLab) -> None:
    lab.run('CREATE SCHEMA "o.k"; CREATE TABLE "o.k"."T""1" ("a B" serial, c serial); CREATE SEQUENCE other')
    lab.run('ALTER TABLE "o.k"."T""1" ALTER c SET DEFAULT nextval(\'other\')')
    own, taken = (each.default for each in read_database_schema(lab.connection, ("o.k",)).tables[0].columns)
    assert own is not None
    assert own.kind is DefaultKind.SEQUENCE
    assert taken is not None
    assert taken.kind is DefaultKind.EXPRESSION


def _require_18(lab: SchemaLab) -> None:
    if lab.version < 18_00_00:
        pytest.skip("PostgreSQL 18 has this")


def _comes_back(lab: SchemaLab, wanted: DatabaseSchema) -> None:
    """Turn the database into nothing and into what it is to be, by steps."""
    lab.run(migration_script(difference(read(lab), replace(DatabaseSchema(("public",)), extensions=wanted.extensions))))
    lab.run(migration_script(difference(read(lab), wanted)))
    rest = between(read(lab), wanted)
    assert not rest, migration_script(rest)


@pytest.mark.parametrize(
    "model",
    [
        f"model T {{\n  id Int @id\n  {'x' * 64} Int\n}}",
        f'model T {{\n  id Int @id\n  x Int @map("{"ü" * 32}")\n}}',
        f"model {'T' * 64} {{\n  id Int @id\n}}",
        f"enum {'E' * 64} {{\n  A\n}}",
    ],
)
def test_a_name_of_which_a_part_would_be_cut_is_refused(model: str) -> None:
    with pytest.raises(SchemaInvalid, match=r"has a name of 64 bytes in the database, .* shorter one with @map"):
        lower(schema_of(model))
