"""An audit without a sandbox: the planner twin says what a change would do to plans and costs."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from pgarchitect.errors import HomeUnavailable
from pgarchitect.evidence.evidence import Method
from pgarchitect.postgres.embedded import EmbeddedServer
from pgarchitect.recommendations.audit import Audit, Outcome
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.report.html import to_html
from pgarchitect.report.quantities import significant
from pgarchitect.report.terminal import render
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from tests.audit_lab import Shop, open_shop

UNSERVED = "SELECT * FROM orders WHERE total >= %s - 1000"


@pytest.fixture
def shop(server: EmbeddedServer, settings: Settings) -> Iterator[Shop]:
    with open_shop(server, settings) as found:
        yield found


def terminal(audit: Audit) -> str:
    """What the terminal shows, white space folded."""
    file = io.StringIO()
    render(audit, Console(file=file, width=160))
    return " ".join(file.getvalue().split())


def test_it_tells_cost_and_plan_before_and_after(shop: Shop) -> None:
    audit = shop.audit(sandbox=False)
    (item,) = (each for each in audit.recommendations if each.proposed)
    assert (item.verdict, item.gain_percent, item.saved_ms) == (Verdict.UNPROVEN, None, 0.0)
    assert item.confidence < 0.6
    (shown,) = item.evidence
    assert shown.method is Method.PLANNER
    assert shown.after is not None
    assert shown.after.cost < shown.before.cost / 2
    assert shown.after.plan.uses(item.candidate.object_name)
    assert not shown.before.plan.uses(item.candidate.object_name)
    assert [each.outcome for each in audit.findings] == [Outcome.UNPROVEN]
    assert any(each.startswith("No sandbox was given: costs are the planner's on a twin") for each in audit.warnings)

    costs = f"cost {significant(shown.before.cost)} → cost {significant(shown.after.cost)}"
    assert costs in terminal(audit)
    assert f"The planner expects {100 * shown.expected:.0f} % less cost." in terminal(audit)
    page = to_html(audit)
    assert "Plan before" in page
    assert "Plan after" in page
    assert "Size expected" in page
    assert len(shown.sets) > 1
    assert "Cost of each set" in page
    assert f"{shown.held_for} of {shown.tried_for} parameter sets" in page
    assert f'using <code class="new">{item.candidate.object_name}</code>' in page


def test_what_only_the_planner_rejected_is_shown_and_not_recorded(shop: Shop) -> None:
    """A later audit with a sandbox must be free to try it."""
    shop.forget()
    shop.play(UNSERVED)
    audit = shop.audit(sandbox=False)
    assert [each.verdict for each in audit.recommendations] == [Verdict.REJECTED]
    assert [each.outcome for each in audit.findings] == [Outcome.REJECTED]
    assert audit.recommendations[0].next_step == "Nothing to do: the planner would not use it."
    assert shop.log() == ()


def test_an_audit_does_not_fail_because_of_the_twin(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise HomeUnavailable("The disk is full.")

    monkeypatch.setattr(PlannerTwin, "of", full)
    audit = shop.audit(sandbox=False)
    (item,) = (each for each in audit.recommendations if each.proposed)
    assert item.evidence[0].after is None
    assert "of the plan's cost is at stake" in item.next_step
    assert audit.warnings[-1] == "The planner twin could not be used: The disk is full."
