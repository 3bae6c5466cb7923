"""Many candidates against many statements: baselines first, then each candidate for the statements that ask for it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.binding import Bound, bind
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.proof import Baseline
from pgarchitect.evidence.runnable import require_harmless_plan, require_harmless_text
from pgarchitect.evidence.standing import ChangeRefused
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.catalog import Catalog
from pgarchitect.workload.workload import Statement

Told = Callable[[str], None]
"""Hears of each thing that was done: a note of what it was."""


class Laboratory(Protocol):
    """Where candidates are tried: ``Prover`` runs statements on a sandbox, ``WhatIf`` plans them on a twin."""

    @property
    def runs(self) -> bool:
        """Whether statements are run, so that they must be harmless."""

    def today(self) -> AbstractContextManager[None]:
        """The database without new changes, for baselines."""

    def baseline(self, fingerprint: str, bound: Sequence[Bound]) -> Baseline:
        """A statement as it is; ``CannotRun`` when it cannot be tried."""

    def try_alone(self, candidate: Candidate, baselines: Sequence[Baseline]) -> dict[str, Evidence]:
        """Evidence of one candidate for each statement; ``ChangeRefused`` when the server refuses the change."""

    def try_together(
        self, candidates: Sequence[Candidate], baselines: Sequence[Baseline]
    ) -> tuple[dict[str, Evidence], dict[str, frozenset[str]]]:
        """Evidence with all candidates present, and which of them each plan uses; ``ChangeRefused`` as above."""


@dataclass(frozen=True, slots=True)
class Baselines:
    """Statements as they run today, and why the others do not.

    Attributes:
        ready: by fingerprint.
        refused: fingerprint → the reason, a sentence.
    """

    ready: Mapping[str, Baseline]
    refused: Mapping[str, str]


def baselines(
    laboratory: Laboratory,
    connection: Connection,
    statements: Sequence[Statement],
    *,
    trees: Mapping[str, exp.Expr],
    catalog: Catalog,
    told: Told,
    documents: Connection | None = None,
) -> Baselines:
    """Bind and measure every statement as the database is today.

    Args:
        laboratory: measures them.
        connection: to where candidates are tried.
        statements: all of them.
        trees: fingerprint → syntax tree.
        catalog: of the database that values are for.
        told: hears of each statement.
        documents: where JSON documents are read to learn values; None: ``connection``.
    """
    ready: dict[str, Baseline] = {}
    refused: dict[str, str] = {}
    with laboratory.today():
        for statement in statements:
            identity = statement.fingerprint
            try:
                if laboratory.runs:
                    require_harmless_text(connection, statement.text)
                bound = bind(connection, statement, trees[identity], catalog, documents=documents)
                if laboratory.runs and not bound[0].refusal:
                    require_harmless_plan(connection, bound[0].sql)
                ready[identity] = laboratory.baseline(identity, bound)
            except CannotRun as error:
                refused[identity] = error.sentence if laboratory.runs else error.unplanned
            told(f"baseline {identity}")
    return Baselines(ready, refused)


def try_for_others(
    laboratory: Laboratory,
    candidates: Sequence[Candidate],
    ready: Mapping[str, Baseline],
    tables: Mapping[str, frozenset[str]],
) -> dict[str, dict[str, Evidence]]:
    """Try candidates for the statements that read their table but did not ask for them.

    An index that one statement asks for often serves another as well as the one that this asked for.

    Args:
        laboratory: where they are tried.
        candidates: few; those that are about to be recommended.
        ready: baselines by fingerprint.
        tables: fingerprint → qualified names of the tables it reads.
    """
    found: dict[str, dict[str, Evidence]] = {}
    for candidate in candidates:
        others = [
            baseline
            for fingerprint, baseline in ready.items()
            if candidate.table in tables[fingerprint] and fingerprint not in candidate.fingerprints
        ]
        with suppress(ChangeRefused):
            found[candidate.key] = laboratory.try_alone(candidate, others) if others else {}
    return found


def try_each(
    laboratory: Laboratory, candidates: Sequence[Candidate], ready: Mapping[str, Baseline], told: Told
) -> tuple[dict[str, dict[str, Evidence]], dict[str, str]]:
    """Try each candidate by itself.

    Returns:
        Candidate key → fingerprint → evidence; candidate key → why the server refused the change.
    """
    tried: dict[str, dict[str, Evidence]] = {}
    refusals: dict[str, str] = {}
    for candidate in candidates:
        concerned = [ready[each] for each in candidate.fingerprints if each in ready]
        if concerned:
            try:
                tried[candidate.key] = laboratory.try_alone(candidate, concerned)
            except ChangeRefused as error:
                refusals[candidate.key] = str(error)
        told(candidate.object_name)
    return tried, refusals
