"""Many candidates against many statements: baselines first, then each candidate for the statements that ask for it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.proof import Baseline, ChangeRefused, Prover
from pgarchitect.evidence.runnable import require_harmless_plan, require_harmless_text
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.catalog import Catalog
from pgarchitect.workload.workload import Statement

Told = Callable[[str], None]
"""Hears of each thing that was done: a note of what it was."""


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
    prover: Prover,
    connection: Connection,
    statements: Sequence[Statement],
    *,
    trees: Mapping[str, exp.Expr],
    catalog: Catalog,
    told: Told,
) -> Baselines:
    """Bind and measure every statement as the database is today."""
    ready: dict[str, Baseline] = {}
    refused: dict[str, str] = {}
    with prover.today():
        for statement in statements:
            identity = statement.fingerprint
            try:
                require_harmless_text(connection, statement.text)
                bound = bind(connection, statement, trees[identity], catalog)
                require_harmless_plan(connection, bound[0].sql)
                ready[identity] = prover.baseline(identity, bound)
            except CannotRun as error:
                refused[identity] = error.sentence
            told(f"baseline {identity}")
    return Baselines(ready, refused)


def try_for_others(
    prover: Prover, candidates: Sequence[Candidate], ready: Mapping[str, Baseline], tables: Mapping[str, frozenset[str]]
) -> dict[str, dict[str, Evidence]]:
    """Try candidates for the statements that read their table but did not ask for them.

    An index that one statement asks for often serves another as well as the one that this asked for.

    Args:
        prover: of the sandbox.
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
            found[candidate.key] = prover.try_alone(candidate, others) if others else {}
    return found


def try_each(
    prover: Prover, candidates: Sequence[Candidate], ready: Mapping[str, Baseline], told: Told
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
                tried[candidate.key] = prover.try_alone(candidate, concerned)
            except ChangeRefused as error:
                refusals[candidate.key] = str(error)
        told(candidate.object_name)
    return tried, refusals
