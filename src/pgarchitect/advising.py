"""The index advisor: every index that could serve a workload, tried on a planner twin, and the best set of them."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.index_variants import could_use, index_variants, why
from pgarchitect.candidates.shape import table_uses
from pgarchitect.candidates.table_use import TableUse
from pgarchitect.errors import UsageError
from pgarchitect.evidence.binding import Bound, bind
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.plan_costs import Names, PlanCosts
from pgarchitect.postgres.connection import connect
from pgarchitect.recommendations.advice import Advice, AdvisedIndex, AdvisedStatement
from pgarchitect.recommendations.index_choice import Choice, Limits, choose
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workload.fingerprint import fingerprint
from pgarchitect.workload.syntax import UnreadableStatement, parse, table_name, tables
from pgarchitect.workload.workload import Statement

_ROUNDS: Final = 20
"""Choices at most; each plans what the one before took for granted."""
_EXACT: Final = 1e-4
"""Relative difference between the cost that was taken for granted and the planner's at which no more is asked."""
_LEAST: Final = 0.0005
"""Part of the workload's cost that every index must save: one that saves less is not worth a name."""
_TIDINESS: Final = 1e-6
"""And a gigabyte of index so much more: of sets that cost the same, the smallest."""
_OTHER_VERSION: Final = "The twin is not of the database's own version and statistics: trust costs less."

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One statement of a workload and how often it runs, compared with the others."""

    text: str
    weight: float
    rows_per_call: float = 0.0


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement that can be planned."""

    number: int
    wanted: Wanted
    forms: Sequence[Bound]
    uses: Sequence[TableUse]
    variants: Sequence[IndexDefinition]

    @property
    def shares(self) -> list[float]:
        """Of each form, the part of the statement's runs that it stands for."""
        total = math.fsum(form.weight for form in self.forms)
        return [form.weight / total for form in self.forms]


@dataclass(frozen=True, slots=True)
class _Tried:
    """The indexes that were tried on the twin, by name."""

    definitions: Mapping[str, IndexDefinition]
    candidates: Mapping[str, Candidate]
    hypotheticals: Mapping[str, Hypothetical]
    refused: Sequence[str]

    @property
    def sizes(self) -> dict[str, int]:
        return {name: each.size_bytes for name, each in self.hypotheticals.items()}


def advise(dsn: str, workload: Sequence[Wanted], limits: Limits, settings: Settings, told: Told) -> Advice:
    """Choose indexes for a workload; the database is only read.

    Args:
        dsn: connection string of the database.
        workload: statements; their order does not matter to the choice.
        limits: of the indexes together.
        settings: time-outs, and where the twin lives meanwhile.
        told: hears of each step.

    Raises:
        PgArchitectError: the database cannot be read or the twin not be built; the sentence says why.
    """
    began = time.monotonic()
    trees, unread = _parsed(workload)
    with PlannerTwin.of(dsn, settings, lambda step: told(f"twin: {step}")) as twin:
        built = time.monotonic()
        told("bind the statements")
        ready, refused = _bound(twin, settings, workload, trees)
        told("try the indexes that could serve")
        tried = _tried(twin, settings, ready)
        bench = _Workbench.of(twin, ready, tried)
        told(f"plan {len(ready)} statements with {len(tried.definitions)} indexes")
        bench.costs.explore()
        told("choose")
        choice = _chosen(bench, limits)
        found = _advice(workload, {**unread, **refused}, bench, choice, twin)
        return replace(found, twin_seconds=built - began, seconds=time.monotonic() - built)


def _parsed(workload: Sequence[Wanted]) -> tuple[dict[int, exp.Expr], dict[int, str]]:
    trees: dict[int, exp.Expr] = {}
    unread: dict[int, str] = {}
    for number, wanted in enumerate(workload):
        try:
            trees[number] = parse(wanted.text)
        except UnreadableStatement as error:
            unread[number] = str(error)
    return trees, unread


def _bound(
    twin: PlannerTwin, settings: Settings, workload: Sequence[Wanted], trees: Mapping[int, exp.Expr]
) -> tuple[list[_Ready], dict[int, str]]:
    """The statements with values for their parameters, and why others have none; in an order of their own."""
    ready: list[_Ready] = []
    refused: dict[int, str] = {}
    with connect(twin.url, settings) as session:
        catalog = read_catalog(session, {table_name(table)[0] for tree in trees.values() for table in tables(tree)})
        for number, tree in trees.items():
            wanted = workload[number]
            try:
                forms = bind(session, _statement(wanted), tree, catalog)
            except CannotRun as error:
                refused[number] = error.sentence
                continue
            ready.append(_Ready(number, wanted, forms, table_uses(tree, catalog), index_variants(tree, catalog)))
    return sorted(ready, key=lambda each: (each.wanted.text, each.wanted.weight, each.number)), refused


def _statement(wanted: Wanted) -> Statement:
    return Statement(fingerprint(wanted.text), (), wanted.text, 1, 0.0, round(wanted.rows_per_call), 0.0)


def _tried(twin: PlannerTwin, settings: Settings, ready: Sequence[_Ready]) -> _Tried:
    found = {str(definition): definition for each in ready for definition in each.variants}
    definitions: dict[str, IndexDefinition] = {}
    candidates: dict[str, Candidate] = {}
    hypotheticals: dict[str, Hypothetical] = {}
    refused: list[str] = []
    with connect(twin.url, settings) as session:
        taken = set(read_catalog(session, {each.table.name for each in found.values()}).taken)
    for _, definition in sorted(found.items()):
        candidate = definition.candidate("missing_index", "", (), taken)
        taken.add(candidate.object_name)
        try:
            hypothetical = twin.try_index(candidate.trial_sql)
        except UsageError as error:
            refused.append(str(error))
            continue
        definitions[hypothetical.name] = definition
        candidates[hypothetical.name] = candidate
        hypotheticals[hypothetical.name] = hypothetical
    return _Tried(definitions, candidates, hypotheticals, refused)


@dataclass(frozen=True, slots=True)
class _Workbench:
    """What is known of a workload's costs: a row for each set of values of each statement.

    Attributes:
        ready: the statements.
        tried: the indexes.
        costs: of the rows.
        owners: of each row, which of the statements it belongs to.
        weights: of each row.
    """

    ready: Sequence[_Ready]
    tried: _Tried
    costs: PlanCosts
    owners: Sequence[int]
    weights: Sequence[float]

    @classmethod
    def of(cls, twin: PlannerTwin, ready: Sequence[_Ready], tried: _Tried) -> "_Workbench":
        """Nothing is asked yet."""
        rows = [
            (owner, form, share * each.wanted.weight)
            for owner, each in enumerate(ready)
            for form, share in zip(each.forms, each.shares, strict=True)
        ]
        usable = [
            Names(name for name, definition in tried.definitions.items() if could_use(each.uses, definition))
            for each in ready
        ]
        owners = [owner for owner, _, _ in rows]
        costs = PlanCosts(twin, [form.asked for _, form, _ in rows], [usable[owner] for owner in owners], tried.sizes)
        return cls(ready, tried, costs, owners, [weight for _, _, weight in rows])

    def total(self, present: Names) -> float:
        """Weighted cost of the workload under a set of indexes."""
        return math.fsum(weight * self.costs.cost(row, present) for row, weight in enumerate(self.weights))

    def cost(self, owner: int, present: Names) -> float:
        """Cost of one run of a statement."""
        shares = self.ready[owner].shares
        rows = [row for row, each in enumerate(self.owners) if each == owner]
        return math.fsum(share * self.costs.cost(row, present) for row, share in zip(rows, shares, strict=True))

    def used(self, owner: int, present: Names) -> Names:
        """What the plans of a statement use of a set of indexes."""
        rows = [row for row, each in enumerate(self.owners) if each == owner]
        return Names().union(*(self.costs.best_way(row, present) for row in rows))


def _chosen(bench: _Workbench, limits: Limits) -> Choice:
    """Choose by what is known, ask the planner whether it is true, and choose anew by what it said."""
    costs, sizes = bench.costs, bench.tried.sizes
    everything = bench.total(Names())
    writing = {name: everything * (_LEAST + _TIDINESS * size / 1e9) for name, size in sizes.items()}
    found: list[Choice] = []
    for _ in range(_ROUNDS):
        choice = choose(costs.ways, bench.weights, sizes, writing, limits)
        costs.ask((row, choice.chosen) for row in range(len(bench.weights)))
        found.append(replace(choice, cost=bench.total(choice.chosen)))
        if choice.cost - found[-1].cost <= _EXACT * choice.cost:
            break
    best = min(found, key=lambda each: each.cost)
    used = Names().union(*(bench.used(owner, best.chosen) for owner in range(len(bench.ready))))
    return replace(best, chosen=best.chosen & used)


def _advice(
    workload: Sequence[Wanted], refused: Mapping[int, str], bench: _Workbench, choice: Choice, twin: PlannerTwin
) -> Advice:
    statements = [_statement_advice(owner, bench, choice.chosen) for owner in range(len(bench.ready))]
    lost = [
        AdvisedStatement(number + 1, workload[number].text, workload[number].weight, refusal=reason)
        for number, reason in refused.items()
    ]
    indexes = [_index_advice(name, bench, statements) for name in choice.chosen]
    return Advice(
        indexes=tuple(sorted(indexes, key=lambda each: (each.cost_after - each.cost_before, each.ddl))),
        statements=tuple(sorted((*statements, *lost), key=lambda each: each.number)),
        cost_before=bench.total(Names()),
        cost_after=bench.total(choice.chosen),
        cost_with_all=bench.total(Names(bench.tried.definitions)),
        considered=len(bench.tried.definitions),
        planner_calls=bench.costs.calls,
        twin_seconds=0.0,
        seconds=0.0,
        optimality_gap=choice.gap,
        warnings=_warnings(twin),
    )


def _statement_advice(owner: int, bench: _Workbench, chosen: Names) -> AdvisedStatement:
    each = bench.ready[owner]
    return AdvisedStatement(
        number=each.number + 1,
        text=each.wanted.text,
        weight=each.wanted.weight,
        parameters=each.forms[0].literals,
        cost_before=bench.cost(owner, Names()),
        cost_after=bench.cost(owner, chosen),
        indexes=tuple(sorted(bench.used(owner, chosen))),
    )


def _index_advice(name: str, bench: _Workbench, statements: Sequence[AdvisedStatement]) -> AdvisedIndex:
    served = [each for each in statements if name in each.indexes]
    candidate, definition = bench.tried.candidates[name], bench.tried.definitions[name]
    uses = {each.number + 1: each.uses for each in bench.ready}
    first = max(served, key=lambda each: (each.saved, -each.number))
    return AdvisedIndex(
        name=name,
        ddl=candidate.sql,
        rollback=candidate.rollback_sql,
        method=definition.method,
        size_bytes=bench.tried.hypotheticals[name].size_bytes,
        reason=f"Statement {first.number} {why(uses[first.number], definition)}.",
        statements=tuple(sorted(each.number for each in served)),
        cost_before=math.fsum(each.weight * (each.cost_before or 0.0) for each in served),
        cost_after=math.fsum(each.weight * (each.cost_after or 0.0) for each in served),
    )


def _warnings(twin: PlannerTwin) -> tuple[str, ...]:
    other = () if twin.same_major else (_OTHER_VERSION,)
    left_out = (f"{each.name} was left out ({each.reason})." for each in twin.left_out)
    return (*other, *twin.warnings, *left_out)
