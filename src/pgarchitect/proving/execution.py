"""Step 5 with a sandbox: a planner twin says what is worth it, real runs before and after decide."""

from collections.abc import Container, Sequence
from dataclasses import replace

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import MissingCapability
from pgarchitect.evidence.proof import Effort, Prover
from pgarchitect.evidence.relations import bystanders, parsed
from pgarchitect.evidence.screening import Screened, screen
from pgarchitect.evidence.trials import baselines
from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.processor_time import ProcessorClock
from pgarchitect.proving.proven import Proven, decided, in_place, of_the_asked, unwatched
from pgarchitect.proving.together import Building
from pgarchitect.proving.twin_of import NAMED, NO_TWIN, Audited, twin_trial, why_not
from pgarchitect.recommendations.contest import Proposals
from pgarchitect.recommendations.judgement import judge, rejected
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.limits import limits


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
    clock = ProcessorClock.of(sandbox)
    jointly = Building(prover, asked, ready, effort, clock, lambda note: listener.advance(0, note))
    case = decided(asked, prover, ready, local, listener, jointly=jointly)
    warnings.extend((*in_place("Measured", asked), *unwatched(asked, ready.refused)))
    return Proven(judge(case), case.together, of_the_asked(asked, ready.refused), tuple(warnings))


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
    except NO_TWIN as error:
        screened, use = {}, None
        warnings = (f"The planner twin could not be used, so that every candidate was run: {why_not(error)}.",)
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
    audited = Audited(target, dsn, settings)
    with twin_trial(audited, asked, asked.statements, listener, lambda _: listener.advance(0)) as trial:
        ready = trial.baselines.ready
        unvalued = {each.fingerprint for each in ready.values() if each.bound[0].refusal}
        found = screen(trial.what_if, asked.candidates, ready, unsure=unvalued | trial.doubts.of_tables.keys())
        use = TwinUse.of(trial.twin, tried=len(asked.candidates), screened=len(found))
        return found, use, limits(trial.twin, NAMED)


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


def _require_tables(sandbox: Catalog, candidates: Sequence[Candidate]) -> None:
    missing = sorted({candidate.table for candidate in candidates} - {table.qualified for table in sandbox.tables})
    if missing:
        raise MissingCapability(
            f"The sandbox lacks {missing[0]}; restore a copy of the audited database into it, or leave --sandbox out."
        )
