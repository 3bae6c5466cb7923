"""Step 5 of the audit: candidates become recommendations, by real runs on a sandbox or by the planner's cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import psycopg
from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import MissingCapability, PgArchitectError
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.proof import Effort, Prover
from pgarchitect.evidence.stake import at_stake, planner_evidence
from pgarchitect.evidence.trials import Baselines, Laboratory, baselines, try_each
from pgarchitect.evidence.whatif import WhatIf
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.contest import Contest, Proposals
from pgarchitect.recommendations.judgement import Case, judge, unproven
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.scope import spelled
from pgarchitect.workload.syntax import UnreadableStatement, parse, table_name, tables
from pgarchitect.workload.workload import Statement

__all__ = ["Proposals", "Proven", "by_execution", "by_planner", "by_twin", "bystanders", "parsed"]

_MIN_STAKE = 0.2
"""Without a twin, nothing is said of a candidate at which less of the plan's cost lies than the gain that counts."""
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
    """

    recommendations: tuple[Recommendation, ...] = ()
    together: Mapping[str, Evidence] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def parsed(statements: Sequence[Statement]) -> dict[str, exp.Expr]:
    """Fingerprint → syntax tree, of the statements that parse."""
    trees: dict[str, exp.Expr] = {}
    for statement in statements:
        try:
            trees[statement.fingerprint] = parse(statement.text)
        except UnreadableStatement:
            continue
    return trees


def bystanders(
    statements: Sequence[Statement], candidates: Sequence[Candidate], catalog: Catalog
) -> tuple[Statement, ...]:
    """The statements that no candidate is for but that read a table which one would change."""
    concerned = {each for candidate in candidates for each in candidate.fingerprints}
    others = [each for each in statements if each.fingerprint not in concerned]
    trees = parsed(others)
    changed = {candidate.table for candidate in candidates}
    return tuple(
        each
        for each in others
        if each.fingerprint in trees and not changed.isdisjoint(_qualified(trees[each.fingerprint], catalog))
    )


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
    except (PgArchitectError, psycopg.Error, OSError) as error:
        rest = by_planner(target, asked, listener)
        reason = str(error).partition("\n")[0].rstrip(".")
        return replace(rest, warnings=(*rest.warnings, f"The planner twin could not be used: {reason}."))
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

    def told(note: str) -> None:
        listener.advance(0, f"twin: {note}")

    with PlannerTwin.of(dsn, settings, told, tables=_named(trees.values(), asked.catalog)) as twin:
        what_if = WhatIf(twin, asked.pending)
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
        other = () if twin.same_major else (_OTHER_VERSION,)
        warnings = (_ON_A_TWIN, *other, *_in_place("Planned", asked), *_unwatched(asked, ready.refused), *twin.warnings)
    return Proven(judge(case), {}, _of_the_asked(asked, ready.refused), warnings)


def _named(trees: Iterable[exp.Expr], catalog: Catalog) -> list[str]:
    """What statements read, as SQL spells it; views too, which the catalog does not hold."""
    found = {table_name(table) for tree in trees for table in tables(tree)}
    views = {spelled(schema, name).removeprefix('"".') for name, schema in found if catalog.find(name, schema) is None}
    return sorted(views | {table.qualified for table in catalog.tables})


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
    return contest.decide({each: frozenset(_qualified(trees[each], local)) for each in ready.ready})


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


def _qualified(tree: exp.Expr, catalog: Catalog) -> Iterator[str]:
    for name in tables(tree):
        table = catalog.find(*table_name(name))
        if table is not None:
            yield table.qualified


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
