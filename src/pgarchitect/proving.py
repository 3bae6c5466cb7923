"""Step 5 of the audit: candidates become recommendations, by real runs on a sandbox or by the planner's cost."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg
from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import MissingCapability, PgArchitectError
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.doubts import read_doubts
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.proof import Effort, Prover
from pgarchitect.evidence.relations import bystanders, parsed, qualified, relations
from pgarchitect.evidence.screening import Screened, screen
from pgarchitect.evidence.stake import at_stake, planner_evidence
from pgarchitect.evidence.trials import Baselines, Laboratory, baselines, try_each
from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.evidence.whatif import WhatIf
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.contest import Contest, Proposals
from pgarchitect.recommendations.judgement import Case, judge, rejected, unproven
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin

__all__ = [
    "Proposals",
    "Proven",
    "by_execution",
    "by_planner",
    "by_screened_execution",
    "by_twin",
    "bystanders",
    "parsed",
]

_MIN_STAKE = 0.2
"""Without a twin, nothing is said of a candidate at which less of the plan's cost lies than the gain that counts."""
_NO_TWIN = (PgArchitectError, psycopg.Error, OSError)
"""What may keep us from a twin; the audit goes on without."""
_NO_SANDBOX = "No sandbox was given: only the planner's cost is known and nothing is proven."
_OTHER_VERSION = (
    "The twin is not of the database's own version and statistics, so its costs are less sure;"
    " PGARCHITECT_TWIN_PROGRAMS can name the programs of that version."
)
_ON_A_TWIN = (
    "No sandbox was given: costs are the planner's on a twin of the database without rows, and nothing is proven."
)


@dataclass(frozen=True, slots=True)
class Proven:
    """What step 5 leaves.

    Attributes:
        recommendations: one per candidate, rejected ones included.
        together: evidence of each statement with all accepted changes present.
        refused: fingerprint → why a statement was not run, a sentence.
        warnings: what limits the proof, one sentence each.
        twin: the planner twin that was used; None when there was none.
    """

    recommendations: tuple[Recommendation, ...] = ()
    together: Mapping[str, Evidence] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    twin: TwinUse | None = None


def by_execution(sandbox: Connection, asked: Proposals, effort: Effort, listener: ProgressListener) -> Proven:
    """Run every statement before and after on the sandbox.

    Raises:
        MissingCapability: the sandbox lacks a table.
    """
    prover = Prover(sandbox, effort, asked.pending)
    names = {table.name for table in asked.catalog.tables}
    _require_tables(read_catalog(sandbox, names), asked.candidates)
    warnings = prover.prepare(sorted({candidate.table for candidate in asked.candidates}))
    local = read_catalog(sandbox, names)
    trees = parsed(asked.everybody)
    ready = baselines(
        prover, sandbox, asked.everybody, trees=trees, catalog=local, told=lambda note: listener.advance(1, note)
    )
    case = _decided(asked, prover, ready, local, listener)
    warnings.extend((*_in_place("Measured", asked), *_unwatched(asked, ready.refused)))
    return Proven(judge(case), case.together, _of_the_asked(asked, ready.refused), tuple(warnings))


def by_screened_execution(
    target: Connection,
    sandbox: Connection,
    asked: Proposals,
    *,
    dsn: str,
    effort: Effort,
    settings: Settings,
    listener: ProgressListener,
) -> Proven:
    """Ask a twin of the audited database which candidates are worth it, and run those for real on the sandbox.

    When there can be no twin, all of them are run, and a warning says why.

    Args:
        target: the audited database.
        sandbox: where statements are run.
        asked: what is to be proven.
        dsn: connection string of the audited database.
        effort: how much the proof may cost.
        settings: time-outs, and where the twin lives meanwhile.
        listener: hears of progress.

    Raises:
        MissingCapability: the sandbox lacks a table.
    """
    _require_tables(read_catalog(sandbox, {table.name for table in asked.catalog.tables}), asked.candidates)
    try:
        screened, use, warnings = _screened(target, dsn, asked, settings, listener)
    except _NO_TWIN as error:
        screened, use = {}, None
        warnings = (f"The planner twin could not be used, so that every candidate was run: {_reason(error)}.",)
    worth = _less(asked, screened)
    spared = len(screened) + len(asked.everybody) - len(worth.everybody)
    listener.advance(spared, f"twin: {len(worth.candidates)} of {len(asked.candidates)} candidates are worth real runs")
    proven = by_execution(sandbox, worth, effort, listener) if worth.candidates else Proven()
    by_fingerprint = {each.fingerprint: each for each in asked.everybody}
    others = (
        rejected(asked.target, each, by_fingerprint, screened[each.key].evidence, screened[each.key].reason)
        for each in asked.candidates
        if each.key in screened
    )
    recommendations = (*proven.recommendations, *others)
    return replace(proven, recommendations=recommendations, warnings=(*warnings, *proven.warnings), twin=use)


def _screened(
    target: Connection, dsn: str, asked: Proposals, settings: Settings, listener: ProgressListener
) -> tuple[dict[str, Screened], TwinUse, tuple[str, ...]]:
    trees = parsed(asked.statements)
    with _twin(dsn, trees.values(), asked.catalog, settings, listener) as twin:
        listener.advance(0, "twin: plan every statement with each candidate")
        doubts = read_doubts(twin, target, trees, asked.catalog)
        what_if = WhatIf(twin, asked.pending, {each: doubts.of(each) for each in trees})
        with connect(twin.url, settings) as session:
            ready = baselines(
                what_if,
                session,
                asked.statements,
                trees=trees,
                catalog=asked.catalog,
                documents=target,
                told=lambda _: listener.advance(0),
            ).ready
        unvalued = {each.fingerprint for each in ready.values() if each.bound[0].refusal}
        found = screen(what_if, asked.candidates, ready, unsure=unvalued | doubts.of_tables.keys())
        use = TwinUse.of(twin, tried=len(asked.candidates), screened=len(found))
        return found, use, _limits(twin, use)


def _less(asked: Proposals, screened: Container[str]) -> Proposals:
    """Without what was screened out, and without the statements that nothing which is left concerns."""
    left = [each for each in asked.candidates if each.key not in screened]
    concerned = {fingerprint for each in left for fingerprint in each.fingerprints}
    statements = [each for each in asked.statements if each.fingerprint in concerned]
    return replace(
        asked,
        statements=statements,
        candidates=left,
        bystanders=bystanders(asked.everybody, left, asked.catalog),
    )


def by_twin(target: Connection, dsn: str, asked: Proposals, settings: Settings, listener: ProgressListener) -> Proven:
    """Plan every statement before and after on a twin of the audited database, run none.

    What the twin cannot plan is judged by today's plans of the audited database instead, and so is everything when
    there can be no twin: a warning then says why.

    Args:
        target: the audited database.
        dsn: its connection string.
        asked: what is to be judged.
        settings: time-outs, and where the twin lives meanwhile.
        listener: hears of progress.
    """
    try:
        planned = _planned_on_twin(target, dsn, asked, settings, listener)
    except _NO_TWIN as error:
        rest = by_planner(target, asked, listener)
        return replace(rest, warnings=(*rest.warnings, f"The planner twin could not be used: {_reason(error)}."))
    left = [each for each in asked.statements if each.fingerprint in planned.refused]
    if not left:
        return planned
    rest = by_planner(target, replace(asked, statements=left), listener)
    named = {item.candidate.key for item in planned.recommendations if item.verdict is not Verdict.REJECTED}
    more = {item.candidate.key: item for item in rest.recommendations if item.candidate.key not in named}
    kept = [item for item in planned.recommendations if item.candidate.key not in more]
    accepted = [item for item in kept if item.candidate.key in named]
    rejected = [item for item in kept if item.candidate.key not in named]
    return replace(planned, recommendations=(*accepted, *more.values(), *rejected), refused=rest.refused)


def _planned_on_twin(
    target: Connection, dsn: str, asked: Proposals, settings: Settings, listener: ProgressListener
) -> Proven:
    trees = parsed(asked.everybody)
    with _twin(dsn, trees.values(), asked.catalog, settings, listener) as twin:
        doubts = read_doubts(twin, target, trees, asked.catalog)
        what_if = WhatIf(twin, asked.pending, {each: doubts.of(each) for each in trees})
        with connect(twin.url, settings) as session:
            ready = baselines(
                what_if,
                session,
                asked.everybody,
                trees=trees,
                catalog=asked.catalog,
                documents=target,
                told=lambda note: listener.advance(1, note),
            )
        case = _decided(asked, what_if, ready, asked.catalog, listener)
        use = TwinUse.of(twin, tried=len(asked.candidates))
        warnings = (_ON_A_TWIN, *_in_place("Planned", asked), *_unwatched(asked, ready.refused), *_limits(twin, use))
    return Proven(judge(case), {}, _of_the_asked(asked, ready.refused), warnings, use)


@contextmanager
def _twin(
    dsn: str, trees: Iterable[exp.Expr], catalog: Catalog, settings: Settings, listener: ProgressListener
) -> Iterator[PlannerTwin]:
    """A twin of what the catalog holds and of what else, such as views, statements read."""
    names = {name for tree in trees for name in relations(tree, catalog)}
    wanted = sorted(names | {table.qualified for table in catalog.tables})
    with PlannerTwin.of(dsn, settings, lambda note: listener.advance(0, f"twin: {note}"), tables=wanted) as twin:
        yield twin


def _limits(twin: PlannerTwin, use: TwinUse) -> tuple[str, ...]:
    return (*(() if twin.same_major else (_OTHER_VERSION,)), *twin.warnings, *use.warnings())


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def _in_place(done: str, asked: Proposals) -> list[str]:
    if not asked.pending:
        return []
    return [f"{done} with {len(asked.pending)} changes in place that were recommended before and wait to be applied."]


def _of_the_asked(asked: Proposals, refused: Mapping[str, str]) -> dict[str, str]:
    """Without what was refused of bystanders."""
    concerned = {each.fingerprint for each in asked.statements}
    return {each: reason for each, reason in refused.items() if each in concerned}


def _unwatched(asked: Proposals, refused: Mapping[str, str]) -> list[str]:
    """What is to be said of bystanders that could not be tried: nobody knows what a change does to them."""
    found: dict[str, int] = {}
    for each in asked.bystanders:
        if each.fingerprint in refused:
            found[refused[each.fingerprint]] = found.get(refused[each.fingerprint], 0) + 1
    return [
        f"{count} other statement{'s' * (count > 1)} that read{'s' * (count == 1)} the same tables could not be tried,"
        f" so a change may slow {'it' if count == 1 else 'them'} unseen. {reason}"
        for reason, count in found.items()
    ]


def _decided(
    asked: Proposals, laboratory: Laboratory, ready: Baselines, local: Catalog, listener: ProgressListener
) -> Case:
    """Try each candidate alone, then choose.

    Args:
        asked: what is to be tried.
        laboratory: where.
        ready: baselines of the statements.
        local: catalog of the database that is tried on.
        listener: hears of progress.
    """
    trees = parsed([each for each in asked.everybody if each.fingerprint in ready.ready])
    alone, refusals = try_each(laboratory, asked.candidates, ready.ready, lambda note: listener.advance(1, note))
    contest = Contest(asked, laboratory, ready.ready, alone, refusals, _size_ratios(asked.catalog, local))
    listener.advance(0, "all together")
    return contest.decide({each: frozenset(qualified(trees[each], local)) for each in ready.ready})


def by_planner(target: Connection, asked: Proposals, listener: ProgressListener) -> Proven:
    """Plan every statement on the audited database, run none; name what most of the cost lies in."""
    trees = parsed(asked.statements)
    found: dict[str, Recommendation] = {}
    refused: dict[str, str] = {}
    for statement in asked.statements:
        identity = statement.fingerprint
        listener.advance(1, identity)
        try:
            bound = bind(target, statement, trees[identity], asked.catalog)
            evidence = planner_evidence(identity, bound)
        except CannotRun as error:
            refused[identity] = error.unplanned
            continue
        stakes = [
            (at_stake(evidence.before, candidate), candidate)
            for candidate in asked.candidates
            if identity in candidate.fingerprints
        ]
        stake, first = max(stakes, key=lambda pair: pair[0])
        if stake >= _MIN_STAKE and first.key not in found:
            found[first.key] = unproven(asked.target, first, statement, [evidence], stake)
    ranked = sorted(found.values(), key=lambda item: -item.statement.total_ms)
    return Proven(tuple(ranked), {}, refused, (_NO_SANDBOX,))


def _require_tables(sandbox: Catalog, candidates: Sequence[Candidate]) -> None:
    missing = sorted({candidate.table for candidate in candidates} - {table.qualified for table in sandbox.tables})
    if missing:
        raise MissingCapability(
            f"The sandbox lacks {missing[0]}; restore a copy of the audited database into it, or leave --sandbox out."
        )


def _size_ratios(production: Catalog, sandbox: Catalog) -> dict[str, float]:
    rows = {table.qualified: max(table.rows, 0.0) for table in production.tables}
    return {
        table.qualified: table.rows / rows[table.qualified] if rows.get(table.qualified) else 1.0
        for table in sandbox.tables
    }
