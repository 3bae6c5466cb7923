"""The whole audit on the sample at full scale: what it finds, what it proves, what it says the second time."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from examples.edfinance import generate, workload
from examples.edfinance.remedies import REMEDIES, Kind, Remedy
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import EmbeddedServer, ensure_database
from pgarchitect.settings import Settings
from pgarchitect.workload.fingerprint import fingerprint

DATABASE = "edfinance"
SCHEMA = Path(generate.__file__).parent / "schema.prisma"
FINGERPRINTS = {each.name: fingerprint(re.sub(r"%\(\w+\)s", "$1", each.sql)) for each in workload.STATEMENTS}

Report = dict[str, Any]


class Audits(NamedTuple):
    """Two audits in a row, and what the sandbox looked like around the first."""

    first: Report
    second: Report
    catalog_before: list[Any]
    catalog_after: list[Any]


def audited(settings: Settings) -> Report:
    """One audit of the sample as a user runs it."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pgarchitect", "audit", "--database", DATABASE),
            *("--format", "json", "--min-mean-ms", "0.1", "--schema", str(SCHEMA)),
        ],
        env={**os.environ, "PGARCHITECT_DATA_DIR": str(settings.data_dir)},
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: Report = json.loads(done.stdout)
    return report


def catalog(url: str) -> list[Any]:
    """Indexes and row counts of the sample's database."""
    with connect(url) as connection:
        indexes = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        rows = [connection.execute(f"SELECT count(*) FROM {table.name}").fetchall() for table in generate.TABLES]
    return [indexes, rows]


@pytest.fixture(scope="module")
def audits(server: EmbeddedServer, settings: Settings) -> Iterator[Audits]:
    """The sample at full scale, played once and audited twice."""
    url = ensure_database(server, DATABASE, ["pg_stat_statements"])
    generate.load(url, 1.0)
    workload.run(url)
    before = catalog(url)
    first = audited(settings)
    after = catalog(url)
    yield Audits(first, audited(settings), before, after)
    with connect(server.url(), read_only=False) as connection:
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def proposed(report: Report) -> list[Report]:
    """What the audit asks somebody to do."""
    return [item for item in report["recommendations"] if item["proposed"]]


def columns(item: Report) -> tuple[str, tuple[str, ...], str]:
    """Table, keys and method of a recommended index."""
    found = re.search(r" ON public\.(\w+) (?:USING (\w+) )?\((.*)\);$", item["sql"])
    assert found is not None, item["sql"]
    return found[1], tuple(key.strip() for key in found[3].split(",")), found[2] or "btree"


def cures(remedy: Remedy, item: Report) -> bool:
    """Whether a recommendation is for the remedy's statement and begins with the keys of an index that cures."""
    table, keys, method = columns(item)
    return FINGERPRINTS[remedy.statement] in item["fingerprints"] and any(
        remedy.accepts(table, keys[:width], method) for width in range(1, len(keys) + 1)
    )


def test_at_least_ten_changes_are_proven_by_measured_times(audits: Audits) -> None:
    found = proposed(audits.first)
    assert len(found) >= 10
    for item in found:
        main = item["evidence"][0]
        assert item["proven"]
        assert main["method"] == "execution"
        assert len(main["before"]["times_ms"]) >= 1
        assert len(main["after"]["times_ms"]) >= 1
        assert main["after"]["median_ms"] < 0.8 * main["before"]["median_ms"]
        assert item["sql"].startswith("CREATE INDEX CONCURRENTLY ")
        assert item["rollback_sql"].startswith("DROP INDEX CONCURRENTLY ")


def test_nine_of_ten_planted_indexes_are_found(audits: Audits) -> None:
    found = proposed(audits.first)
    planted = [remedy for remedy in REMEDIES if remedy.kind is Kind.INDEX and not remedy.later]
    missed = [each.statement for each in planted if not any(cures(each, item) for item in found)]
    assert len(missed) <= 0.1 * len(planted), missed


def test_no_index_is_proposed_that_the_real_run_did_not_use(audits: Audits) -> None:
    for item in proposed(audits.first):
        assert item["object_name"] in json.dumps(item["evidence"][0]["after"]["plan"]), item["sql"]


def test_nothing_is_proposed_for_statements_that_need_nothing(audits: Audits) -> None:
    content = {FINGERPRINTS[each.statement]: each.statement for each in REMEDIES if each.kind is Kind.NONE}
    wrong = [content[each] for item in proposed(audits.first) for each in item["fingerprints"] if each in content]
    assert wrong == []


def test_every_index_is_said_in_the_samples_schema_or_goes_as_sql(audits: Audits) -> None:
    forms = {True: "attribute", False: "sql"}
    for item in proposed(audits.first):
        _, keys, _ = columns(item)
        plain = all(re.fullmatch(r"[\w\"]+( DESC| jsonb_path_ops)?", key) for key in keys)
        assert item["in_schema"]["form"] == forms[plain], item["sql"]
        assert not item["in_schema"]["there"]


def test_the_sandbox_is_left_as_it_was(audits: Audits) -> None:
    assert audits.catalog_after == audits.catalog_before


def test_the_second_audit_proposes_nothing_again_and_says_why(audits: Audits) -> None:
    recorded = {item["sql"] for item in proposed(audits.first)}
    assert proposed(audits.second) == []
    known = {item["sql"]: item for item in audits.second["recommendations"] if item["known_from"]}
    assert set(known) == recorded
    for item in known.values():
        assert "Not proposed again" in item["next_step"]
        assert item["known_from"]["verdict"] in {"apply", "review", "log", "human"}


def test_the_demonstration_ends_with_the_path_of_its_report(lab: Settings, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = subprocess.run(
        [*(sys.executable, "-m", "examples.edfinance", "demo", "--scale", "0.05"), "--html", str(report)],
        env={**os.environ, "PGARCHITECT_DATA_DIR": str(lab.data_dir), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"Report: {report}" in done.stdout
    assert "CREATE INDEX CONCURRENTLY" in done.stdout
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
