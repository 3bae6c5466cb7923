"""Changes in the words of the application's schema: in the terminal, as HTML, as JSON, and beside an advice."""

import io
import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from pgarchitect.recommendations.advice import Advice, AdvisedIndex, ReplacedIndex
from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.report import advice as advice_report
from pgarchitect.report.html import to_html
from pgarchitect.report.json_report import schema, to_json
from pgarchitect.report.terminal import render
from tests.audit_example import example_audit

PATH = "prisma/schema.prisma"
FIRST = InSchema(PATH, "BehaviorLog", "@@index([userId, createdAt(sort: Desc)])")
THERE = InSchema(PATH, "BehaviorLog", "@@index([sessionId])", there=True)
AS_SQL = InSchema(PATH, "BehaviorLog")


def worded() -> Audit:
    """The example, of whose proposals the first three are told in the words of a schema."""
    audit = example_audit()
    told = iter((FIRST, THERE, AS_SQL))
    items = (replace(item, in_schema=next(told, None)) if item.proposed else item for item in audit.recommendations)
    return replace(audit, recommendations=tuple(items))


def printed(audit: Audit) -> list[str]:
    output = io.StringIO()
    render(audit, Console(file=output, width=60))
    return output.getvalue().splitlines()


def test_the_terminal_has_the_attributes_by_model_to_be_copied() -> None:
    lines = printed(worded())
    start = lines.index(f"In {PATH}")
    assert lines[start + 2 : start + 6] == [
        "// model BehaviorLog (1, 2)",
        "@@index([userId, createdAt(sort: Desc)])",
        "@@index([sessionId]) // stands there already",
        "// As SQL in a migration, since the schema has no word for it (3): pgarchitect schema index 'CREATE INDEX …'",
    ]
    assert not [line for line in printed(example_audit()) if line.startswith(("In ", "//"))]


def test_what_an_earlier_audit_proposed_is_said_while_it_waits() -> None:
    audit = example_audit()
    items = (replace(item, in_schema=FIRST if item.known_from else None) for item in audit.recommendations)
    assert "// model BehaviorLog (earlier)" in printed(replace(audit, recommendations=tuple(items)))


def test_the_page_says_it_beside_the_sql() -> None:
    page = to_html(worded())
    assert f"<strong>In {PATH}:</strong> model BehaviorLog</p>" in page
    assert "model BehaviorLog, where it stands already</p>" in page
    assert "no word for it, so it goes into a migration as SQL</p>" in page
    assert page.count("In prisma/schema.prisma:") == 3
    assert 'class="in-schema"' not in to_html(example_audit())


def test_programs_read_it() -> None:
    document = json.loads(to_json(worded()))
    Draft202012Validator(schema()).validate(document)
    told = [each["in_schema"] for each in document["recommendations"] if each["proposed"]]
    assert told[:4] == [
        {"path": PATH, "form": "attribute", "model": "BehaviorLog", "line": FIRST.line, "there": False},
        {"path": PATH, "form": "attribute", "model": "BehaviorLog", "line": THERE.line, "there": True},
        {"path": PATH, "form": "sql", "model": "BehaviorLog", "line": None, "there": False},
        None,
    ]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (FIRST, f"In {PATH}: model BehaviorLog: @@index([userId, createdAt(sort: Desc)])"),
        (THERE, f"In {PATH}: model BehaviorLog: @@index([sessionId]), which stands there already"),
        (AS_SQL, f"In {PATH}: no word for it in schema.prisma: it goes into a migration as SQL"),
    ],
)
def test_an_advice_says_it_below_each_index(told: InSchema, words: str) -> None:
    index = AdvisedIndex("i", "CREATE INDEX i ON a (b)", "DROP INDEX i", "btree", 8192, "For b.", (1,), 9.0, 1.0)
    advice = Advice((replace(index, in_schema=told),), (), 9.0, 1.0, 1.0, 1, 1, 0.1, 0.1, 0.0, ())
    output = io.StringIO()
    advice_report.render(advice, Console(file=output, width=120))
    assert words in output.getvalue()
    [read] = json.loads(advice_report.to_json(advice))["indexes"]
    assert read["in_schema"]["line"] == (told.line or None)
    [without] = json.loads(advice_report.to_json(replace(advice, indexes=(index,))))["indexes"]
    assert without["in_schema"] is None


def test_an_index_that_an_advised_one_replaces_is_told_as_well() -> None:
    gone = InSchema(PATH, "User", "email @unique", dropped=True, needed=True)
    replaced = ReplacedIndex("old", "DROP INDEX CONCURRENTLY public.old;", "CREATE INDEX …", 8192, gone)
    index = AdvisedIndex("i", "CREATE INDEX i ON a (b)", "DROP INDEX i", "btree", 8192, "For b.", (1,), 9.0, 1.0)
    advice = Advice((replace(index, replaces=(replaced,)),), (), 9.0, 1.0, 1.0, 1, 1, 0.1, 0.1, 0.0, ())
    output = io.StringIO()
    advice_report.render(advice, Console(file=output, width=300))
    assert (
        f"In {PATH}: model User: remove email @unique, which a relation or the model's key needs, so the schema has to"
        " change first"
    ) in output.getvalue()
    told = json.loads(advice_report.to_json(advice))["indexes"][0]["replaces"][0]["in_schema"]
    assert told == {"path": PATH, "model": "User", "line": "email @unique", "needed": True}
