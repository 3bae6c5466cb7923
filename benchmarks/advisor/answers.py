"""The advisors' answers: ours, and the published ones on a planner twin of their own each."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from benchmarks.advisor.autoadmin import autoadmin
from benchmarks.advisor.built import definition_of
from benchmarks.advisor.extend import extend
from benchmarks.advisor.per_query import per_query_best
from benchmarks.advisor.plain_index import Config, Costs, Room
from benchmarks.advisor.question import Question
from benchmarks.advisor.subject import MEGABYTE, Lab, Subject
from benchmarks.advisor.twin_costs import TwinCosts
from pgarchitect.advising import Wanted, advise
from pgarchitect.checking import Check
from pgarchitect.evidence.proof import Effort
from pgarchitect.opening import trial_place
from pgarchitect.postgres.connection import connect
from pgarchitect.proving.building import Place
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.twin.planner_twin import PlannerTwin

OURS: Final = "pgarchitect"
CHECKED: Final = "pgarchitect --sandbox"
EXTEND: Final = "Extend"
AUTOADMIN: Final = "AutoAdmin"
UNION: Final = "per-query best + union"
SINGLES: Final = "the same, one column each"
_TEN: Final = 10
_PATIENCE_MS: Final = 30_000
"""For a run on the sandbox: longer than any statement that counts takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A set of indexes that an advisor proposed.

    Attributes:
        adviser: whose.
        limit: that it was given, in words.
        size_limit: bytes; None: any.
        sizes: bytes of each index as promised, by definition.
        promised: weighted cost of the workload with them; None where nobody promised.
        seconds: of searching, once the twin stands.
        calls: plans that were asked for.
        advice: all that our own advisor said.
    """

    adviser: str
    limit: str
    size_limit: int | None
    sizes: Mapping[str, int | None] = field(default_factory=dict)
    promised: float | None = None
    seconds: float | None = None
    calls: int | None = None
    advice: Advice | None = None


def answers(subject: Subject, lab: Lab, asked: Question, *, runs: bool = True) -> Iterator[Answer]:
    """Every advisor under every budget; ``runs``: where statements are executed, ours is also checked by them."""
    for budget in subject.budgets:
        yield ours(lab, asked.wanted, budget, None if budget is not None else subject.most)
    if subject.executes and runs:
        yield checked(lab, asked.wanted, subject.most)
    for published in _published(subject):
        lab.told(f"{published.adviser}, limit {words(published.room)}")
        with PlannerTwin.of(lab.url, lab.settings) as twin:
            yield _chosen(published, TwinCosts(twin, asked))


def ours(lab: Lab, wanted: Sequence[Wanted], budget: int | None, count: int | None) -> Answer:
    """Our advisor's answer; it builds its twin itself."""
    limit = words(Room(budget, count))
    lab.told(f"{OURS}, limit {limit}")
    found = advise(lab.url, wanted, Limits(size_bytes=budget, count=count), lab.settings, lambda _: None)
    sizes = {definition_of(each.ddl): each.size_bytes for each in found.indexes}
    return Answer(OURS, limit, budget, sizes, found.cost_after, found.seconds, found.planner_calls, found)


def checked(lab: Lab, wanted: Sequence[Wanted], count: int | None) -> Answer:
    """Our advisor's answer after its check by real runs: the database is its own sandbox.

    What it promises is in milliseconds, which no other answer is.
    """
    limit = words(Room(count=count))
    lab.told(f"{CHECKED}, limit {limit}")
    with (
        connect(lab.url, lab.settings) as audited,
        trial_place(audited, lab.url, lab.settings, own=True) as trial,
    ):
        check = Check(Place(trial, Effort(limit_ms=_PATIENCE_MS), lambda _: None), "itself")
        found = advise(lab.url, wanted, Limits(count=count), lab.settings, lambda _: None, check=check)
    sizes = {definition_of(each.ddl): each.size_bytes for each in found.indexes}
    return Answer(CHECKED, limit, None, sizes, None, found.seconds, found.planner_calls, found)


def peer(name: str, ddl: Sequence[str]) -> Answer:
    """The answer that another program gave, as CREATE INDEX statements.

    Raises:
        UsageError: one is something else.
    """
    return Answer(name, "its own", None, {definition_of(each): None for each in ddl})


def words(room: Room) -> str:
    """A limit."""
    if room.size_bytes is not None:
        size = room.size_bytes / MEGABYTE
        return f"{size:,.0f} MB" if size >= 1 else f"{size:.2f} MB"
    return f"{room.count} indexes" if room.count is not None else "none"


@dataclass(frozen=True, slots=True)
class _Published:
    """A published advisor under a limit, and how it chooses."""

    adviser: str
    room: Room
    choose: Callable[[Costs], Config]


def _published(subject: Subject) -> Iterator[_Published]:
    for budget in subject.budgets:
        room = Room(budget, None if budget is not None else subject.most)
        if room != Room():  # without any limit it would go on for hours with many statements
            yield _Published(EXTEND, room, partial(extend, room=room, width=subject.width))
        yield _Published(UNION, room, partial(per_query_best, room=room))
    yield _Published(SINGLES, Room(), partial(per_query_best, room=Room(), width=1))
    if subject.executes:
        yield _Published(AUTOADMIN, Room(count=_TEN), partial(autoadmin, count=_TEN))


def _chosen(published: _Published, costs: TwinCosts) -> Answer:
    began = time.monotonic()
    config = published.choose(costs)
    seconds, calls = time.monotonic() - began, costs.calls
    promised = math.fsum(costs.costs([(number, config) for number in costs.statements]))
    sizes = dict(zip(map(str, sorted(config)), costs.sizes(sorted(config)), strict=True))
    room = published.room
    return Answer(published.adviser, words(room), room.size_bytes, sizes, promised, seconds, calls)
