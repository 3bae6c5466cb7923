"""Hostile values and names from users' input: the right rows or a typed error, and never another statement.

Three ways to see it: the text of a statement is the same whatever its values are; what the server found is what Python
finds; and the server ran nothing but what it was to run (``pg_stat_statements``, and a canary that is still there).
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pgarchitect.access import aggregation, failures, json_conditions, reading
from pgarchitect.access.fields import Field
from pgarchitect.access.reading import Wanted
from pgarchitect.access.shapes import TableShape, ValueKind
from tests.access_lab import EVERYTHING, client, create
from tests.access_live import ask

MODELS: Final = (
    EVERYTHING.replace("  odd    Int? ", "  notes  Note[]\n  odd    Int? ")
    + """
model Note {
  id       Int    @id @default(autoincrement())
  body     String @map("body'; DROP TABLE canary; --")
  lines    String[]
  document Json   @default("{}")
  thing    Thing? @relation(fields: [thing_id], references: [id])
  thing_id BigInt?

  @@map("note\\" (x")
}
"""
)
PIECES: Final = [
    "'",
    '"',
    "\\",
    ";",
    "--",
    "/*",
    "*/",
    "$1",
    "$$",
    "%",
    "_",
    "{",
    "}",
    ",",
    "(",
    ")",
    "::text",
    " OR 1=1",
    "; DROP TABLE canary",
    "'; DELETE FROM canary; --",
    '"; DROP TABLE canary; --',
    "\\'; DROP TABLE canary; --",
    "') UNION SELECT * FROM canary --",
    "NULL",
    "E'",
    "U&'",
    "é",
    "\U0001f600",
    "\n",
    "\u2028",
    "\u0130",
    "id",
    "body",
    "{0}",
    "%s",
    "%(x)s",
    ":x",
    "?",
]
TEXTS: Final = st.lists(st.sampled_from(PIECES), max_size=4).map("".join) | st.text(max_size=8)
UNSENT: Final = st.sampled_from(["\0", "a\0'; DROP TABLE canary; --", "\ud800", "'\udfff"])
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | UNSENT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
TYPED: Final = (failures.UnknownField, failures.InvalidCondition, failures.InvalidValue, failures.StatementFailed)
FEW: Final = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY: Final = settings(FEW, max_examples=200)
OPERATORS: Final[dict[ValueKind, tuple[str, ...]]] = {
    ValueKind.TEXT: ("equals", "not", "in", "not_in", "lt", "lte", "gt", "gte", "contains", "starts_with", "ends_with"),
    ValueKind.JSON: json_conditions.OPERATORS,
}
USUAL: Final = ("equals", "not", "in", "not_in", "lt", "lte", "gt", "gte")
OF_LISTS: Final = ("equals", "not", "has", "has_every", "has_some", "is_empty")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(MODELS, tmp_path_factory.mktemp("client"), "hostile_client")


@pytest.fixture
def database(fresh_database: str) -> Iterator[str]:
    create(fresh_database, MODELS)
    ask(fresh_database, "CREATE TABLE canary AS SELECT 'alive' AS state")
    tables = _tables(fresh_database)
    ask(fresh_database, "SELECT pg_stat_statements_reset()")
    yield fresh_database
    assert ask(fresh_database, "SELECT state FROM canary") == [("alive",)]
    assert _tables(fresh_database) == tables
    _only_what_was_to_run(fresh_database)


def _tables(database: str) -> list[tuple[Any, ...]]:
    return ask(database, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'i', 'S') ORDER BY 1")


def _only_what_was_to_run(database: str) -> None:
    """Every statement of the client is one of the few that it has, and none names the canary but as a column."""
    ran = ask(
        database,
        "SELECT query FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname ="
        " current_database()) AND query !~ 'canary AS|pg_class|FROM canary$|pg_stat_statements|pg_database'",
    )
    ours = [text for (text,) in ran if not re.match(r"SELECT\s+current_setting|WITH RECURSIVE|SELECT\s+t\.oid", text)]
    allowed = re.compile(
        r"(SELECT|COPY(?!.* TO )|UPDATE|DELETE FROM|INSERT INTO|BEGIN|ROLLBACK|COMMIT|SET|DEALLOCATE)\b"
    )
    for text in ours:
        assert allowed.match(text), text
        assert "canary" not in text.replace('"body\'; DROP TABLE canary; --"', "col"), text
        assert ";" not in re.sub(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'', "", text), text


def operators(module: ModuleType) -> list[tuple[str, str, str]]:
    """Table, field and operator of every column of the two tables."""
    found = []
    for table in module.TABLES.values():
        for column in table.columns:
            names = OF_LISTS if column.is_list else OPERATORS.get(column.kind, USUAL)
            found += [(table.name, column.name, name) for name in names]
    return found


def test_no_value_is_ever_text_of_a_statement(module: ModuleType) -> None:
    def text(shape: TableShape, field: str, operator: str, value: object) -> str:
        where = {operator: value}
        if shape.column(field).kind is ValueKind.JSON:
            where |= {"path": [str(value)]}
        wanted = Wanted(where={field: where}, cursor={"id": value}, take=1, order_by={field: "asc"})
        made = reading.select(module.TABLES, reading.plan(module.TABLES, shape, wanted))
        counted = aggregation.count(module.TABLES, shape, Wanted({"NOT": [{field: {operator: value}}]}))
        return f"{made.text} {counted.text}"

    texts: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    cases = operators(module)

    @FEW
    @given(JSON)
    def check(value: Any) -> None:
        for case in cases:
            with suppress(*TYPED):
                texts[case].add(re.sub(r"\$\d+", "$", text(module.TABLES[case[0]], *case[1:], value)))

    check()
    assert set(texts) == set(cases)
    for case, several in texts.items():
        # One text a form of value: a value, None, a list that has None, True or False, another condition.
        assert len(several) <= 12, (case, several)
        assert not [each for each in several if "canary" in each.replace("body'; DROP TABLE canary; --", "")]


def places(name: Any) -> dict[str, Callable[[Any], Any]]:
    """Every place in which a name or a word is given."""
    return {
        "where": lambda t: t.find_many(where={name: 1}),
        "where.AND": lambda t: t.find_many(where={"AND": [{name: 1}]}),
        "where.NOT": lambda t: t.count(where={"NOT": {"OR": [{name: {"in": [1]}}]}}),
        "where.relation": lambda t: t.find_many(where={"thing": {name: 1}}),
        "operator": lambda t: t.find_many(where={"body": {name: "x"}}),
        "operator of a number": lambda t: t.find_many(where={"id": {name: 1}}),
        "operator of a list": lambda t: t.find_many(where={"lines": {name: ["x"]}}),
        "operator in not": lambda t: t.find_many(where={"body": {"not": {name: "x"}}}),
        "mode": lambda t: t.find_many(where={"body": {"contains": "x", "mode": name}}),
        "order_by": lambda t: t.find_many(order_by={name: "asc"}),
        "order_by direction": lambda t: t.find_many(order_by={"id": name}),
        "order_by sort": lambda t: t.find_many(order_by=[{"id": {"sort": name}}]),
        "order_by nulls": lambda t: t.find_many(order_by={"id": {"sort": "asc", "nulls": name}}),
        "order_by option": lambda t: t.find_many(order_by={"id": {name: "asc"}}),
        "select": lambda t: t.find_many(select=[name]),
        "select mapping": lambda t: t.find_many(select={name: True}),
        "include": lambda t: t.find_many(include={name: True}),
        "include option": lambda t: t.find_many(include={"thing": {name: 1}}),
        "include where": lambda t: t.find_many(include={"thing": {"where": {name: 1}}}),
        "include order_by": lambda t: t.find_many(include={"thing": {"order_by": {name: "asc"}}}),
        "include select": lambda t: t.find_many(include={"thing": {"select": [name]}}),
        "include cursor": lambda t: t.find_many(include={"thing": {"cursor": {"id": 1, name: 1}}}),
        "include distinct": lambda t: t.find_many(include={"thing": {"distinct": [name]}}),
        "counted": lambda t: t.find_many(include={"_count": {name: True}}),
        "count of": lambda t: t.count(select={name: True}),
        "count by cursor": lambda t: t.count(cursor={"id": 1, name: 1}),
        "count distinct": lambda t: t.count(distinct=[name]),
        "another field": lambda t: t.find_many(where={"body": {"equals": Field(name)}}),
        "cursor": lambda t: t.find_many(cursor={"id": 1, name: 1}),
        "distinct": lambda t: t.find_many(distinct=[name]),
        "find_unique": lambda t: t.find_unique({name: 1}),
        "group_by": lambda t: t.group_by([name]),
        "group_by order_by": lambda t: t.group_by(["body"], order_by={name: "asc"}),
        "group_by direction": lambda t: t.group_by(["body"], order_by={"body": name}),
        "having": lambda t: t.group_by(["body"], having={name: 1}),
        "having operator": lambda t: t.group_by(["body"], having={"count": {name: 1}}),
        "aggregate field": lambda t: t.aggregate(max=[name]),
        "order_by relation": lambda t: t.find_many(order_by={"thing": {name: "asc"}}),
        "group_by figure": lambda t: t.group_by(["body"], having={f"sum_{name}": 1}),
        "update": lambda t: t.update_many(data={name: 1}),
        "update operation": lambda t: t.update_many(data={"id": {name: 1}}),
        "insert": lambda t: t.insert({name: 1}),
        "insert_many": lambda t: t.insert_many([{name: 1}]),
        "upsert_many key": lambda t: t.upsert_many([{"body": ""}], key=[name], update=["body"]),
        "upsert_many update": lambda t: t.upsert_many([{"id": 1, "body": ""}], key=["id"], update=[name]),
    }


KNOWN: Final = frozenset(
    {"id", "body", "lines", "document", "thing", "thing_id", "AND", "OR", "NOT", "is", "is_not", "mode", "set"}
    | {"count", "sum", "avg", "min", "max", "asc", "desc", "first", "last", "sort", "nulls", "default", "insensitive"}
    | {"where", "order_by", "take", "skip", "cursor", "distinct", "select", "include", "push", "_count", "_all"}
    | {*USUAL, *OF_LISTS, *(name for several in OPERATORS.values() for name in several)}
)


def test_no_name_from_outside_gets_into_a_statement(module: ModuleType, database: str) -> None:
    with module.Database(database) as db:

        @MANY
        @given(TEXTS.filter(lambda name: name not in KNOWN) | UNSENT)
        def check(name: str) -> None:
            for place, call in places(name).items():
                with pytest.raises((failures.UnknownField, failures.InvalidCondition, failures.InvalidValue)):
                    pytest.fail(f"{place} took {name!r}: {call(db.note)}")

        check()


@pytest.mark.parametrize("world", ["threads", "asyncio"])
def test_arguments_of_any_form_give_rows_or_a_typed_error(module: ModuleType, database: str, world: str) -> None:
    arguments = st.fixed_dictionaries(
        {},
        optional={
            name: JSON | st.dictionaries(st.sampled_from(sorted(KNOWN)), JSON, max_size=2)
            for name in ("where", "order_by", "take", "skip", "cursor", "distinct", "select", "include")
        },
    )
    grouped = st.fixed_dictionaries(
        {"by": JSON | st.just(["body"])},
        optional={name: JSON | st.dictionaries(st.sampled_from(sorted(KNOWN)), JSON) for name in ("having", "order_by")}
        | {"max": JSON, "sum": JSON},
    )
    allowed = (*TYPED, failures.StatementTimedOut)

    def check_all(ask_for: Callable[[str, dict[str, Any]], Any]) -> None:
        @MANY
        @given(arguments, grouped, JSON)
        def check(one: dict[str, Any], two: dict[str, Any], key: Any) -> None:
            for name, given_ in (("find_many", one), ("group_by", two), ("find_unique", {"where": key})):
                try:
                    ask_for(name, given_)
                except allowed:
                    continue

        check()

    if world == "threads":
        with module.Database(database) as db:
            check_all(lambda name, given_: getattr(db.note, name)(**given_))
        return
    with asyncio.Runner() as runner:
        other = module.AsyncDatabase(database)
        runner.run(other.__aenter__())
        check_all(lambda name, given_: runner.run(getattr(other.note, name)(**given_)))
        runner.run(other.__aexit__())


def _folded(text: str) -> str:
    return text.lower()


TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "equals": lambda body, value: body == value,
    "not": lambda body, value: body != value,
    "in": lambda body, value: body == value,
    "not_in": lambda body, value: body != value,
    "contains": lambda body, value: value in body,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "lt": lambda body, value: body.encode() < value.encode(),
    "gte": lambda body, value: body.encode() >= value.encode(),
}


def test_the_right_rows_are_found_whatever_the_text(module: ModuleType, database: str) -> None:
    column = module.NOTE_SHAPE.column("body").quoted
    ask(database, f'ALTER TABLE {module.NOTE_SHAPE.qualified} ALTER {column} TYPE text COLLATE "C"')
    ask(database, "SELECT pg_stat_statements_reset()")
    bodies = [*PIECES, "", *(f"{one}{two}" for one in PIECES[:12] for two in PIECES[18:26])]
    with module.Database(database) as db:
        made = db.note.insert_many_returning(
            [{"body": each, "lines": [each, "x"], "document": {each: each}} for each in bodies]
        )
        assert [each.body for each in made] == bodies
        assert db.note.insert_many([{"body": each, "lines": [each], "document": {}} for each in bodies]) == len(bodies)
        db.note.delete_many(where={"document": {"equals": {}}})

        @MANY
        @given(st.sampled_from(bodies) | TEXTS)
        def check(value: str) -> None:
            if "\0" in value:
                with pytest.raises(failures.InvalidValue):
                    db.note.count(where={"body": value})
                return
            for operator, test in TESTS.items():
                asked = [value] if operator in {"in", "not_in"} else value
                found = db.note.find_many(where={"body": {operator: asked}}, select=["body"], order_by={"id": "asc"})
                assert [each["body"] for each in found] == [each for each in bodies if test(each, value)], operator
            assert [
                each.body for each in db.note.find_many(where={"lines": {"has": value}}, order_by={"id": "asc"})
            ] == [each for each in bodies if value in {each, "x"}]
            found = db.note.find_many(where={"document": {"has_key": value}})
            assert {each.body for each in found} == {value} & set(bodies)
            assert found == db.note.find_many(where={"document": {value: value}}) or value in KNOWN or not found
            [first] = db.note.find_many(take=1)
            assert db.note.update(where={"id": first.id}, data={"lines": {"push": value}}).lines[-1] == value
            db.note.update(where={"id": first.id}, data={"lines": list(first.lines)})

        check()
        assert [each.body for each in db.note.find_many(order_by={"id": "asc"})] == bodies


def test_conditions_may_be_deep_but_not_bottomless(module: ModuleType, database: str) -> None:
    with module.Database(database) as db:
        for word in ("AND", "NOT", "OR"):
            where: Any = {"id": 1}
            for _ in range(40):
                where = {word: [where]}
            assert db.note.find_many(where=where) == []
            for _ in range(5_000):
                where = {word: [where]}
            with pytest.raises(failures.InvalidCondition, match="flatten"):
                db.note.find_many(where=where)
        where = {"id": 1}
        for _ in range(5_000):
            where = {"is": where}
        with pytest.raises(failures.InvalidCondition, match="flatten"):
            db.note.find_many(where={"thing": where})
