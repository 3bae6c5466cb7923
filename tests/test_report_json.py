"""The JSON report: satisfies its schema, the schema is strict, and the documentation names every field."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from pgarchitect import __version__
from pgarchitect.recommendations.audit import Audit
from pgarchitect.report.json_report import schema, to_json
from tests.audit_example import S_RECENT, S_WEEKLY, example_audit

PAGE = Path(__file__).parent.parent / "docs" / "report-json.md"


def document(audit: Audit) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(to_json(audit))
    return parsed


def check(parsed: dict[str, Any]) -> None:
    Draft202012Validator(schema(), format_checker=FormatChecker()).validate(parsed)


def objects(part: object) -> Iterator[dict[str, Any]]:
    """Every object description inside a schema."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            yield part
        for value in part.values():
            yield from objects(value)
    elif isinstance(part, list):
        for value in part:
            yield from objects(value)


def test_the_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_report_satisfies_its_schema() -> None:
    check(document(example_audit()))


def test_an_empty_audit_satisfies_the_schema() -> None:
    audit = example_audit()
    workload = replace(audit.workload, statements=(), since=None, left_out=(), total_ms=0.0, seen=0)
    parsed = document(
        replace(audit, workload=workload, findings=(), recommendations=(), steps=(), warnings=(), proven_on=None)
    )
    check(parsed)
    assert parsed["summary"]["saved_share"] == 0.0
    assert parsed["summary"]["covered_seconds"] is None


def test_evidence_of_all_changes_together_decides_what_a_statement_saves() -> None:
    audit = example_audit()
    evidence = audit.recommendations[0].evidence[1]
    findings = (replace(audit.findings[0], together=evidence), *audit.findings[1:])
    parsed = document(replace(audit, findings=findings))
    check(parsed)
    first = parsed["statements"][0]
    assert first["together"]["gain_percent"] == evidence.gain_percent
    assert first["saved_ms"] == pytest.approx(S_RECENT.total_ms * (evidence.gain_percent or 0) / 100)


@pytest.mark.parametrize("where", ["summary", "server", "tool", "run"])
def test_a_field_that_the_schema_does_not_name_is_refused(where: str) -> None:
    parsed = document(example_audit())
    parsed[where]["surprise"] = 1
    with pytest.raises(ValidationError, match="surprise"):
        check(parsed)


def test_every_object_is_closed_and_requires_all_its_fields() -> None:
    found = list(objects(schema()))
    assert len(found) >= 10
    for part in found:
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


def test_the_documentation_names_every_field() -> None:
    page = PAGE.read_text(encoding="utf-8")
    fields = {name for part in objects(schema()) for name in part["properties"]}
    assert sorted(name for name in fields if f"`{name}`" not in page) == []


def test_the_documentation_names_no_field_that_is_gone() -> None:
    fields = {name for part in objects(schema()) for name in part["properties"]}
    rows = [
        line.split("|")[1].strip().strip("`")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if "| `" in line[:3]
    ]
    assert len(rows) > 60
    assert sorted(set(rows) - fields) == []


def test_the_values_are_those_of_the_audit() -> None:
    parsed = document(example_audit())
    assert parsed["schema_version"] == "1"
    assert parsed["tool"] == {"name": "pgarchitect", "version": __version__}
    assert parsed["run"]["started_at"] == "2026-07-26T02:00:04+00:00"
    assert parsed["summary"]["proposed"] == 7
    assert parsed["summary"]["proven"] == 6
    assert parsed["summary"]["saved_ms"] == pytest.approx(sum(item["saved_ms"] for item in parsed["statements"]))
    first = parsed["recommendations"][0]
    assert first["statement"] == S_RECENT.text
    assert first["sql"].startswith("CREATE INDEX CONCURRENTLY behavior_log_user_id_created_at_idx")
    assert first["evidence"][0]["before"]["median_ms"] == 211.0
    assert first["evidence"][0]["after"]["plan"]["children"][0]["index_name"] == first["object_name"]


def test_a_known_recommendation_says_where_it_is_known_from() -> None:
    (known,) = (item for item in document(example_audit())["recommendations"] if item["known_from"])
    assert known["proposed"] is False
    assert known["evidence"] == []
    assert known["known_from"]["log_id"] == 41
    assert known["known_from"]["applied_at"] is None


def test_query_ids_survive_readers_that_know_only_doubles() -> None:
    identity = document(example_audit())["statements"][0]["query_ids"][0]
    assert identity == str(S_RECENT.query_ids[0])
    assert int(float(identity)) != int(identity)


def test_text_stays_readable_unicode_and_exact() -> None:
    text = to_json(example_audit())
    assert "Khóa học" in text
    assert json.loads(text)["statements"][1]["text"] == S_WEEKLY.text
    assert text.endswith("}\n")


def test_the_twin_and_what_makes_it_less_sure_are_told() -> None:
    parsed = document(example_audit())
    assert parsed["twin"]["left_out"] == [{"name": '"public"."payment"', "reason": "the role may not read it"}]
    assert parsed["twin"]["missing"] == ['type "geometry" does not exist']
    (doubted,) = (one for item in parsed["recommendations"] for one in item["evidence"] if one["doubts"])
    assert doubted["doubts"] == ['The twin lacks "public"."payment", which the statement reads.']
    check(without := document(replace(example_audit(), twin=None)))
    assert without["twin"] is None
