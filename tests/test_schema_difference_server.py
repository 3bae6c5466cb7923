"""The differ's steps on a real server: what a text cannot tell."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import psycopg
import pytest

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.database_schema import (
    Action,
    Column,
    ColumnDefault,
    ColumnType,
    Constraint,
    DatabaseSchema,
    DefaultKind,
    Identity,
    Index,
    IndexColumn,
    Table,
    TypeKind,
)
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.difference import Wishes, difference, migration_script, parse_rename
from pgarchitect.schema.difference.casts import Risk, cast_between
from pgarchitect.schema.spelling import spelled
from tests.schema_lab import SchemaLab, between, schema_lab
from tests.test_schema_difference import prisma


@pytest.fixture
def lab(fresh_database: str) -> Iterator[SchemaLab]:
    with schema_lab(fresh_database) as found:
        yield found


def turn(lab: SchemaLab, after: DatabaseSchema, *renames: str) -> None:
    """Apply the difference and see that it arrives."""
    steps = difference(lab.read(), after, Wishes(tuple(map(parse_rename, renames))))
    lab.run(migration_script(steps))
    rest = between(lab.read(), after)
    assert not rest, migration_script(rest)


def value(lab: SchemaLab, query: str) -> object:
    row = lab.connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


SAMPLES = {
    "int2": "7",
    "int4": "7",
    "int8": "7",
    "numeric": "7",
    "float4": "7",
    "float8": "7",
    "money": "7",
    "oid": "7",
    "bool": "true",
    "text": None,
    "varchar": None,
    "bpchar": None,
    "date": "2024-02-29",
    "time": "12:00",
    "timetz": "12:00+00",
    "timestamp": "2024-02-29 12:00",
    "timestamptz": "2024-02-29 12:00+00",
    "interval": "1 hour",
    "json": "7",
    "jsonb": "7",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "inet": "10.0.0.1",
    "cidr": "10.0.0.1",
    "bit": "1",
    "varbit": "1",
    "bytea": "\\x01",
}
"""Type → a value; None: the value of the other type, written as text."""
STRINGS = ("text", "varchar", "bpchar")


@pytest.mark.parametrize(("was", "becomes"), [(False, False), (True, True), (False, True), (True, False)])
def test_every_cast_that_is_claimed_works(lab: SchemaLab, was: bool, becomes: bool) -> None:
    """A column for each, all of them in one statement; ``was`` and ``becomes``: an array of that."""
    columns, clauses = [], []
    for old, new in product(SAMPLES, SAMPLES):
        name = f"{old} {new}"
        before, after = (
            ColumnType(TypeKind.BUILT_IN, each, "", (), many) for each, many in ((old, was), (new, becomes))
        )
        found = cast_between(name, before, after)
        if found is None or (old == new and was == becomes):
            continue
        text = "true" if new == "bool" and old in {"jsonb", *STRINGS} else SAMPLES[old] or SAMPLES[new] or "x"
        sample = f"ARRAY['{text}']::{type_sql(before)}" if was else f"'{text}'::{type_sql(before)}"
        columns.append(f'{sample} AS "{name}"')
        using = f" USING ({found.using})" if found.using else ""
        clauses.append(f'ALTER COLUMN "{name}" SET DATA TYPE {type_sql(after)}{using}')
    lab.run(f"CREATE TABLE t AS SELECT {', '.join(columns)}; ALTER TABLE t {', '.join(clauses)}")
    assert value(lab, "SELECT count(*) FROM t, jsonb_each(to_jsonb(t)) v WHERE v.value = 'null'") == 0
    assert len(columns) > 100


def test_what_has_no_cast_here_has_none_on_the_server_that_keeps_values(lab: SchemaLab) -> None:
    """PostgreSQL itself casts nothing by assignment that we take for impossible."""
    query = """
        SELECT s.typname::text, t.typname::text FROM pg_cast c
        JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
        WHERE c.castcontext IN ('a', 'i') AND s.typname = ANY(%s) AND t.typname = ANY(%s) AND s.oid <> t.oid
    """
    names = list(SAMPLES)
    for old, new in lab.connection.execute(query, (names, names)):
        before, after = (ColumnType(TypeKind.BUILT_IN, each) for each in (old, new))
        found = cast_between("c", before, after)
        assert found is not None, (old, new)
        assert not found.using, (old, new)


@pytest.mark.parametrize(
    ("before", "after", "risk"),
    [
        (("varchar", "20"), ("varchar", "10"), Risk.MAY_FAIL),
        (("varchar", "10"), ("varchar", "20"), Risk.SAFE),
        (("numeric", "10", "2"), ("numeric", "12", "2"), Risk.SAFE),
        (("numeric", "10", "4"), ("numeric", "10", "2"), Risk.LOSSY),
        (("numeric", "10", "2"), ("numeric", "9", "2"), Risk.MAY_FAIL),
        (("timestamp", "6"), ("timestamp", "3"), Risk.LOSSY),
        (("timestamp", "3"), ("timestamptz", "3"), Risk.SAFE),
        (("int4",), ("numeric", "3", "0"), Risk.MAY_FAIL),
        (("text",), ("varchar", "5"), Risk.MAY_FAIL),
    ],
)
def test_the_risk_of_a_cast(before: tuple[str, ...], after: tuple[str, ...], risk: Risk) -> None:
    one, other = (ColumnType(TypeKind.BUILT_IN, name, "", tuple(rest)) for name, *rest in (before, after))
    found = cast_between("c", one, other)
    assert found is not None
    assert found.risk is risk


@pytest.mark.parametrize(("before", "after"), [(("Point", "4326"), ("Polygon", "4326")), (("Point",), ("Point", "1"))])
def test_modifiers_of_an_extensions_type_are_for_it_to_understand(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    one, other = (ColumnType(TypeKind.OTHER, "geometry", "", each) for each in (before, after))
    found = cast_between("c", one, other)
    assert found is not None
    assert (found.using, found.risk) == ("", Risk.MAY_FAIL)


def test_an_enum_goes_whose_columns_become_texts_with_the_same_defaults(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TYPE mood AS ENUM ('a', 'b');"
        "CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'a', s mood[] DEFAULT '{a,b}');"
        "INSERT INTO t VALUES (1)"
    )
    text = prisma('model t {\n  id Int @id\n  m String? @default("a")\n  s String[] @default(["a", "b"])\n}')
    turn(lab, text)
    assert lab.connection.execute("INSERT INTO t VALUES (2) RETURNING m, s").fetchone() == ("a", ["a", "b"])
    assert lab.connection.execute("SELECT m, s FROM t").fetchone() == ("a", ["a", "b"])


def test_a_domain_is_cast_as_the_type_below_it(lab: SchemaLab) -> None:
    lab.run(
        "CREATE DOMAIN filled AS text CHECK (VALUE <> '');"
        "CREATE TABLE t (a filled, b text, c filled, d int); INSERT INTO t VALUES ('7', 'b', '8', 9);"
        "CREATE TABLE u (a int, b filled, c text, d filled)"
    )
    before = lab.read()
    after = replace(before, tables=(replace(before.tables[0], columns=before.tables[1].columns), before.tables[1]))
    steps = difference(before, after)
    assert [each.loses for each in steps] == [""]
    lab.run(migration_script(steps))
    assert between(lab.read(), after) == ()
    assert lab.connection.execute("SELECT a, b, c, d FROM t").fetchone() == (7, "b", "8", "9")


def test_an_added_value_can_be_the_default_in_the_same_migration(lab: SchemaLab) -> None:
    text = "enum E {\n  a\n}\nmodel A {\n  id Int @id\n  e E @default(a)\n}\n"
    lab.create(prisma(text))
    turn(lab, prisma(text.replace("  a\n", "  a\n  b\n").replace("default(a)", "default(b)")))
    lab.run('INSERT INTO "A" (id) VALUES (1)')
    assert value(lab, 'SELECT e::text FROM "A"') == "b"


def test_values_survive_a_rebuilt_enum_in_columns_arrays_and_partial_indexes(lab: SchemaLab) -> None:
    lab.run("""
        CREATE TYPE "E" AS ENUM ('a', 'b', 'c');
        CREATE TABLE "A" (id int PRIMARY KEY, e "E" NOT NULL DEFAULT 'a', many "E"[] DEFAULT ARRAY['b']::"E"[],
                          twice boolean GENERATED ALWAYS AS (e = 'c'::"E") STORED, CHECK (e <> 'b'::"E"));
        CREATE INDEX part ON "A" (id) WHERE e = 'c'::"E";
        CREATE VIEW seen AS SELECT id FROM "A" WHERE e = 'c'::"E";
        INSERT INTO "A" (id, e, many) VALUES (1, 'c', '{a,c}');
    """)
    before = lab.read()
    after = DatabaseSchema(
        before.schemas,
        enums=(type(before.enums[0])("public", "E", ("c", "b", "a")),),
        tables=before.tables,
        views=before.views,
    )
    turn(lab, after)
    assert value(lab, 'SELECT e::text || many::text || twice::text FROM "A"') == "c{a,c}true"


def test_what_steps_aside_for_a_rebuilt_enum_is_there_again_or_never_went(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE t (id int PRIMARY KEY, m mood, CHECK (m <> 'sad'));"
        "CREATE VIEW seen AS SELECT m FROM t; CREATE INDEX some_of_t ON t (id) WHERE m = 'sad'"
    )
    before = lab.read()
    after = replace(before, enums=(replace(before.enums[0], labels=("glad",)),))
    script = migration_script(difference(before, after))
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):  # the check names the label that goes
        lab.run(script)
    assert between(lab.read(), before) == ()
    lab.run("ALTER TABLE t DROP CONSTRAINT t_m_check; DROP INDEX some_of_t; DROP VIEW seen")
    turn(lab, replace(lab.read(), enums=after.enums))


def test_a_view_is_not_dropped_with_a_value_that_is_committed_before_its_use(lab: SchemaLab) -> None:
    lab.run(
        "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE t (id int PRIMARY KEY, m mood, n int);"
        "CREATE VIEW seen AS SELECT n FROM t; INSERT INTO t VALUES (1, 'glad', NULL)"
    )
    before = lab.read()
    key, mood, number = before.tables[0].columns
    columns = (
        key,
        replace(mood, default=ColumnDefault(DefaultKind.LITERAL, "'sad'")),
        replace(number, type=ColumnType(TypeKind.BUILT_IN, "int8"), nullable=False),
    )
    enum = replace(before.enums[0], labels=("glad", "sad"))
    after = replace(before, enums=(enum,), tables=(replace(before.tables[0], columns=columns),))
    script = migration_script(difference(before, after))
    with pytest.raises(psycopg.errors.NotNullViolation):
        lab.run(script)
    assert lab.read() == replace(before, enums=(enum,))
    lab.run("UPDATE t SET n = 1")
    lab.run(script)
    assert between(lab.read(), after) == ()


def test_a_rebuilt_enum_beside_concurrently_keeps_its_transaction(lab: SchemaLab) -> None:
    lab.run("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE t (id int PRIMARY KEY, m mood)")
    before = lab.read()
    table = replace(before.tables[0], indexes=(Index("t_m", (IndexColumn("m"),)),))
    after = replace(before, enums=(replace(before.enums[0], labels=("glad",)),), tables=(table,))
    steps = difference(before, after, Wishes(concurrently=True))
    assert [each.transactional for each in steps] == [False, False]
    assert steps[0].statements[0] == "BEGIN;"


def test_a_serial_goes_on_where_its_values_end(lab: SchemaLab) -> None:
    plain = "model A {\n  id Int @id\n}\n"
    lab.create(prisma(plain))
    lab.run('INSERT INTO "A" VALUES (41)')
    turn(lab, prisma(plain.replace("@id", "@id @default(autoincrement())")))
    lab.run('INSERT INTO "A" DEFAULT VALUES')
    assert value(lab, 'SELECT max(id) FROM "A"') == 42
    turn(lab, prisma(plain.replace("Int @id", "BigInt @id @default(autoincrement())")))
    assert value(lab, "SELECT data_type::text FROM pg_sequences") == "bigint"
    turn(lab, prisma(plain))
    assert value(lab, "SELECT count(*) FROM pg_sequences") == 0


def test_sequences_follow_a_renamed_table(lab: SchemaLab) -> None:
    text = "model A {\n  id Int @id @default(autoincrement())\n}\n"
    lab.create(prisma(text))
    turn(lab, prisma(text.replace("model A", "model B")), "A:B")
    assert value(lab, "SELECT sequencename::text FROM pg_sequences") == "B_id_seq"


def test_swapped_tables_keep_their_rows_and_what_is_in_the_way_goes(lab: SchemaLab) -> None:
    text = "model A {\n  id Int @id\n  a Int\n}\nmodel B {\n  id Int @id\n  b Int\n}\nmodel C {\n  id Int @id\n}\n"
    lab.create(prisma(text))
    lab.run('INSERT INTO "A" VALUES (1, 2); INSERT INTO "B" VALUES (3, 4)')
    swapped = text.replace("model A", "model X").replace("model B", "model A").replace("model X", "model B")
    turn(lab, prisma(swapped), "A:B", "B:A")
    assert (value(lab, 'SELECT a FROM "B"'), value(lab, 'SELECT b FROM "A"')) == (2, 4)
    gone = "model B {\n  id Int @id\n  b Int\n}\nmodel C {\n  id Int @id\n}\n"
    turn(lab, prisma(gone), "A:B")
    assert value(lab, 'SELECT b FROM "B"') == 4


def test_a_view_keeps_its_names_when_a_column_that_it_reads_gets_another_and_changes(lab: SchemaLab) -> None:
    lab.create(prisma("model A {\n  id Int @id\n  old Int\n}\n"))
    lab.run('CREATE VIEW seen AS SELECT old, id FROM "A" WHERE old > 1; INSERT INTO "A" VALUES (1, 7)')
    after = prisma("model A {\n  id Int @id\n  young BigInt\n}\n")
    wishes = Wishes((parse_rename("A.old:young"),), keep_inexpressible=True)
    lab.run(migration_script(difference(lab.read(), after, wishes)))
    assert value(lab, "SELECT old FROM seen") == 7
    assert difference(lab.read(), after, Wishes(keep_inexpressible=True)) == ()


def test_a_view_that_is_created_anew_keeps_what_belongs_to_it(lab: SchemaLab) -> None:
    lab.create(prisma("model A {\n  id Int @id\n  age Int\n}\n"))
    lab.run(
        'CREATE VIEW seen WITH (security_barrier) AS SELECT age, id FROM "A";'
        " CREATE VIEW checked WITH (check_option=local) AS SELECT age FROM seen WHERE age > 1;"
        " COMMENT ON VIEW seen IS 'who is''t'; COMMENT ON COLUMN seen.age IS 'years';"
        " CREATE MATERIALIZED VIEW kept AS SELECT age FROM seen; COMMENT ON MATERIALIZED VIEW kept IS 'a copy'"
    )
    before = lab.read().views
    steps = difference(
        lab.read(), prisma("model A {\n  id Int @id\n  age BigInt\n}\n"), Wishes(keep_inexpressible=True)
    )
    lab.run(migration_script(steps))
    said = {each.name: (each.options, each.comment, each.columns[0].comment) for each in lab.read().views}
    assert said == {each.name: (each.options, each.comment, each.columns[0].comment) for each in before}
    assert said["seen"] == (("security_barrier=true",), "who is't", "years")
    warnings = [warning for each in steps for warning in each.warnings]
    assert 'The view "seen" is created anew: grants on it have to be given again.' in warnings
    assert len(warnings) == 3


def test_what_a_view_is_beside_its_definition_is_a_difference(lab: SchemaLab) -> None:
    lab.run('CREATE TABLE "A" (id int); CREATE VIEW seen AS SELECT id FROM "A"')
    plain = lab.read()
    lab.run("ALTER VIEW seen SET (security_barrier = true); COMMENT ON VIEW seen IS 'x'")
    guarded = lab.read()
    assert [each.concerns for each in between(plain, guarded)] == ['"seen"'] * 5
    turn(lab, plain)
    turn(lab, guarded)


def test_a_column_of_another_type_keeps_what_the_schema_has_no_word_for(lab: SchemaLab) -> None:
    lab.run(
        'CREATE TABLE "A" (id int GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY,'
        ' note text COLLATE "C", double int GENERATED ALWAYS AS (1 + 1) STORED);'
        " INSERT INTO \"A\" (note) VALUES ('x')"
    )
    after = prisma(
        "model A {\n  id BigInt @id @default(autoincrement())\n  note String? @db.VarChar(9)\n  double BigInt?\n}\n"
    )
    wishes = Wishes(keep_inexpressible=True)
    lab.run(migration_script(difference(lab.read(), after, wishes)))
    assert difference(lab.read(), after, wishes) == ()
    (table,) = lab.read().tables
    identity, note, double = table.columns
    assert (identity.type.name, identity.identity) == ("int8", Identity.ALWAYS)
    assert (note.type.name, note.collation) == ("varchar", 'pg_catalog."C"')
    assert (double.type.name, double.generated) == ("int8", "(1 + 1)")
    assert value(lab, """INSERT INTO "A" (note) VALUES ('y') RETURNING id""") == 105


def test_an_enum_that_becomes_text_goes_although_a_default_named_it(lab: SchemaLab) -> None:
    lab.create(prisma("model A {\n  id Int @id\n  k K @default(x)\n}\nenum K {\n  x\n}\n"))
    lab.run('INSERT INTO "A" (id) VALUES (1)')
    turn(lab, prisma('model A {\n  id Int @id\n  k String @default("x")\n}\n'))
    lab.run('INSERT INTO "A" (id) VALUES (2)')
    assert value(lab, """SELECT count(*) FROM "A" WHERE k = 'x'""") == 2


def test_what_a_time_is_read_as_is_said(lab: SchemaLab) -> None:
    lab.create(prisma("model A {\n  id Int @id\n  at DateTime\n}\n"))
    (step,) = difference(lab.read(), prisma("model A {\n  id Int @id\n  at DateTime @db.Timestamptz(3)\n}\n"))
    assert "are read as times of the session's time zone" in step.warnings[0]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED", {"deferrable": True, "initially_deferred": True}),
        ("MATCH FULL ON UPDATE CASCADE", {"match_full": True}),
        ("ON UPDATE CASCADE NOT ENFORCED", {"enforced": False}),
    ],
)
def test_a_key_with_another_action_is_checked_as_it_was(lab: SchemaLab, said: str, kept: dict[str, bool]) -> None:
    models = (
        "model A {\n  id Int @id\n  bs B[]\n}\n"
        "model B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id]%s)\n}\n"
    )
    lab.create(prisma(models % ""))
    if "enforced" in kept and lab.version < 18_00_00:
        pytest.skip("PostgreSQL 18 has it first")
    again = f'ADD CONSTRAINT "B_aId_fkey" FOREIGN KEY ("aId") REFERENCES "A" {said}'
    lab.run(f'ALTER TABLE "B" DROP CONSTRAINT "B_aId_fkey", {again}')
    wishes = Wishes(keep_inexpressible=True)
    after = prisma(models % ", onDelete: Cascade")
    lab.run(migration_script(difference(lab.read(), after, wishes)))
    assert difference(lab.read(), after, wishes) == ()
    (key,) = (key for table in lab.read().tables for key in table.foreign_keys)
    assert key.on_delete is Action.CASCADE
    assert {name: getattr(key, name) for name in kept} == kept


def test_keys_that_lead_to_a_retyped_column_step_aside(lab: SchemaLab) -> None:
    model = """
    model %(one)s {
      id  Int  @id
      key Int?
      its %(other)s?  @relation("%(one)s", fields: [key], references: [id])
      all %(other)s[] @relation("%(other)s")
    }
    """
    text = model % {"one": "A", "other": "B"} + model % {"one": "B", "other": "A"}
    lab.create(prisma(text))
    lab.run('INSERT INTO "A" VALUES (1); INSERT INTO "B" VALUES (2, 1)')
    turn(lab, prisma(text.replace("Int", "String")))
    assert value(lab, 'SELECT "key" FROM "B"') == "1"


def test_an_old_sequence_becomes_an_identity(lab: SchemaLab) -> None:
    lab.run('CREATE TABLE "A" (id serial PRIMARY KEY); INSERT INTO "A" VALUES (7)')
    serial = lab.read()
    lab.run('DROP TABLE "A"; CREATE TABLE "A" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)')
    identity = lab.read()
    lab.run('DROP TABLE "A"; CREATE TABLE "A" (id serial PRIMARY KEY); INSERT INTO "A" VALUES (7)')
    turn(lab, identity)
    lab.run('INSERT INTO "A" DEFAULT VALUES')
    assert value(lab, 'SELECT max(id) FROM "A"') == 8
    turn(lab, serial)
    lab.run('INSERT INTO "A" DEFAULT VALUES')
    assert value(lab, 'SELECT max(id) FROM "A"') == 9


TEXT = ColumnType(TypeKind.BUILT_IN, "text")


def of_expressions(default: str = "lower('A')", check: str = "CHECK (length(a)>1)") -> DatabaseSchema:
    column = Column("a", TEXT, nullable=True, default=ColumnDefault(DefaultKind.EXPRESSION, default))
    index = Index("i", (IndexColumn("", "LOWER(a)"),), where="a<>'x'")
    return DatabaseSchema(
        ("public",), tables=(Table("public", "T", (column,), None, (index,), (), (Constraint("c", check),)),)
    )


def test_expressions_are_spelled_as_the_server_spells_them(lab: SchemaLab) -> None:
    lab.run('CREATE TABLE "T" (there int)')
    (table,) = spelled(of_expressions(), lab.connection).tables
    assert table.columns[0].default == ColumnDefault(DefaultKind.EXPRESSION, "lower('A'::text)")
    assert table.constraints[0].definition == "CHECK ((length(a) > 1))"
    assert (table.indexes[0].columns[0].expression, table.indexes[0].where) == ("lower(a)", "(a <> 'x'::text)")
    assert [each.name for each in lab.read().tables[0].columns] == ["there"]
    assert lab.connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


@pytest.mark.parametrize(
    ("database", "words"),
    [
        (of_expressions(default="nothing('A')"), 'the default `nothing.*` of the column "a" of "T": function'),
        (of_expressions(check="CHECK (nobody > 1)"), 'the constraint "c" of "T", .*: column "nobody" does not exist'),
    ],
)
def test_an_expression_that_the_server_refuses_is_named(lab: SchemaLab, database: DatabaseSchema, words: str) -> None:
    with pytest.raises(SchemaInvalid, match=words):
        spelled(database, lab.connection)
    assert lab.read().tables == ()
