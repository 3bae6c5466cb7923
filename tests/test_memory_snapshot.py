"""What happened between two readings of the workload's counters."""

from datetime import UTC, datetime, timedelta

import pytest

from pgarchitect.workload.snapshot import Figures, Snapshot, difference

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snapshot(figures: dict[int, Figures], reset: datetime | None = NOON, target: str = "shop") -> Snapshot:
    return Snapshot(target, NOON + timedelta(hours=1), reset, figures)


def test_counters_are_subtracted() -> None:
    between = difference(snapshot({1: Figures(10, 5.0, 100)}), snapshot({1: Figures(15, 7.5, 130)}))
    assert between == {1: Figures(5, 2.5, 30)}


def test_a_new_statement_counts_whole_and_an_idle_one_not_at_all() -> None:
    idle = {1: Figures(10, 5.0, 100)}
    assert difference(snapshot(idle), snapshot({**idle, 2: Figures(1, 2.0, 3)})) == {2: Figures(1, 2.0, 3)}


def test_a_statement_that_the_server_forgot_is_left_out() -> None:
    assert difference(snapshot({1: Figures(10, 5.0, 100)}), snapshot({})) == {}


@pytest.mark.parametrize("reset", [NOON + timedelta(minutes=5), None])
def test_after_a_reset_the_later_figures_count_whole(reset: datetime | None) -> None:
    later = {1: Figures(15, 7.5, 130)}
    assert difference(snapshot({1: Figures(10, 5.0, 100)}), snapshot(later, reset=reset)) == later


@pytest.mark.parametrize("now", [Figures(4, 9.0, 200), Figures(12, 1.0, 200), Figures(12, 9.0, 20)])
def test_after_a_reset_of_one_statement_its_later_figures_count_whole(now: Figures) -> None:
    before = {1: Figures(10, 5.0, 100), 2: Figures(1, 1.0, 1)}
    assert difference(snapshot(before), snapshot({1: now, 2: Figures(3, 2.0, 1)})) == {1: now, 2: Figures(2, 1.0, 0)}


def test_two_databases_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two databases"):
        difference(snapshot({}), snapshot({}, target="other"))
