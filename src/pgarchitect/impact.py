"""What a migration does to the plans of a workload: planned before and after it on a twin, which is thrown away.

Costs are the planner's, in its own units; nothing is run. A statement with parameters is planned with every set of
values that it is likely called with, and its cost is their weighted mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pgarchitect.errors import EmptyWorkload
from pgarchitect.evidence.asked_form import AskedForm, asked_forms
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.recommendations.impact import Effect, Form, Impact, Outcome, effect_of, in_order
from pgarchitect.settings import Settings
from pgarchitect.twin.limits import limits
from pgarchitect.twin.migrated import Migrated
from pgarchitect.twin.plan import Configuration, Plan, Unplannable
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workload.counted import read_workload
from pgarchitect.workload.pg_stat_statements import Filters
from pgarchitect.workload.statement_file import FileStatement
from pgarchitect.workload.syntax import parameter_numbers
from pgarchitect.workload.workload import LeftOut, Statement

_NO_PLAN = "it has no plan"


@dataclass(frozen=True, slots=True)
class ImpactRequest:
    """What to measure.

    Attributes:
        dsn: production, which is only read.
        migration: name of the script.
        script: its text.
        statements: the workload; None: what pg_stat_statements counted there.
        filters: of the statements that were counted.
    """

    dsn: str
    migration: str
    script: str
    statements: Sequence[FileStatement] | None = None
    filters: Filters = field(default_factory=lambda: Filters(min_mean_ms=0.0, min_calls=1, top=200))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A statement with its plans before: one form a set of values, or the reason why there is none."""

    statement: Statement
    calls: float
    forms: tuple[AskedForm, ...] = ()
    reason: str = ""


def measure_impact(request: ImpactRequest, settings: Settings, progress: Callable[[str], None]) -> Impact:
    """Plan a workload before and after a migration.

    Args:
        request: what to measure.
        settings: time-outs, and where the twin lives meanwhile.
        progress: hears of each step.

    Raises:
        MigrationRefused: the migration fails.
        EmptyWorkload: there is no statement.
        PgArchitectError: production cannot be read, or the twin not be made; the sentence says why.
    """
    with connect(request.dsn, settings) as source:
        workload, left_out = _workload(source, request)
        with PlannerTwin.of(request.dsn, settings, progress) as twin:
            progress(f"plan {len(workload)} statements as they are")
            with connect(twin.url, settings) as session:
                asked = [_asked(session, statement, calls, source) for statement, calls in workload]
            before = _plans(twin, asked)
            progress("run the migration")
            migrated = twin.migrate(request.script)
            progress("plan them again")
            after = _plans(twin, asked)
            with connect(twin.url, settings) as session:
                judge = _Judge(twin, session, source, migrated)
                effects = [judge.effect(*each) for each in zip(asked, before, after, strict=True)]
            return Impact(
                database=source.info.dbname,
                migration=request.migration,
                effects=in_order(effects),
                migrated=migrated,
                counted=request.statements is None,
                left_out=left_out,
                limits=limits(twin),
                same_major=twin.same_major,
            )


def _workload(source: Connection, request: ImpactRequest) -> tuple[list[tuple[Statement, float]], tuple[LeftOut, ...]]:
    if request.statements is not None:
        return [(Statement.uncounted(each.text), each.weight) for each in request.statements], ()
    found = read_workload(source, request.filters)
    if not found.statements:
        raise EmptyWorkload(
            f"None of the {found.seen} statements of an application that pg_stat_statements holds passed the filters;"
            " lower --min-calls and --min-mean-ms, let the application run for a while, or name a file with --workload."
        )
    return [(each, float(each.calls)) for each in found.statements], found.left_out


def _asked(session: Connection, statement: Statement, calls: float, documents: Connection) -> _Asked:
    """The statement with likely values for its parameters, chosen from the twin's statistics."""
    try:
        return _Asked(statement, calls, asked_forms(session, documents, statement))
    except CannotRun as error:
        return _Asked(statement, calls, reason=str(error))


_Planned = tuple[Plan | Unplannable, ...]


def _plans(twin: PlannerTwin, asked: Sequence[_Asked]) -> list[_Planned]:
    (row,) = twin.plan_all([form.asked for each in asked for form in each.forms], [Configuration()])
    plans = iter(row)
    return [tuple(next(plans) for _ in each.forms) for each in asked]


class _Judge:
    """Tells what becomes of a statement."""

    def __init__(self, twin: PlannerTwin, session: Connection, documents: Connection, migrated: Migrated) -> None:
        self._twin = twin
        self._session = session
        self._documents = documents
        self._migrated = migrated

    def effect(self, asked: _Asked, before: _Planned, after: _Planned) -> Effect:
        """Judge one statement by its plans."""
        text, calls = asked.statement.text, asked.calls
        forms = _forms(asked, before, after)
        planned = [form for form in forms if form.before is not None]
        if planned and all(form.after is not None for form in planned):
            return effect_of(text, calls, planned, self._migrated)
        # Values that were chosen for the old types may not be values of the new ones.
        again = _asked(self._session, asked.statement, calls, self._documents)
        (anew,) = _plans(self._twin, [again])
        new = [form for form in _forms(again, anew, anew) if form.after is not None]
        if not planned:
            outcome = Outcome.NEW if new else Outcome.UNPLANNED
            reason = asked.reason or _refusal(before)
            cost = effect_of(text, calls, new, self._migrated).cost_after if new else None
            return Effect(text, calls, outcome, _only(new, after=True), cost_after=cost, reason=reason)
        if not new or not parameter_numbers(text):
            cost = effect_of(text, calls, planned, self._migrated).cost_before
            reason = again.reason or _refusal(anew)
            return Effect(text, calls, Outcome.BROKEN, _only(planned, after=False), cost, reason=reason)
        return effect_of(text, calls, _only(planned, after=False), self._migrated, chosen_anew=_only(new, after=True))


def _forms(asked: _Asked, before: _Planned, after: _Planned) -> list[Form]:
    return [
        Form(form.parameters, form.weight, _plan(old), _plan(new))
        for form, old, new in zip(asked.forms, before, after, strict=True)
    ]


def _only(forms: Sequence[Form], *, after: bool) -> tuple[Form, ...]:
    """The plans of one side alone."""
    return tuple(
        Form(form.parameters, form.weight, None if after else form.before, form.after if after else None)
        for form in forms
    )


def _plan(found: Plan | Unplannable) -> Plan | None:
    return found if isinstance(found, Plan) else None


def _refusal(found: _Planned) -> str:
    return next((each.reason for each in found if isinstance(each, Unplannable)), _NO_PLAN)
