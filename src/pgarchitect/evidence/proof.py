"""Proof by execution: a change is made in a transaction on a sandbox, statements are run, everything is rolled back."""

import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psycopg

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.evidence.binding import Bound
from pgarchitect.evidence.evidence import Evidence, Measurement, Method, ParameterSet, is_worse
from pgarchitect.evidence.explain import CannotRun, first_line, planned
from pgarchitect.evidence.run import Limits, measured
from pgarchitect.evidence.standing import ChangeRefused, Created, Standing
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.processor_time import ProcessorClock

_PARAMETER_SETS: Final = 2
"""Parameter sets that a statement is run with: what helps a common value may harm a rare one."""
_OTHERS: Final = 2
"""Parameter sets besides the first that are tried for it, since one may be refused or take too long."""
_SECOND_SET: Final = 3
"""A second parameter set that takes more than so many times the first one's time is not used: it costs too much."""
_SLOWER: Final = 1.25
"""A run after the change is ended at so many times the time before."""
_AT_LEAST_MS: Final = 100
"""No run is ended earlier, since short ones vary."""
_HOPELESS: Final = 0.95
"""A run that takes more than this part of the time before is not repeated: no gain worth having can follow."""

_EXTENSION: Final = re.compile(r"^CREATE EXTENSION [^;]+")
"""What stands before the index in its SQL where it needs an extension that the database lacks."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a proof may cost.

    Attributes:
        runs: timed runs of a statement in each state.
        budget_s: seconds for the runs of one statement in one state.
        limit_ms: statement_timeout of a run, milliseconds.
        build_limit_ms: statement_timeout of a change, such as the building of an index, milliseconds.
    """

    runs: int = 5
    budget_s: float = 2.0
    limit_ms: int = 10_000
    build_limit_ms: int = 600_000


@dataclass(frozen=True, slots=True)
class Baseline:
    """A statement as it is today: forms of it and what each took, the likeliest first.

    Of what runs those are two: the likeliest, and another to see whether a gain holds. Of what is only planned, all.
    """

    fingerprint: str
    bound: tuple[Bound, ...]
    measurements: tuple[Measurement, ...]


class Prover:
    """Tries candidates on a sandbox; ``connection`` must be allowed to write there.

    Changes that were recommended earlier and wait to be applied (``pending``) are in place before and after, so that
    nothing is recommended that they make superfluous. With a clock, times are without what was waited for a processor.
    """

    runs: Final = True

    def __init__(
        self,
        connection: Connection,
        effort: Effort,
        pending: Sequence[Candidate] = (),
        clock: ProcessorClock | None = None,
    ) -> None:
        self._connection = connection
        self._effort = effort
        self._pending = tuple(pending)
        self._clock = clock

    @contextmanager
    def today(self) -> Iterator[None]:
        """The sandbox without new changes, for baselines; all is rolled back when the block ends."""
        with self._changed([]):
            yield

    @contextmanager
    def standing(self, candidates: Sequence[Candidate]) -> Iterator[Standing]:
        """The sandbox with the candidates in place, to be looked at in parts; all is rolled back in the end."""
        with self._changed([]):
            yield Standing(self._connection, self._create, candidates)

    def prepare(self, tables: Sequence[str]) -> list[str]:
        """Make the sandbox fit for measuring: statistics fresh, dead rows gone, our runs not counted as application's.

        Returns:
            What could not be done, one sentence each.
        """
        with suppress(psycopg.errors.InsufficientPrivilege):  # only a superuser may stop it from counting
            self._set("pg_stat_statements.track", "none")
        self._set("statement_timeout", str(self._effort.build_limit_ms))
        troubles = [trouble for table in tables if (trouble := self._vacuum(table))]
        self._set("statement_timeout", str(self._effort.limit_ms))
        return troubles

    def baseline(self, fingerprint: str, bound: Sequence[Bound]) -> Baseline:
        """Measure a statement as it is.

        Raises:
            CannotRun: none of its forms runs.
        """
        usable: list[Bound] = []
        measurements: list[Measurement] = []
        refusal: CannotRun | None = None
        for form in _to_run(bound):
            try:
                measurement = self._measure_today(form, measurements)
            except CannotRun as error:
                refusal = refusal or error
                continue
            if not (measurements and measurement.timed_out):
                measurements.append(measurement)
                usable.append(form)
            if len(usable) == _PARAMETER_SETS:
                break
        if not usable:
            raise refusal or CannotRun("it has no runnable form")
        return Baseline(fingerprint, tuple(usable), tuple(measurements))

    def try_alone(self, candidate: Candidate, baselines: Sequence[Baseline]) -> dict[str, Evidence]:
        """Evidence of one candidate for each statement that runs with it.

        Raises:
            ChangeRefused: the server refuses the change.
        """
        found: dict[str, Evidence] = {}
        with self._changed([candidate]) as created:
            for each in baselines:
                with suppress(CannotRun):  # such as a lock that somebody else holds meanwhile
                    found[each.fingerprint] = self._evidence(each, created[candidate.key])[0]
        return found

    def try_together(
        self, candidates: Sequence[Candidate], baselines: Sequence[Baseline]
    ) -> tuple[dict[str, Evidence], dict[str, frozenset[str]]]:
        """Evidence with all candidates present: per statement, and the keys of the candidates that its plan uses.

        Raises:
            ChangeRefused: the server refuses a change.
        """
        evidence: dict[str, Evidence] = {}
        used: dict[str, frozenset[str]] = {}
        with self._changed(candidates) as created:
            everything = Created(
                frozenset[str]().union(*(made.names for made in created.values())), 0, 0.0, usable=True
            )
            for each in baselines:
                with suppress(CannotRun):
                    evidence[each.fingerprint], indexes = self._evidence(each, everything, always_run=True)
                    used[each.fingerprint] = frozenset(key for key, made in created.items() if made.names & indexes)
        return evidence, used

    def _evidence(
        self, baseline: Baseline, created: Created, *, always_run: bool = False
    ) -> tuple[Evidence, frozenset[str]]:
        """Evidence of what was created for a statement, and the indexes that its plans then use."""
        afters: list[Measurement] = []
        for form, before in zip(baseline.bound, baseline.measurements, strict=True):
            plan = planned(self._connection, form.sql)
            run = always_run or bool(_indexes(plan) & created.names)
            afters.append(self._measure_changed(form, before, patient=always_run) if run else plan)
        pairs = list(zip(baseline.measurements, afters, strict=True))
        indexes = frozenset[str]().union(*map(_indexes, afters))
        shown = next((i for i, after in enumerate(afters) if _indexes(after) & created.names), 0)
        evidence = Evidence(
            fingerprint=baseline.fingerprint,
            method=Method.EXECUTION,
            parameters=baseline.bound[shown].literals,
            before=baseline.measurements[shown],
            after=afters[shown],
            object_used=bool(indexes & created.names),
            held_for=sum(_faster(before, after) for before, after in pairs),
            tried_for=len(pairs),
            size_bytes=created.size_bytes,
            build_ms=created.build_ms,
            note="" if created.usable else "the new index could not be used before older transactions ended",
            sets_ms=tuple(_medians(before, after) for before, after in pairs),
            sets=tuple(_set(form, *pair) for form, pair in zip(baseline.bound, pairs, strict=True)),
        )
        return evidence, indexes

    def _measure_today(self, form: Bound, earlier: Sequence[Measurement]) -> Measurement:
        effort = self._effort
        if not earlier:
            return measured(
                self._connection, form.sql, Limits(effort.runs, effort.budget_s, effort.limit_ms), self._clock
            )
        first = earlier[0].median_ms or 0.0
        limit = min(effort.limit_ms, max(round(_SECOND_SET * first), _AT_LEAST_MS))
        return measured(self._connection, form.sql, Limits(self._runs(first), effort.budget_s, limit), self._clock)

    def _measure_changed(self, form: Bound, before: Measurement, *, patient: bool) -> Measurement:
        """Measure with a change in place; unless ``patient``, a run that is no faster than before is the last one."""
        was = before.median_ms or 0.0
        limit = min(self._effort.limit_ms, max(round(_SLOWER * was), _AT_LEAST_MS))
        hopeless = math.inf if patient else _HOPELESS * was
        return measured(
            self._connection, form.sql, Limits(self._effort.runs, self._effort.budget_s, limit, hopeless), self._clock
        )

    def _runs(self, first_ms: float) -> int:
        return self._effort.runs if first_ms < _AT_LEAST_MS else 1

    @contextmanager
    def _changed(self, candidates: Sequence[Candidate]) -> Iterator[Mapping[str, Created]]:
        """The sandbox with the candidates in place, until the block ends."""
        with self._connection.transaction(force_rollback=True):
            for candidate in self._pending:
                with suppress(ChangeRefused):
                    self._create(candidate)
            yield {candidate.key: self._create(candidate) for candidate in candidates}

    def _create(self, candidate: Candidate) -> Created:
        started = time.monotonic()
        try:
            with self._connection.transaction():
                self._connection.execute(f"SET LOCAL statement_timeout = {self._effort.build_limit_ms}".encode())
                for statement in (*_EXTENSION.findall(candidate.sql), candidate.trial_sql):
                    self._connection.execute(statement.encode())
                build_ms = (time.monotonic() - started) * 1000
                if "(" in candidate.trial_sql.partition("(")[2]:  # an expression has no statistics of its own yet
                    self._connection.execute(f"ANALYZE {candidate.table}".encode())
                self._set("statement_timeout", str(self._effort.limit_ms))
                rows = self._connection.execute(
                    named("pgarchitect.evidence", "proof.sql", "created_index"), {"index": candidate.qualified_name}
                ).fetchall()
        except psycopg.Error as error:
            if self._connection.closed:
                raise
            raise ChangeRefused(candidate, first_line(error)) from error
        usable = not any(row[2] for row in rows)
        return Created(frozenset(row[0] for row in rows), sum(row[1] for row in rows), build_ms, usable)

    def _vacuum(self, table: str) -> str | None:
        # Dead rows behind HOT chains would make a new index unusable in the transaction that creates it.
        try:
            self._connection.execute(f"VACUUM (ANALYZE) {table}".encode())
        except psycopg.Error as error:
            if self._connection.closed:
                raise
            return f"The sandbox's {table} could not be vacuumed ({first_line(error)}); its figures may be off."
        return None

    def _set(self, name: str, value: str) -> None:
        self._connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def _indexes(measurement: Measurement) -> frozenset[str]:
    return frozenset(node.index_name for node in measurement.plan.walk() if node.index_name)


def _faster(before: Measurement, after: Measurement) -> bool:
    was, now = _medians(before, after)
    return now < was


def _medians(before: Measurement, after: Measurement) -> tuple[float, float]:
    """Times before and after; a statement whose plan does not use the change was not run again: its time stays."""
    was = before.median_ms or 0.0
    return was, was if after.median_ms is None else after.median_ms


def _set(form: Bound, before: Measurement, after: Measurement) -> ParameterSet:
    return ParameterSet(
        form.scenario, form.literals, form.weight, *_medians(before, after), worse=is_worse(before, after)
    )


def _to_run(bound: Sequence[Bound]) -> list[Bound]:
    """The likeliest form, then those whose plans differ most from its plan, as far as they are likely at all.

    Raises:
        CannotRun: the statement is known without values only.
    """
    first, *others = bound
    if first.refusal:
        raise CannotRun(first.refusal)
    telling = sorted(others, key=lambda each: -each.weight * _difference(first, each))
    return [first, *telling[:_OTHERS]]


def _difference(first: Bound, other: Bound) -> float:
    """How differently the planner goes about two forms: another plan counts as much as a cost e times as high."""
    costs = max(other.planned.cost, 1.0) / max(first.planned.cost, 1.0)
    return abs(math.log(costs)) + (first.planned.plan.shape != other.planned.plan.shape)
