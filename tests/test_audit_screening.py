"""A whole audit with a sandbox: the planner twin goes first, real runs decide, and the log knows both."""

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from subprocess import CompletedProcess
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from rich.console import Console

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import HomeUnavailable
from pgarchitect.evidence import doubts
from pgarchitect.evidence.evidence import Evidence, Method
from pgarchitect.evidence.proof import Baseline, Prover
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.recommendations.audit import Audit, Outcome
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.report.html import to_html
from pgarchitect.report.json_report import schema, to_json
from pgarchitect.report.quantities import significant
from pgarchitect.report.terminal import render
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from tests.audit_lab import Shop, Silent, fetch, open_shop

UNSERVED = "SELECT * FROM orders WHERE total >= %s - 1000"


@pytest.fixture
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    with open_shop(server, settings) as found:
        found.play(UNSERVED)
        yield found


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the indexes that were built for real, each by itself."""
    names: list[str] = []
    really = Prover.try_alone

    def noted(self: Prover, candidate: Candidate, baselines: Sequence[Baseline]) -> dict[str, Evidence]:
        names.append(candidate.object_name)
        return really(self, candidate, baselines)

    monkeypatch.setattr(Prover, "try_alone", noted)
    return names


class Notes(Silent):
    """What a listener hears, and how much of step 5 was counted as done."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.total = self.amount = 0

    def step(self, number: int, name: str, total: int | None = None) -> None:  # noqa: ARG002  # the listener's signature
        """A step begins."""
        if number == 5:
            self.total = total or 0

    def advance(self, amount: int = 1, note: str = "") -> None:
        """It comes on."""
        self.amount += amount
        self.notes.append(note)


def terminal(audit: Audit) -> str:
    """What the terminal shows, white space folded."""
    file = io.StringIO()
    render(audit, Console(file=file, width=160))
    return " ".join(file.getvalue().split())


def by_verdict(audit: Audit) -> tuple[Recommendation, Recommendation]:
    """The one that is proposed, and the one that is rejected."""
    (proposed,) = (each for each in audit.recommendations if each.proposed)
    (rejected,) = (each for each in audit.recommendations if each.verdict is Verdict.REJECTED)
    return proposed, rejected


def test_what_no_plan_would_use_is_not_built_and_the_rest_is_proven(shop: Shop, tried: list[str]) -> None:
    notes = Notes()
    audit = shop.audit(listener=notes)
    proposed, rejected = by_verdict(audit)
    assert set(tried) == {"orders_user_id_idx"}
    assert proposed.candidate.object_name == "orders_user_id_idx"
    assert {each.method for each in proposed.evidence} == {Method.EXECUTION}
    assert rejected.candidate.object_name == "orders_total_idx"
    assert re.fullmatch(
        r"Nothing to do: the planner would not use it: cost [\d,]+\.\d\d → [\d,]+\.\d\d\.", rejected.next_step
    )
    outcomes = {each.statement.fingerprint: each.outcome for each in audit.findings}
    assert outcomes[rejected.statement.fingerprint] is Outcome.REJECTED
    assert "twin: 1 of 2 candidates are worth real runs" in notes.notes
    assert notes.amount == notes.total
    (prove,) = (each for each in audit.steps if each.name.startswith("Prove"))
    assert prove.count == "1 proven, 1 rejected, 1 of these by the planner twin"


def test_what_the_twin_rejected_is_recorded_with_its_costs_and_not_tried_again(shop: Shop, tried: list[str]) -> None:
    _, rejected = by_verdict(shop.audit())
    (entry,) = (each for each in shop.log() if each.verdict is Verdict.REJECTED)
    assert entry.reason == rejected.next_step
    query = "SELECT evidence FROM pgarchitect.optimization_log WHERE id = %s"
    ((evidence,),) = fetch(shop.home, query, (entry.id,))
    assert evidence["method"] == "planner"
    assert evidence["before"]["cost"] == evidence["after"]["cost"] > 0
    assert evidence["doubts"] == []
    shop.play()
    shop.play(UNSERVED)
    again = shop.audit()
    assert [each for each in again.recommendations if each.known_from is None] == []
    assert set(tried) == {"orders_user_id_idx"}


def test_every_report_tells_of_the_twin(shop: Shop) -> None:
    audit = shop.audit()
    assert audit.twin is not None
    Draft202012Validator(schema(), format_checker=FormatChecker()).validate(document := json_of(audit))
    assert document["twin"]["tried"] == 2
    assert document["twin"]["screened"] == 1
    assert document["twin"]["statements"] == audit.twin.statements > 50
    assert document["twin"]["bytes_read"] == audit.twin.bytes_read > 1000
    told = terminal(audit)
    assert "Planner twin 1 change was not worth real runs; read " in told
    assert "the planner would not use it" in told
    page = to_html(audit)
    assert "1 of 2 changes would not change a plan for the better and so were not run" in page
    assert f"the database answered {audit.twin.statements} statements with" in page


def test_what_makes_a_twin_less_sure_is_in_the_log_and_in_every_report(
    shop: Shop, cli: Callable[..., CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "_of_version", lambda _: ("It is another planner.",))
    audit = shop.audit(sandbox=False)
    (item,) = (each for each in audit.recommendations if each.proposed)
    assert item.confidence == round((0.2 + 0.39 * item.evidence[0].expected) * 0.8, 2)
    shown = json_of(audit)["recommendations"]
    assert [each["doubts"] for item in shown for each in item["evidence"]] == [["It is another planner."]] * 2
    assert "Less sure (1): It is another planner." in terminal(audit)
    assert "Less sure: It is another planner." in to_html(audit)
    (entry,) = shop.log()
    told = cli("log", str(entry.id), env=shop.environment).stdout.splitlines()
    assert "-- Less sure: It is another planner." in told
    costs = [significant(each.cost) for each in (item.evidence[0].before, item.evidence[0].after) if each]
    assert any(
        f"-- Evidence: planner, cost {costs[0]} before, cost {costs[1]} after; all of it" in line for line in told
    )


def json_of(audit: Audit) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(audit))
    return found


def test_without_a_twin_everything_is_built_as_before(
    shop: Shop, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise HomeUnavailable("The disk is full.")

    monkeypatch.setattr(PlannerTwin, "of", full)
    audit = shop.audit()
    _, rejected = by_verdict(audit)
    assert sorted(set(tried)) == ["orders_total_idx", "orders_user_id_idx"]
    assert rejected.next_step == "Nothing to do: the planner did not use it in the real run."
    assert audit.twin is None
    sentence = "The planner twin could not be used, so that every candidate was run: The disk is full."
    assert sentence in audit.warnings
    assert json_of(audit)["twin"] is None
