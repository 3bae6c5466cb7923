"""One run of a statement: its time, what it took of a processor, the blocks that it touched."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.evidence.evidence import Measurement
from pgarchitect.evidence.explain import CannotRun, TimedOut, explained, planned
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.processor_time import ProcessorClock, Spent


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        ms: the server's execution time, milliseconds; of a run that was ended, its limit.
        own_ms: the same less what its process waited for a processor that others had; None where that is not to be
            seen, or other processes helped. Of a run that was ended, at least so much.
        cpu_ms: what the process took of a processor for it, planning included, milliseconds; None as above, and of a
            run that was ended.
        blocks: 8 kB blocks hit or read; None of a run that was ended.
        ended: by its time-out, so that all that is known is that it takes longer.
        plan: None of a run that was ended.
    """

    ms: float
    own_ms: float | None
    cpu_ms: float | None
    blocks: int | None
    ended: bool = False
    plan: PlanNode | None = None

    @property
    def best_ms(self) -> float:
        """Without waiting where that is known."""
        return self.ms if self.own_ms is None else self.own_ms


_TIMING_COST: Final = 1.5
"""A first run, which times every node, may take so many times a run that does not (measured: up to 1.4)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a measurement may go on.

    Attributes:
        runs: timed runs.
        budget_s: seconds after which no further run is begun; there is always one.
        limit_ms: statement_timeout of a run: a statement that it ends counts as that slow.
        hopeless_ms: a run that took longer is the last one.
    """

    runs: int
    budget_s: float
    limit_ms: int
    hopeless_ms: float = math.inf


def measured(
    connection: Connection, statement: str, limits: Limits, clock: ProcessorClock | None = None
) -> Measurement:
    """Run ``statement`` once to warm up and to see its plan, then several times for its times.

    Every run is undone by a savepoint.

    Raises:
        CannotRun: the server cannot plan or run it.
    """
    started = time.monotonic()
    first = run_once(connection, statement, limits.limit_ms, clock, timed=True)
    if first.plan is None:
        expected = planned(connection, statement)
        return Measurement((float(limits.limit_ms),), expected.cost, None, expected.plan, timed_out=True)
    times = [first.best_ms] if first.best_ms > _TIMING_COST * limits.hopeless_ms else []
    while not times or _worth_another(times, limits, time.monotonic() - started):
        times.append(run_once(connection, statement, limits.limit_ms, clock).best_ms)
    return Measurement(tuple(times), first.plan.total_cost, first.blocks, first.plan)


def _worth_another(times: Sequence[float], limits: Limits, spent_s: float) -> bool:
    return times[-1] <= limits.hopeless_ms and len(times) < limits.runs and spent_s < limits.budget_s


def run_once(
    connection: Connection, statement: str, limit_ms: int, clock: ProcessorClock | None, *, timed: bool = False
) -> Run:
    """Run a statement and undo it.

    Args:
        connection: to the sandbox.
        statement: without parameters.
        limit_ms: statement_timeout of the run, milliseconds.
        clock: of the process behind the connection.
        timed: have every node of the plan timed, which makes the run slower.

    Raises:
        CannotRun: the server cannot plan or run it.
    """
    connection.execute(
        named("pgarchitect.evidence", "proof.sql", "limit_runs"),
        {"run_ms": str(limit_ms), "lock_ms": max(limit_ms // 2, 1)},
    )
    began = clock.read() if clock else None
    try:
        documents = explained(connection, f"ANALYZE, BUFFERS{'' if timed else ', TIMING OFF'}, FORMAT JSON", statement)
    except TimedOut:
        documents = []
    spent = _since(began, clock)
    if not documents:
        return Run(float(limit_ms), _own(float(limit_ms), spent), None, None, ended=True)
    if len(documents) != 1:
        raise CannotRun("rules of the database make several statements of it")
    return _run(documents[0], spent)


def _since(began: Spent | None, clock: ProcessorClock | None) -> Spent | None:
    now = clock.read() if clock is not None and began is not None else None
    return now.since(began) if now is not None and began is not None else None


def _own(ms: float, spent: Spent | None) -> float | None:
    """A time without what was waited for a processor; part of that wait may have come before it began."""
    return None if spent is None else max(ms - spent.waited_ms, min(ms, spent.cpu_ms))


def _run(document: Mapping[str, Any], spent: Spent | None) -> Run:
    plan, ms = document["Plan"], float(document["Execution Time"])
    spent = None if _helped(plan) else spent
    blocks = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    return Run(ms, _own(ms, spent), spent.cpu_ms if spent else None, blocks, plan=PlanNode.from_explain(plan))


def _helped(plan: Mapping[str, Any]) -> bool:
    """Whether other processes worked for a plan: parallel workers."""
    return any(node.get("Workers Launched") for node in _nodes(plan))


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
