"""What-if by the planner twin: what a change would do to plans and costs, without running or touching anything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import StatementRefused, UsageError
from pgarchitect.evidence.binding import Bound
from pgarchitect.evidence.evidence import Evidence, Measurement, Method
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.proof import Baseline, ChangeRefused
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.planner_twin import PlannerTwin

NOTE: Final = "Planned on a twin without rows: nothing was run, only the planner's cost is known."


class WhatIf:
    """Tries candidates on a twin; it answers as ``Prover`` does, in costs instead of times.

    Changes that were recommended earlier and wait to be applied (``pending``) are in place before and after.
    """

    runs: Final = False

    def __init__(self, twin: PlannerTwin, pending: Sequence[Candidate] = ()) -> None:
        self._twin = twin
        self._indexes: dict[str, Hypothetical] = {}
        self._pending: list[str] = []
        for candidate in pending:
            with suppress(ChangeRefused):
                self._pending.append(self._created(candidate).name)

    @contextmanager
    def today(self) -> Iterator[None]:
        """The twin without new changes, for baselines."""
        with self._twin.configuration(present=self._pending):
            yield

    def baseline(self, fingerprint: str, bound: Sequence[Bound]) -> Baseline:
        """The plan and cost of a statement as the database is, for its likeliest values; inside ``today`` only.

        Raises:
            CannotRun: it cannot be planned.
        """
        return Baseline(fingerprint, tuple(bound[:1]), (self._planned(bound[0].sql),))

    def try_alone(self, candidate: Candidate, baselines: Sequence[Baseline]) -> dict[str, Evidence]:
        """Evidence of one candidate for each statement.

        Raises:
            ChangeRefused: the twin refuses the change.
        """
        return self.try_together([candidate], baselines)[0]

    def try_together(
        self, candidates: Sequence[Candidate], baselines: Sequence[Baseline]
    ) -> tuple[dict[str, Evidence], dict[str, frozenset[str]]]:
        """Evidence with all candidates present: per statement, and the keys of the candidates that its plan uses.

        Raises:
            ChangeRefused: the twin refuses a change.
        """
        created = {candidate.key: self._created(candidate) for candidate in candidates}
        size = sum(each.size_bytes for each in created.values())
        evidence: dict[str, Evidence] = {}
        used: dict[str, frozenset[str]] = {}
        with self._twin.configuration(present=[*self._pending, *(each.name for each in created.values())]):
            for baseline in baselines:
                with suppress(CannotRun):
                    after = self._planned(baseline.bound[0].sql)
                    keys = frozenset(key for key, index in created.items() if _uses(after.plan, index))
                    used[baseline.fingerprint] = keys
                    evidence[baseline.fingerprint] = _evidence(baseline, after, size, used=bool(keys))
        return evidence, used

    def _planned(self, statement: str) -> Measurement:
        try:
            plan = self._twin.explain(statement)
        except StatementRefused as error:
            raise CannotRun(str(error)) from error
        return Measurement((), plan.cost, None, PlanNode.from_explain(plan.tree))

    def _created(self, candidate: Candidate) -> Hypothetical:
        if candidate.key not in self._indexes:
            try:
                self._indexes[candidate.key] = self._twin.try_index(candidate.trial_sql)
            except UsageError as error:
                raise ChangeRefused(candidate, str(error)) from error
        return self._indexes[candidate.key]


def _uses(plan: PlanNode, index: Hypothetical) -> bool:
    """Whether a plan reads the index, or that of a partition."""
    return any(plan.uses(name) for name in (index.name, *(part.name for part in index.parts)))


def _evidence(baseline: Baseline, after: Measurement, size_bytes: int, *, used: bool) -> Evidence:
    return Evidence(
        fingerprint=baseline.fingerprint,
        method=Method.PLANNER,
        parameters=baseline.bound[0].literals,
        before=baseline.measurements[0],
        after=after,
        object_used=used,
        held_for=0,
        tried_for=0,
        size_bytes=size_bytes,
        build_ms=None,
        note=NOTE,
    )
