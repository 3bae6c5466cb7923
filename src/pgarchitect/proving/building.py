"""A chosen set of changes built for real on a sandbox, its statements run in turn without and with it, and repaired."""

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.proof import Effort, Prover
from pgarchitect.evidence.standing import Created, Keys, Standing
from pgarchitect.evidence.trials import Baselines, Told, baselines
from pgarchitect.evidence.turns import Turns
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.processor_time import ProcessorClock
from pgarchitect.recommendations.repair import Removal, Repaired, repaired
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.workload.syntax import plain_names
from pgarchitect.workload.workload import Statement

_CHOICES: Final = 3
"""How often a set is chosen at most: anew without what real runs took out of the one before."""
_BETTER: Final = 0.99
"""A set that was chosen anew must take less than this times what the one before takes."""

Suggest = Callable[[str, Keys], Sequence[Candidate]]
"""Statement, keys of what is present → further changes that may serve it, the most promising first."""
Again = Callable[[Keys], Sequence[Candidate]]
"""Keys of what may not be chosen → the best choice without it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where changes are built, and how much that may cost.

    Attributes:
        sandbox: a copy of the database.
        effort: of the runs.
        told: hears of each step.
    """

    sandbox: Connection
    effort: Effort
    told: Told


@dataclass(frozen=True, slots=True)
class Today:
    """Statements as they run on the sandbox before anything is built there.

    Attributes:
        ready: how long they take, and why others were not run.
        warnings: what limits the proof, one sentence each.
        seconds: that it took.
    """

    ready: Baselines
    warnings: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be built and measured.

    Attributes:
        weights: fingerprint of a statement → how often it runs, compared with the others.
        candidates: the chosen changes, those that gain most first.
        serves: fingerprint → keys of the changes that its plan was expected to use.
        suggest: what else may serve a statement.
        again: chooses anew.
    """

    weights: Mapping[str, float]
    candidates: Sequence[Candidate]
    serves: Callable[[str, Sequence[Candidate]], Keys]
    suggest: Suggest
    again: Again


@dataclass(frozen=True, slots=True)
class Built:
    """What became of it.

    Attributes:
        repaired: what stays, and what was measured.
        removed: what went out of any of the sets that were chosen, and was not chosen again.
        created: key → what was built.
        candidates: key → change.
        refused: key → why the server refused the change.
        not_run: fingerprint → why a statement was not run, a sentence.
    """

    repaired: Repaired
    removed: tuple[Removal, ...]
    created: Mapping[str, Created]
    candidates: Mapping[str, Candidate]
    refused: Mapping[str, str]
    not_run: Mapping[str, str]


def run_today(
    place: Place, statements: Sequence[Statement], trees: Mapping[str, exp.Expr], tables: Collection[str]
) -> Today:
    """Make a sandbox fit for measuring, and see how long statements take there; few runs each.

    Args:
        place: the sandbox.
        statements: their fingerprints are names of the caller's own.
        trees: fingerprint → syntax tree.
        tables: qualified names of those on which changes may be made.
    """
    began = time.monotonic()
    clock = ProcessorClock.of(place.sandbox)
    prover = Prover(place.sandbox, replace(place.effort, runs=1), clock=clock)
    place.told("sandbox: vacuum and analyse")
    warnings = prover.prepare(sorted(tables))
    place.told(f"sandbox: run {len(statements)} statements as it is")
    catalog = read_catalog(place.sandbox, plain_names(trees.values()))
    ready = baselines(prover, place.sandbox, statements, trees=trees, catalog=catalog, told=lambda _: None)
    return Today(ready, tuple(warnings), time.monotonic() - began)


def by_building(place: Place, today: Today, asked: Asked) -> Built:
    """Build the chosen changes, measure, repair, choose anew; everything is rolled back in the end."""
    prover = Prover(place.sandbox, place.effort)
    place.told(f"sandbox: build {len(asked.candidates)} indexes")
    with prover.standing(asked.candidates) as standing:
        clock = ProcessorClock.of(place.sandbox)
        turns = Turns(standing, today.ready.ready, place.effort, clock, place.told)
        return _Building(place, today, asked, standing, turns).built()


@dataclass(slots=True)
class _Building:
    place: Place
    today: Today
    asked: Asked
    standing: Standing
    turns: Turns
    removed: dict[str, Removal] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)

    def built(self) -> Built:
        """Repair the choice; then choose without what went out of it, for as long as that gets better."""
        chosen = self.asked.candidates
        best = self._repaired(chosen)
        for _ in range(1, _CHOICES):
            chosen = self.asked.again(Keys(self.removed) | self.standing.refused.keys())
            if not self.removed or {each.key for each in chosen} <= set(best.kept):
                break
            self.place.told(f"sandbox: build another choice of {len(chosen)} indexes")
            before = dict(self.removed)
            found = self._repaired(chosen)
            if _total(found, best, self.asked.weights) >= _BETTER * _total(best, best, self.asked.weights):
                self.removed = before
                break
            best = found
        return Built(
            best,
            tuple(each for key, each in self.removed.items() if key not in best.kept),
            dict(self.standing.created),
            dict(self.standing.candidates),
            {key: reason for key, reason in self.standing.refused.items() if key in self.chosen},
            {**self.today.ready.refused, **best.lost},
        )

    def _repaired(self, chosen: Sequence[Candidate]) -> Repaired:
        keys = self._stand(chosen)
        self.chosen.update(each.key for each in chosen)
        ready = self.today.ready
        found = repaired(
            self.turns,
            keys,
            {each: self.asked.weights[each] for each in ready.ready},
            unproven=Keys().union(*(self.asked.serves(each, chosen) for each in ready.refused)) & Keys(keys),
            rescue=lambda fingerprint, present: self._stand(self.asked.suggest(fingerprint, present)),
        )
        self.removed.update({each.key: each for each in found.removed})
        return found

    def _stand(self, candidates: Sequence[Candidate]) -> list[str]:
        standing = self.standing
        return [each.key for each in candidates if each.key in standing.created or standing.add(each)]


def _total(found: Repaired, reference: Repaired, weights: Mapping[str, float]) -> float:
    """What the workload takes, milliseconds, where without changes it takes what it took in another measurement."""
    return math.fsum(
        weights[each] * trial.before_ms * (found.trials[each].ratio if each in found.trials else 1.0)
        for each, trial in reference.trials.items()
    )
