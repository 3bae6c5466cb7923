"""The clean-up of indexes: what catalog and counters say, what the planner's twin says to it, what is advised."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from sqlglot import exp

from pgarchitect.candidates import bloated_index, invalid_index
from pgarchitect.candidates.bloated_index import worth_measuring
from pgarchitect.candidates.cleanup_kinds import clean_up
from pgarchitect.candidates.index_cleanup import Found, IndexCleanup, Situation, Spared
from pgarchitect.candidates.index_sql import without_name
from pgarchitect.errors import MissingCapability, UsageError
from pgarchitect.evidence.whatif import WhatIf
from pgarchitect.evidence.without_index import CostWithout, ExistingIndex, WithoutIndexes
from pgarchitect.postgres.connect_by_name import connect_by_name
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.dsn import describe_server
from pgarchitect.postgres.server_identity import spelled_version
from pgarchitect.proving import parsed
from pgarchitect.proving.twin_of import NO_TWIN, Audited, twin_baselines, why_not
from pgarchitect.recommendations.cleanup_advice import (
    Action,
    Asked,
    CleanupAdvice,
    CleanupReport,
    advise_on,
    in_order,
    missed_with_others,
)
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.schema.index_census import OwnedIndex, read_index_census
from pgarchitect.settings import Settings
from pgarchitect.twin.limits import limits
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.twin.scope import spelled
from pgarchitect.workload.counted import read_workload
from pgarchitect.workload.fingerprint import fingerprint
from pgarchitect.workload.index_use import ServerCounts, read_index_use, read_standby
from pgarchitect.workload.pg_stat_statements import Filters
from pgarchitect.workload.statement_file import FileStatement
from pgarchitect.workload.syntax import plain_names, table_name, tables
from pgarchitect.workload.workload import Statement

MOST_STATEMENTS: Final = 500
"""Counted statements that the planner is asked about: those that took the most time."""
_ALL: Final = Filters(min_mean_ms=0.0, min_calls=1, top=MOST_STATEMENTS)
_NOT_THE_TWINS: Final = frozenset({invalid_index.KIND, bloated_index.KIND})
"""Kinds that take away nothing that the planner uses."""

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """What to clean up.

    Attributes:
        dsn: the database; it is only ever read.
        standbys: DSNs of the same database on physical standbys.
        workload: statements with their weights; None: what pg_stat_statements counted.
        least_age: counters that are younger do not say that an index is unused.
    """

    dsn: str
    standbys: tuple[str, ...] = ()
    workload: tuple[FileStatement, ...] | None = None
    least_age: timedelta = field(default=timedelta(days=7))


def find_cleanups(request: CleanupRequest, settings: Settings, told: Told) -> CleanupReport:
    """Look for indexes that are of no use, or take more room than they need; nothing is changed.

    Args:
        request: what to look at.
        settings: time-outs, and where the twin lives meanwhile.
        told: hears of each step.

    Raises:
        PgArchitectError: the database or a standby cannot be read; the sentence says why.
    """
    began = time.monotonic()
    with connect(request.dsn, settings) as target:
        # The counters come first: what we read ourselves may count as a scan.
        told("read the counters")
        standbys = tuple(_standby(dsn, target, settings) for dsn in request.standbys)
        use = read_index_use(target, request.dsn, standbys)
        told("read the catalog")
        situation = Situation(read_index_census(target), use, request.least_age)
        statements, warnings = _workload(target, request)
        advice, spared, planned, more = _judged(_Case(target, request.dsn, situation, statements), settings, told)
        return CleanupReport(
            database=target.info.dbname,
            server=describe_server(request.dsn),
            server_version=spelled_version(target.info.server_version),
            counted_since=use.primary.since,
            age=use.age,
            standbys=tuple(each.server for each in standbys),
            indexes=len(situation.census.indexes),
            size_bytes=sum(each.size_bytes for each in situation.census.indexes.values()),
            advice=in_order(advice),
            spared=spared,
            statements=planned,
            warnings=(*_of_counters(situation), *warnings, *more),
            seconds=time.monotonic() - began,
        )


def _standby(dsn: str, target: Connection, settings: Settings) -> ServerCounts:
    with connect_by_name("The standby (--replica)", dsn, settings) as connection:
        return read_standby(connection, dsn, target)


def _of_counters(situation: Situation) -> list[str]:
    """What limits the counters' word."""
    use = situation.use
    if use.age is None:
        return ["A server does not say since when it counts scans (or track_counts is off): nothing is called unused."]
    found = []
    if use.age < situation.least_age:
        hours, days = use.age / timedelta(hours=1), situation.least_age / timedelta(days=1)
        found.append(
            f"Scans are counted for {hours:,.1f} hours only, since a reset, a crash or a promotion, so nothing is"
            f" called unused before {days:g} days have passed (--min-days)."
        )
    if use.streaming > len(use.standbys):
        found.append(
            f"{use.streaming} standbys stream from this server and {len(use.standbys)} were asked (--replica): what"
            " they scan is not known."
        )
    return found


def _workload(target: Connection, request: CleanupRequest) -> tuple[tuple[Statement, ...], list[str]]:
    if request.workload is not None:
        total = sum(each.weight for each in request.workload) or 1.0
        # Statements that differ in their values only are planned each for itself.
        return tuple(
            Statement.uncounted(each.text, identity=f"{fingerprint(each.text)}.{place}", share=each.weight / total)
            for place, each in enumerate(request.workload, 1)
        ), []
    try:
        return read_workload(target, _ALL).statements, []
    except MissingCapability as error:
        return (), [f"No statements are known: {error}"]


@dataclass(frozen=True, slots=True)
class _Case:
    """What is to be judged, and from where."""

    target: Connection
    dsn: str
    situation: Situation
    statements: tuple[Statement, ...]


_Judged = tuple[list[CleanupAdvice], tuple[Spared, ...], int, list[str]]


def _judged(case: _Case, settings: Settings, told: Told) -> _Judged:
    """Advice, what is spared, the number of statements that were planned, warnings."""
    found = clean_up(case.situation)
    measured = [each for each in worth_measuring(case.situation) if each.oid not in found.gone]
    if not measured and all(each.candidate.kind in _NOT_THE_TWINS for each in found.cleanups):
        return _without_planner(found, [])
    trees = parsed(case.statements)
    catalog = read_catalog(case.target, plain_names(trees.values()))
    wanted = _relations(found, measured, trees, catalog)
    try:
        with PlannerTwin.of(
            case.dsn, settings, lambda step: told(f"twin: {step}"), tables=wanted, spare_unscanned=True
        ) as twin:
            told(f"size of {len(measured)} large indexes, built anew on the twin")
            case = replace(case, situation=replace(case.situation, fresh_bytes=_fresh(twin, measured)))
            return _Bench(case, twin, settings, trees, catalog).judged(told)
    except NO_TWIN as error:
        return _without_planner(
            found, [f"The planner was not asked, since its twin could not be used: {why_not(error)}."]
        )


def _without_planner(found: Found, warnings: list[str]) -> _Judged:
    judged = [advise_on(each, None) for each in found.cleanups]
    return [each for each in judged if isinstance(each, CleanupAdvice)], found.spared, 0, warnings


def _relations(
    found: Found, measured: Sequence[OwnedIndex], trees: Mapping[str, exp.Expr], catalog: Catalog
) -> list[str]:
    """What the twin must have, as SQL spells it."""
    named = {table_name(table) for tree in trees.values() for table in tables(tree)}
    views = {spelled(schema, name).removeprefix('"".') for name, schema in named if catalog.find(name, schema) is None}
    read = {table.qualified for table in catalog.tables}
    return sorted(views | read | {each.table_name for each in (*measured, *(one.index for one in found.cleanups))})


def _fresh(twin: PlannerTwin, measured: Sequence[OwnedIndex]) -> dict[int, int]:
    """Bytes that each index would take when built anew; those that the twin refuses are left out."""
    found: dict[int, int] = {}
    for index in measured:
        with suppress(UsageError):
            found[index.oid] = twin.try_index(without_name(index)).size_bytes
    return found


@dataclass(frozen=True, slots=True)
class _Bench:
    """A twin and the statements that it is asked about."""

    case: _Case
    twin: PlannerTwin
    settings: Settings
    trees: Mapping[str, exp.Expr]
    catalog: Catalog

    def judged(self, told: Told) -> _Judged:
        """Judge each proposal by itself, then those to be dropped together."""
        found = clean_up(self.case.situation)
        told(f"plan the workload: {len(self.trees)} statements")
        planner, planned = self._planner()
        drops = [each for each in found.cleanups if each.candidate.kind not in _NOT_THE_TWINS]
        told(f"plan it without each of {len(drops)} indexes")
        alone = planner.each_alone([self._existing(each) for each in drops])
        judged = [advise_on(each, self._asked(alone.get(each.index.qualified))) for each in found.cleanups]
        advice = [each for each in judged if isinstance(each, CleanupAdvice)]
        going = {each.cleanup.index.oid for each in advice if each.action is Action.DROP}
        missed = planner.missed_together([self._existing(each) for each in drops if each.index.oid in going])
        advice = [
            missed_with_others(each, Asked(missed[each.cleanup.index.qualified], self._texts))
            if each.cleanup.index.qualified in missed
            else each
            for each in advice
        ]
        spared = (*found.spared, *(each for each in judged if isinstance(each, Spared)))
        return advice, spared, planned, self._warnings(planned)

    def _planner(self) -> tuple[WithoutIndexes, int]:
        able = [each for each in self.case.statements if each.fingerprint in self.trees]
        audited = Audited(self.case.target, self.case.dsn, self.settings)
        ready = twin_baselines(
            self.twin, WhatIf(self.twin), audited, able, trees=self.trees, catalog=self.catalog, told=lambda _: None
        ).ready
        return WithoutIndexes(self.twin, ready.values(), {each: self._named(each) for each in ready}), len(ready)

    def _named(self, identity: str) -> frozenset[str] | None:
        """Plain names of the tables that a statement names; None when some are no tables that the catalog holds."""
        names = {table_name(table) for table in tables(self.trees[identity])}
        found = [self.catalog.find(*name) for name in names]
        return frozenset(each.name for each in found if each) if None not in found else None

    def _existing(self, cleanup: IndexCleanup) -> ExistingIndex:
        whole = self.case.situation.census.whole(cleanup.index)
        return ExistingIndex(cleanup.index.qualified, frozenset(each.table_plain for each in whole))

    @property
    def _texts(self) -> dict[str, tuple[str, float]]:
        return {each.fingerprint: (each.text, each.share) for each in self.case.statements}

    def _asked(self, costs: Sequence[CostWithout] | None) -> Asked | None:
        return None if costs is None else Asked(costs, self._texts)

    def _warnings(self, planned: int) -> list[str]:
        found = list(limits(self.twin))
        if planned < len(self.case.statements):
            left = len(self.case.statements) - planned
            found.append(f"{left} of {len(self.case.statements)} statements could not be planned.")
        return found
