"""The published advisors that ours is compared with, as pure functions on a world of known costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from benchmarks.advisor.autoadmin import autoadmin, greedy
from benchmarks.advisor.extend import extend
from benchmarks.advisor.per_query import per_query_best
from benchmarks.advisor.plain_index import NOTHING, Config, PlainIndex, Room, totals, up_to

ANY = Room()


def index(*columns: str, table: str = "t") -> PlainIndex:
    return PlainIndex(table, columns)


@dataclass
class World:
    """Statements that cost as the cheapest of their ways whose indexes are there; every index takes its width.

    ``ways`` are, of each statement, the indexes that a plan needs → its cost.
    """

    ways: Mapping[int, Mapping[Config, float]]
    mentioned: Mapping[int, Sequence[PlainIndex]]
    bytes: Mapping[PlainIndex, int] = field(default_factory=dict)

    @property
    def statements(self) -> Sequence[int]:
        return sorted(self.ways)

    def columns(self, statement: int) -> Sequence[PlainIndex]:
        return self.mentioned[statement]

    def costs(self, wanted: Sequence[tuple[int, Config]]) -> list[float]:
        return [self.used(number, config)[0] for number, config in wanted]

    def used(self, statement: int, config: Config) -> tuple[float, Config]:
        fitting = [(cost, sorted(needs)) for needs, cost in self.ways[statement].items() if needs <= config]
        cost, needs = min(fitting)
        return cost, Config(needs)

    def sizes(self, indexes: Sequence[PlainIndex]) -> list[int]:
        return [self.bytes.get(index, 10 * len(index.columns)) for index in indexes]


@dataclass
class Listening(World):
    """One that remembers what it was asked."""

    asked: list[tuple[int, Config]] = field(default_factory=list)

    def costs(self, wanted: Sequence[tuple[int, Config]]) -> list[float]:
        self.asked.extend(wanted)
        return super().costs(wanted)


A, B, C, AB, BA = index("a"), index("b"), index("c"), index("a", "b"), index("b", "a")


def world(sizes: Mapping[PlainIndex, int] | None = None) -> World:
    """(b) gains most for its size, (a, b) gains more than (a), and c gains 20 by itself."""
    return World(
        ways={
            1: {NOTHING: 100.0, Config({A}): 60.0, Config({AB}): 20.0},
            2: {NOTHING: 100.0, Config({B}): 30.0, Config({BA}): 29.9},
            3: {NOTHING: 50.0, Config({C}): 30.0},
        },
        mentioned={1: [A, B], 2: [A, B], 3: [C]},
        bytes=sizes or {},
    )


def cost(places: World, config: Config) -> float:
    return totals(places, [config], places.statements)[0]


def test_every_order_of_columns_up_to_a_width_stays_within_its_table() -> None:
    other = index("x", table="s")
    assert set(up_to(2, [A, B, other])) == {A, B, AB, BA, other}


def test_extend_widens_what_it_chose() -> None:
    assert extend(world(), ANY) == {B, AB, C}


def test_extend_puts_a_longer_index_in_the_place_of_the_shorter() -> None:
    found = extend(world(), ANY)
    assert A not in found
    assert AB in found


def test_extend_takes_the_step_of_best_gain_for_its_bytes_first() -> None:
    assert extend(world(), Room(size_bytes=10)) == {B}
    assert extend(world({B: 1_000}), Room(size_bytes=1_010)) == {AB, C}


def test_extend_stays_narrow_where_it_is_told_to() -> None:
    assert extend(world(), ANY, width=1) == {A, B, C}


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_extend_keeps_to_a_count(most: int) -> None:
    assert len(extend(world(), Room(count=most))) == most


@pytest.mark.parametrize("most", [0, 10, 20, 30, 40, 50])
def test_no_answer_under_a_budget_is_beyond_it(most: int) -> None:
    places = world()
    for found in (extend(places, Room(size_bytes=most)), per_query_best(places, Room(size_bytes=most))):
        assert sum(places.sizes(sorted(found))) <= most


def test_extend_leaves_steps_that_gain_too_little() -> None:
    assert C not in extend(world(), ANY, least=0.2)


def test_the_best_of_each_statement_and_their_union() -> None:
    assert per_query_best(world(), ANY) == {AB, BA, C}
    assert per_query_best(world(), ANY, width=1) == {A, B, C}


def test_the_union_is_filled_by_gain_for_bytes() -> None:
    assert per_query_best(world(), Room(size_bytes=20)) == {AB}
    assert per_query_best(world(), Room(count=1)) == {AB}
    assert per_query_best(world({AB: 1_000}), Room(count=1)) == {BA}


def test_what_another_index_begins_with_is_left_to_that() -> None:
    places = World(
        ways={1: {NOTHING: 100.0, Config({AB}): 20.0}, 2: {NOTHING: 100.0, Config({A}): 10.0}},
        mentioned={1: [A, B], 2: [A]},
    )
    assert per_query_best(places, ANY) == {AB}


def test_greedy_begins_with_the_best_pair_where_single_indexes_gain_nothing() -> None:
    both = World(ways={1: {NOTHING: 100.0, Config({A, B}): 10.0, Config({C}): 90.0}}, mentioned={1: [A, B, C]})
    assert greedy(both, [1], [A, B, C], count=3, seed=2) == {A, B}
    assert greedy(both, [1], [A, B, C], count=3, seed=1) == {C}


def test_autoadmin_leads_with_the_columns_that_won_alone() -> None:
    found = autoadmin(world())
    assert AB in found
    assert cost(world(), found) == pytest.approx(20.0 + 29.9 + 30.0)


@pytest.mark.parametrize(("most", "expected"), [(1, {BA}), (2, {AB, BA}), (3, {AB, BA, C})])
def test_autoadmin_keeps_to_its_count(most: int, expected: set[PlainIndex]) -> None:
    """With one index (b) wins the first round, so that (a, b) is never a candidate: that is the published algorithm."""
    assert autoadmin(world(), count=most) == expected


def test_autoadmin_tries_for_a_statement_only_what_begins_with_a_column_that_it_mentions() -> None:
    places = Listening(world().ways, world().mentioned)
    autoadmin(places, width=1)
    of_the_first = [config for number, config in places.asked if number == 1]
    assert Config({B}) in of_the_first
    assert places.asked.count((3, Config({B}))) == 1  # when all statements are asked, not when it chooses for itself


def test_an_index_that_gains_nothing_is_in_no_answer() -> None:
    places = World(ways={1: {NOTHING: 100.0}}, mentioned={1: [A, B]})
    assert extend(places, ANY) == autoadmin(places) == per_query_best(places, ANY) == NOTHING
