"""The execution check of an advice: the chosen indexes built for real on a sandbox, measured, and repaired."""

import math
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import MissingCapability
from pgarchitect.evidence.binding import shares
from pgarchitect.evidence.plan_costs import Names
from pgarchitect.evidence.standing import Keys
from pgarchitect.evidence.trial import Trial
from pgarchitect.opening import require_rights
from pgarchitect.proving.building import Asked, Built, Place, Today, by_building, run_today
from pgarchitect.recommendations.index_choice import Choice, Limits
from pgarchitect.recommendations.measured import (
    BuiltIndex,
    Change,
    Measured,
    MeasuredStatement,
    RemovedIndex,
    State,
)
from pgarchitect.recommendations.removal_reason import removal_reason
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.workbench import Ready, Workbench, best_choice

_SUGGESTED = 3
"""Further indexes that are built for a statement that became slower."""
_CHEAPER = 0.95
"""They must make it cost less than this times what it costs with the others, or they are the culprit's likes."""

_WEIGHTLESS = "It was not run: its weight is 0."


@dataclass(frozen=True, slots=True)
class Check:
    """Where and how an advice is checked.

    Attributes:
        place: a copy of the database, where statements may be run and indexes built.
        name: how the report names it.
    """

    place: Place
    name: str


def run_on_sandbox(check: Check, ready: Sequence[Ready]) -> Today:
    """See how long the statements that weigh anything take on the sandbox as it is.

    Raises:
        MissingCapability: it lacks a table on which an index is considered, or the role may create none there.
    """
    counting = [each for each in ready if each.wanted.weight > 0]
    tables = {definition.table.qualified: definition.table.name for each in counting for definition in each.variants}
    there = {table.qualified for table in read_catalog(check.place.sandbox, set(tables.values())).tables}
    missing = sorted(tables.keys() - there)
    if missing:
        raise MissingCapability(
            f"The sandbox lacks {missing[0]}; restore a copy of the database into it, or leave --sandbox out."
        )
    require_rights(check.place.sandbox, sorted(tables))
    return run_today(
        check.place,
        [each.wanted.statement(each.name) for each in counting],
        {each.name: each.tree for each in counting},
        tables,
    )


def times(today: Today) -> dict[int, float]:
    """Number of a statement → milliseconds that it takes on the sandbox as it is; at least, of one that was ended."""
    return {
        int(name) - 1: math.fsum(
            share * (each.median_ms or 0.0)
            for share, each in zip(shares(baseline.bound), baseline.measurements, strict=True)
        )
        for name, baseline in today.ready.ready.items()
    }


def checked(check: Check, today: Today, bench: Workbench, choice: Choice, limits: Limits) -> tuple[Choice, Measured]:
    """Build a choice on the sandbox and repair it.

    Returns:
        What stays of the choice, or what was chosen in its place, and what was measured.
    """
    began = time.monotonic()
    built = by_building(check.place, today, _Asking(bench, limits).asked(choice))
    names = {candidate.key: name for name, candidate in bench.tried.candidates.items()}
    kept = Names(names[key] for key in built.repaired.kept)
    bench.costs.ask((row, kept) for row in range(len(bench.weights)))
    measured = _Finding(bench, built).measured(check.name, today.warnings, today.seconds + time.monotonic() - began)
    return replace(choice, chosen=kept, cost=bench.total(kept), gap=_gap(choice, bench, kept)), measured


def _gap(choice: Choice, bench: Workbench, kept: Names) -> float:
    """How far from the best set what is left may be, by the planner's word; what went was not to be had."""
    cost = bench.total(kept)
    return max(choice.gap, 1 - (1 - choice.gap) * bench.total(choice.chosen) / cost) if cost > 0 else choice.gap


@dataclass(frozen=True, slots=True)
class _Asking:
    bench: Workbench
    limits: Limits

    def asked(self, choice: Choice) -> Asked:
        return Asked(
            weights={each.name: each.wanted.weight for each in self.bench.ready if each.wanted.weight > 0},
            candidates=self._ordered(choice.chosen),
            serves=self.serves,
            suggest=self.suggest,
            again=self.again,
        )

    def _ordered(self, chosen: Names) -> list[Candidate]:
        """Those first without which most is lost."""
        without = {name: self.bench.total(chosen - {name}) for name in chosen}
        return [self.bench.tried.candidates[name] for name in sorted(chosen, key=lambda name: (-without[name], name))]

    def _names(self, keys: Keys) -> Names:
        return Names(name for name, each in self.bench.tried.candidates.items() if each.key in keys)

    def serves(self, fingerprint: str, candidates: Sequence[Candidate]) -> Keys:
        used = self.bench.used(self._owner(fingerprint), self._names(Keys(each.key for each in candidates)))
        return Keys(self.bench.tried.candidates[name].key for name in used)

    def again(self, banned: Keys) -> Sequence[Candidate]:
        """The best choice without what may not be chosen, by the planner's word."""
        less = self.bench.without(self._names(banned))
        chosen = best_choice(less, self.limits).chosen
        self.bench.costs.calls += less.costs.calls
        return self._ordered(chosen)

    def _owner(self, fingerprint: str) -> int:
        return next(owner for owner, each in enumerate(self.bench.ready) if each.name == fingerprint)

    def suggest(self, fingerprint: str, present: Keys) -> Sequence[Candidate]:
        """Indexes that fit beside what is present and make a statement cheapest, by the planner's word."""
        tried = self.bench.tried
        here, owner = self._names(present), self._owner(fingerprint)
        rows = [row for row, each in enumerate(self.bench.owners) if each == owner]
        fitting = sorted(
            name for name in self.bench.costs.relevant[rows[0]] - here if self.limits.allow(here | {name}, tried.sizes)
        )
        self.bench.costs.ask((row, here | {name}) for name in fitting for row in rows)
        now = self.bench.cost(owner, here)
        costs = {name: self.bench.cost(owner, here | {name}) for name in fitting}
        cheaper = [name for name in fitting if costs[name] < _CHEAPER * now]
        best = sorted(cheaper, key=lambda name: (costs[name], name))
        return [tried.candidates[name] for name in best[:_SUGGESTED]]


@dataclass(frozen=True, slots=True)
class _Finding:
    bench: Workbench
    built: Built

    def measured(self, sandbox: str, warnings: tuple[str, ...], seconds: float) -> Measured:
        repaired = self.built.repaired
        return Measured(
            sandbox=sandbox,
            statements=tuple(sorted(map(self._statement, repaired.trials.values()), key=lambda each: each.number)),
            not_run=dict(sorted(self._not_run())),
            built=tuple(self._index(key) for key in repaired.kept),
            removed=tuple(self._removed()),
            added=tuple(map(self._name, repaired.added)),
            seconds=seconds,
            warnings=warnings,
        )

    def _not_run(self) -> Iterator[tuple[int, str]]:
        yield from ((int(name), reason) for name, reason in self.built.not_run.items())
        yield from ((each.number + 1, _WEIGHTLESS) for each in self.bench.ready if not each.wanted.weight)

    def _name(self, key: str) -> str:
        return self.built.candidates[key].object_name

    def _index(self, key: str) -> BuiltIndex:
        created = self.built.created[key]
        return BuiltIndex(self._name(key), created.size_bytes, created.build_ms)

    def _removed(self) -> Iterator[RemovedIndex]:
        for each in self.built.removed:
            candidate = self.built.candidates[each.key]
            reason = removal_reason(each, lambda name: f"statement {name}")
            yield RemovedIndex(candidate.object_name, candidate.sql, f"{reason[0].upper()}{reason[1:]}.")
        by_key = {each.key: each for each in self.bench.tried.candidates.values()}
        for key, reason in self.built.refused.items():
            yield RemovedIndex(by_key[key].object_name, by_key[key].sql, f"The sandbox refused it: {reason}.")

    def _statement(self, trial: Trial) -> MeasuredStatement:
        ready = next(each for each in self.bench.ready if each.name == trial.fingerprint)
        return MeasuredStatement(
            number=ready.number + 1,
            weight=ready.wanted.weight,
            parameters=trial.forms[0].form.literals,
            rounds=trial.rounds,
            before=_state(trial, 0),
            after=_state(trial, 1),
            change=_change(trial, slower=trial.fingerprint in self.built.repaired.slower),
            indexes=tuple(sorted(map(self._name, trial.uses))),
        )


def _state(trial: Trial, number: int) -> State:
    """0: before, 1: after."""
    times = (trial.before, trial.after)[number]
    cpu, blocks = trial.cpu_ms, trial.blocks
    return State(
        ms=statistics.median(times),
        least_ms=min(times),
        most_ms=max(times),
        cpu_ms=cpu[number] if cpu else None,
        blocks=blocks[number] if blocks else None,
        cost=trial.cost[number],
        ended=trial.ended[number],
    )


def _change(trial: Trial, *, slower: bool) -> Change:
    if trial.same:
        return Change.SAME
    if trial.unknown:
        return Change.ENDED
    if slower or trial.slower:
        return Change.SLOWER
    return Change.FASTER if trial.faster else Change.UNCLEAR
