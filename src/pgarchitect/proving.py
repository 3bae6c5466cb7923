"""Step 5 of the audit: candidates become recommendations, by real runs on a sandbox or by the planner's cost alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.errors import MissingCapability
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.evidence import Evidence
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.proof import Baseline, ChangeRefused, Effort, Prover
from pgarchitect.evidence.stake import at_stake, planner_evidence
from pgarchitect.evidence.trials import baselines, try_each, try_for_others
from pgarchitect.postgres.connection import Connection
from pgarchitect.recommendations.judgement import Case, helped, judge, unproven
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation
from pgarchitect.recommendations.selection import Selection, Tried, select
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.workload.syntax import UnreadableStatement, parse, table_name, tables
from pgarchitect.workload.workload import Statement

_MIN_STAKE = 0.2
"""Without a sandbox, nothing is said of a candidate at which less of the plan's cost lies than the gain that counts."""
_ROUNDS = 4
"""How often the choice is made anew without what no plan used once all of it was present."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is to be proven.

    Attributes:
        target: identity of the audited database.
        statements: those that some candidate is for.
        candidates: all of them.
        pending: recommended earlier and not yet in force.
        catalog: of the audited database.
        bystanders: other statements that read the candidates' tables; a change may slow them.
    """

    target: str
    statements: Sequence[Statement]
    candidates: Sequence[Candidate]
    pending: Sequence[Candidate]
    catalog: Catalog
    bystanders: Sequence[Statement] = ()

    @property
    def everybody(self) -> tuple[Statement, ...]:
        """The statements and the bystanders."""
        return (*self.statements, *self.bystanders)


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
    alone, refusals = try_each(prover, asked.candidates, ready.ready, lambda note: listener.advance(1, note))
    contest = _Contest(asked, prover, ready.ready, alone, refusals, _size_ratios(asked.catalog, local))
    listener.advance(0, "all together")
    case = contest.decide({each: frozenset(_qualified(trees[each], local)) for each in ready.ready})
    if asked.pending:
        warnings.append(
            f"Measured with {len(asked.pending)} changes in place that were recommended before and wait to be applied."
        )
    concerned = {each.fingerprint for each in asked.statements}
    refused = {each: reason for each, reason in ready.refused.items() if each in concerned}
    return Proven(judge(case), case.together, refused, tuple(warnings))


@dataclass(slots=True)
class _Contest:
    """The choice among candidates that were tried one by one."""

    asked: Proposals
    prover: Prover
    ready: Mapping[str, Baseline]
    alone: dict[str, dict[str, Evidence]]
    refusals: Mapping[str, str]
    size_ratios: Mapping[str, float]

    def decide(self, reads: Mapping[str, frozenset[str]]) -> Case:
        """Choose, see the chosen ones at work together, and choose anew without those that no plan then gains by.

        Args:
            reads: fingerprint → tables that the statement reads.
        """
        tried = [each for each in self.asked.candidates if each.key in self.alone]
        finalists = self._by_key(self._select(tried, {}).chosen)
        for key, found in try_for_others(self.prover, finalists, self.ready, reads).items():
            self.alone[key].update(found)
        idle: dict[str, str] = {}
        case = self._chosen(tried, idle)
        for _ in range(_ROUNDS):
            useless = [each for each in self._by_key(case.selection.chosen) if not helped(case, each)]
            if not useless:
                break
            idle.update(
                dict.fromkeys((each.key for each in useless), "no plan gains by it once the others are present")
            )
            case = self._chosen(tried, idle)
        return case

    def _chosen(self, tried: Sequence[Candidate], idle: dict[str, str]) -> Case:
        """The case of the best choice without those in ``idle``; what the server now refuses joins them."""
        while True:
            try:
                return self._case(self._select([each for each in tried if each.key not in idle], idle))
            except ChangeRefused as error:
                idle[error.key] = f"the server refused it: {error}"

    def _case(self, selection: Selection) -> Case:
        """The chosen changes all present at once, every statement run."""
        chosen = self._by_key(selection.chosen)
        together, used = self.prover.try_together(chosen, list(self.ready.values())) if chosen else ({}, {})
        return Case(
            target=self.asked.target,
            statements={each.fingerprint: each for each in self.asked.everybody},
            candidates=self.asked.candidates,
            refusals=self.refusals,
            alone=self.alone,
            selection=selection,
            together=together,
            used=used,
            size_ratios=self.size_ratios,
        )

    def _select(self, candidates: Sequence[Candidate], idle: Mapping[str, str]) -> Selection:
        weights = {each.fingerprint: each.total_ms for each in self.asked.everybody}
        alone: Tried = self.alone
        chosen = select(candidates, alone, weights)
        return Selection(chosen.chosen, {**chosen.reasons, **idle})

    def _by_key(self, keys: Sequence[str]) -> list[Candidate]:
        by_key = {candidate.key: candidate for candidate in self.asked.candidates}
        return [by_key[key] for key in keys]


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
            evidence = planner_evidence(target, identity, bound)
        except CannotRun as error:
            refused[identity] = error.sentence
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
    warning = "No sandbox was given: only the planner's cost is known and nothing is proven."
    return Proven(tuple(ranked), {}, refused, (warning,))


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
