"""The index advisor: every index that could serve a workload, tried on a planner twin, and the best set of them."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.index_variants import could_use, index_variants, why
from pgarchitect.candidates.inverted_index import TRIGRAMS
from pgarchitect.candidates.shape import table_uses
from pgarchitect.checking import Check, checked, run_on_sandbox, times
from pgarchitect.errors import UsageError
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.foreign_key_lookups import ForeignKey, read_foreign_keys, searched_by
from pgarchitect.evidence.plan_costs import Names
from pgarchitect.evidence.prepared import generic
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.advice import Advice, AdvisedIndex, AdvisedStatement, RefusedIndex
from pgarchitect.recommendations.index_choice import Choice, Limits
from pgarchitect.replacing import replaced
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.settings import Settings
from pgarchitect.trying import Trying
from pgarchitect.twin.extension import created_from
from pgarchitect.twin.limits import limits as limits_of
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workbench import LEAST, Ready, Wanted, Workbench, best_choice
from pgarchitect.workload.syntax import UnreadableStatement, parse, plain_names
from pgarchitect.workload.table_writes import TableWrites, read_table_writes

_LONG_ENOUGH_S: Final = 86_400.0
"""A day: what is written has its rhythm."""
_SHOWN: Final = 10
"""Refused indexes that are told."""

__all__ = ["Wanted", "advise"]

Told = Callable[[str], None]


def advise(
    dsn: str,
    workload: Sequence[Wanted],
    limits: Limits,
    settings: Settings,
    told: Told,
    *,
    seconds: float | None = None,
    check: Check | None = None,
) -> Advice:
    """Choose indexes for a workload; the database is only read.

    Args:
        dsn: connection string of the database.
        workload: statements; their order does not matter to the choice.
        limits: of the indexes together.
        settings: time-outs, and where the twin lives meanwhile.
        told: hears of each step.
        seconds: the time in which the statements run as often as their weights say; None: the weights only compare
            statements with each other, so that what the indexes cost the writes cannot be weighed.
        check: where the chosen set is built and measured, to be repaired; None: the planner's word is all.

    Raises:
        UsageError: no statement has a weight.
        PgArchitectError: the database cannot be read or the twin not be built; the sentence says why.
    """
    began = time.monotonic()
    if not any(each.weight for each in workload):
        raise UsageError("Every statement of the workload has weight 0; give one that matters another.")
    trees, unread = _parsed(workload)
    written = _writes(dsn, settings) if seconds is not None else None
    with PlannerTwin.of(dsn, settings, lambda step: told(f"twin: {step}")) as twin:
        built = time.monotonic()
        told("bind the statements")
        with connect(twin.url, settings) as session, connect(dsn, settings) as source:
            uncreated = frozenset({TRIGRAMS} if created_from(source, twin.url, settings, TRIGRAMS) else ())
            searched = _searched(session, trees)
            read = [*trees.values(), *(parse(key.search) for keys in searched.values() for key in keys)]
            catalog = replace(read_catalog(session, plain_names(read)), uncreated=uncreated)
            ready, refused = _bound(session, source, workload, trees, catalog)
            ready = [_with_lookups(each, searched[each.number], catalog) for each in ready]
        today = run_on_sandbox(check, ready) if check is not None else None
        within = written.within(seconds) if written is not None and seconds is not None else None
        bench = Trying(twin, settings, within).bench(ready, told)
        bench = bench.in_time(times(today) if today is not None else None)
        told("choose")
        choice, measured = best_choice(bench, limits), None
        if check is not None and today is not None and choice.chosen:
            choice, measured = checked(check, today, bench, choice, limits)
        found = replace(_advice(workload, {**unread, **refused}, bench, choice, twin), measured=measured)
        checking = measured.seconds if measured is not None else today.seconds if today is not None else 0.0
        return replace(
            found,
            twin_seconds=built - began,
            seconds=time.monotonic() - built - checking,
            warnings=(*found.warnings, *_short(written)),
        )


def _parsed(workload: Sequence[Wanted]) -> tuple[dict[int, exp.Expr], dict[int, str]]:
    trees: dict[int, exp.Expr] = {}
    unread: dict[int, str] = {}
    for number, wanted in enumerate(workload):
        try:
            trees[number] = parse(wanted.text)
        except UnreadableStatement as error:
            unread[number] = f"our parser does not understand its syntax ({str(error).rstrip('.')})"
    return trees, unread


def _searched(session: Connection, trees: Mapping[int, exp.Expr]) -> dict[int, tuple[ForeignKey, ...]]:
    """Of each statement, the foreign keys by which the server searches for rows that refer to those it changes."""
    foreign_keys = read_foreign_keys(session)
    return {number: searched_by(tree, foreign_keys) for number, tree in trees.items()}


def _with_lookups(each: Ready, keys: Sequence[ForeignKey], catalog: Catalog) -> Ready:
    """A statement with what the server looks up for it."""
    searched = [use for key in keys for use in table_uses(parse(key.search), catalog)]
    return replace(
        each,
        variants=[*each.variants, *index_variants(searched, catalog)],
        lookups=[generic(key.lookup) for key in keys],
        searched=searched,
    )


def _bound(
    session: Connection,
    source: Connection,
    workload: Sequence[Wanted],
    trees: Mapping[int, exp.Expr],
    catalog: Catalog,
) -> tuple[list[Ready], dict[int, str]]:
    """The statements with values for their parameters, and why others have none; in an order of their own.

    Values are chosen by the statistics of the twin, to which ``session`` leads, and by documents of the source.
    """
    ready: list[Ready] = []
    refused: dict[int, str] = {}
    for number, tree in trees.items():
        wanted = workload[number]
        try:
            forms = bind(session, wanted.statement(), tree, catalog, documents=source)
        except CannotRun as error:
            refused[number] = str(error)
            continue
        uses = table_uses(tree, catalog)
        ready.append(Ready(number, wanted, forms, tree, uses, index_variants(uses, catalog)))
    return sorted(ready, key=lambda each: (each.wanted.text, each.wanted.weight, each.number)), refused


def _writes(dsn: str, settings: Settings) -> TableWrites:
    with connect(dsn, settings) as connection:
        return read_table_writes(connection)


def _advice(
    workload: Sequence[Wanted], refused: Mapping[int, str], bench: Workbench, choice: Choice, twin: PlannerTwin
) -> Advice:
    statements = [_statement_advice(owner, bench, choice.chosen) for owner in range(len(bench.ready))]
    lost = [
        AdvisedStatement(number + 1, workload[number].text, workload[number].weight, refusal=reason)
        for number, reason in refused.items()
    ]
    superfluous = replaced(bench, choice.chosen)
    indexes = [
        replace(_index_advice(name, bench, statements, choice.chosen), replaces=superfluous.get(name, ()))
        for name in choice.chosen
    ]
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
        warnings=limits_of(twin),
        refused=_refused(bench),
        unit=bench.unit,
    )


def _refused(bench: Workbench) -> tuple[RefusedIndex, ...]:
    """The indexes that would gain enough by themselves, were it not for the writes; one of those that begin alike."""
    everything, ideal = bench.total(Names()), bench.total(Names(bench.tried.definitions))
    found: dict[tuple[int, str], RefusedIndex] = {}
    for name, cost in (bench.writing or {}).items():
        gain = everything - bench.total(Names({name}))
        if LEAST * ideal < gain <= cost.cost:
            definition = bench.tried.definitions[name]
            alike = (definition.table.oid, definition.keys[0].sql)
            if alike not in found or gain > found[alike].gain:
                found[alike] = RefusedIndex(bench.tried.candidates[name].sql, gain, cost.cost, cost.hot_lost)
    return tuple(sorted(found.values(), key=lambda each: (-each.gain, each.ddl))[:_SHOWN])


def _short(written: TableWrites | None) -> tuple[str, ...]:
    """A warning where writes were counted for so short a time that a bulk load weighs too much."""
    if written is None or written.seconds >= _LONG_ENOUGH_S:
        return ()
    hours = written.seconds / 3_600
    told = f"Rows written were counted for {hours:.1f} hours only: a bulk load in that time makes indexes look dearer."
    return (told,)


def _statement_advice(owner: int, bench: Workbench, chosen: Names) -> AdvisedStatement:
    each, refusal = bench.ready[owner], bench.refusal(owner)
    if refusal is not None:
        return AdvisedStatement(each.number + 1, each.wanted.text, each.wanted.weight, refusal=refusal)
    return AdvisedStatement(
        number=each.number + 1,
        text=each.wanted.text,
        weight=each.wanted.weight,
        parameters=each.forms[0].literals,
        cost_before=bench.cost(owner, Names()),
        cost_after=bench.cost(owner, chosen),
        saved=bench.weighted(owner, Names()) - bench.weighted(owner, chosen),
        indexes=tuple(sorted(bench.used(owner, chosen))),
    )


def _reason(each: Ready, definition: IndexDefinition) -> str:
    if could_use(each.uses, definition):
        return f"Statement {each.number + 1} {why(each.uses, definition)}."
    keys = ", ".join(key.sql for key in definition.keys)
    return (
        f"For each row that statement {each.number + 1} deletes or gives another key, its foreign key has"
        f" {definition.table.qualified} searched by {keys}."
    )


def _index_advice(name: str, bench: Workbench, statements: Sequence[AdvisedStatement], chosen: Names) -> AdvisedIndex:
    owners = {each.number + 1: owner for owner, each in enumerate(bench.ready)}
    served = [each for each in statements if name in each.indexes]
    candidate, definition = bench.tried.candidates[name], bench.tried.definitions[name]
    first = max(served, key=lambda each: (each.saved, -each.number), default=None)
    return AdvisedIndex(
        name=name,
        ddl=candidate.sql,
        rollback=candidate.rollback_sql,
        method=definition.method,
        size_bytes=bench.tried.hypotheticals[name].size_bytes,
        reason=(
            _reason(bench.ready[owners[first.number]], definition)
            if first is not None
            else "Real runs use it; what the planner wanted in its place was taken out."
        ),
        statements=tuple(sorted(each.number for each in served)),
        cost_before=math.fsum(bench.weighted(owners[each.number], Names()) for each in served),
        cost_after=math.fsum(bench.weighted(owners[each.number], chosen) for each in served),
        write_cost=bench.write_cost(name) if bench.writing is not None else None,
        hot_lost=bench.writing[name].hot_lost if bench.writing is not None else 0.0,
    )
