"""The audit's seven steps: the composition root, where the rooms meet."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import psycopg

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.kinds import propose
from pgarchitect.candidates.missing_index import present_keys, why_none
from pgarchitect.errors import EmptyWorkload, HomeUnavailable, Interrupted
from pgarchitect.evidence.proof import Effort
from pgarchitect.memory.embedding import Vector
from pgarchitect.memory.entries import Record
from pgarchitect.memory.entry import Event, EventKind, Remembered
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.memory.recall import Recall, known_recommendation, remembered, without_known
from pgarchitect.memory.sql_shape import SqlShape
from pgarchitect.postgres.capability import pg_stat_statements_schema, require_audit
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.proving import Proposals, Proven, by_execution, by_planner, parsed
from pgarchitect.recommendations.audit import Audit, Finding, StepTime
from pgarchitect.recommendations.findings import find
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.settings import Settings
from pgarchitect.workload.intent import intent
from pgarchitect.workload.pg_stat_statements import Counters, Filters, read_counters, slow_statements
from pgarchitect.workload.snapshot import Snapshot
from pgarchitect.workload.syntax import tables
from pgarchitect.workload.workload import Workload

COLLECT, RECALL, UNDERSTAND, PROPOSE, PROVE, RECORD, DECIDE = range(1, 8)
NAMES: Mapping[int, str] = {
    COLLECT: "Collect slow statements",
    RECALL: "Ask the memory",
    UNDERSTAND: "Understand the intent",
    PROPOSE: "Propose candidates",
    PROVE: "Prove by measurement",
    RECORD: "Record in OptimizationLog",
    DECIDE: "Decide",
}


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit and how.

    Attributes:
        dsn: the audited database; it is only ever read.
        server: how the report names its server.
        home_dsn: the architect's own database.
        sandbox_dsn: where statements may be run and indexes tried; None: planner's cost only.
        sandbox: how the report names it.
        filters: which statements count as slow.
        effort: how much a proof may cost.
        reconsider: propose again what the memory knows.
    """

    dsn: str
    server: str
    home_dsn: str
    sandbox_dsn: str | None = None
    sandbox: str | None = None
    filters: Filters = field(default_factory=Filters)
    effort: Effort = field(default_factory=Effort)
    reconsider: bool = False


def run_audit(request: AuditRequest, settings: Settings, listener: ProgressListener) -> Audit:
    """Run the seven steps.

    Raises:
        PgArchitectError: the audit could not be run; nothing was recorded then.
    """
    with ExitStack() as stack:
        home = stack.enter_context(connect(request.home_dsn, settings, read_only=False))
        log = OptimizationLog(home)
        log.prepare()
        target = stack.enter_context(connect(request.dsn, settings))
        sandbox = None
        if request.sandbox_dsn is not None:
            sandbox = stack.enter_context(connect(request.sandbox_dsn, settings, read_only=False))
        return _Run(request, log, target, sandbox, listener).audit()


class _Run:
    """One audit: its connections, and what the steps hand on."""

    def __init__(
        self,
        request: AuditRequest,
        log: OptimizationLog,
        target: Connection,
        sandbox: Connection | None,
        listener: ProgressListener,
    ) -> None:
        self._request = request
        self._log = log
        self._target = target
        self._sandbox = sandbox
        self._listener = listener
        self._embedding: SqlShape = SqlShape()
        self._identity = _identity(target, request)
        self._started_at = datetime.now(UTC)
        self._run_id = str(uuid.uuid4())
        self._steps: list[StepTime] = []
        self._warnings: list[str] = []
        self._snapshot: Snapshot | None = None

    def audit(self) -> Audit:
        workload = self._collect()
        vectors, recall = self._recall(workload)
        intents = self._understand(workload)
        catalog, fresh, known, unserved = self._propose(workload, recall)
        proven = self._prove(workload, fresh, known, catalog)
        self._warnings.extend(proven.warnings)
        recorded = self._record(workload, proven, vectors, intents, recall.newly_applied(present_keys(catalog)))
        with _recorded_already():
            findings, recommendations = self._decide(
                workload, proven, known=known, intents=intents, recall=recall, unserved=unserved
            )
        return Audit(
            run_id=self._run_id,
            started_at=self._started_at,
            database=self._target.info.dbname,
            server=self._request.server,
            server_version=_version(self._target),
            proven_on=self._request.sandbox if self._sandbox else None,
            workload=workload,
            findings=findings,
            recommendations=recommendations,
            steps=tuple(self._steps),
            warnings=tuple(self._warnings),
            recorded=recorded,
        )

    @contextmanager
    def _step(self, number: int, total: int | None = None) -> Iterator[list[str]]:
        """Time a step and tell of it; the block puts the step's count into the list that it gets."""
        started = time.monotonic()
        self._listener.step(number, NAMES[number], total)
        count: list[str] = []
        yield count
        said = ", ".join(count)
        self._steps.append(StepTime(NAMES[number], time.monotonic() - started, said))
        self._listener.done(said)

    def _collect(self) -> Workload:
        with self._step(COLLECT) as count:
            require_audit(self._target)
            counters = read_counters(self._target, pg_stat_statements_schema(self._target))
            now = Snapshot(self._identity, datetime.now(UTC), counters.since, counters.figures)
            workload = self._since_last_audit(counters, now)
            self._snapshot = now
            count.append(f"{len(workload.statements)} slow of {workload.seen} statements")
            return workload

    def _since_last_audit(self, counters: Counters, now: Snapshot) -> Workload:
        """Only what ran since the last audit, or all that was counted when too little ran since."""
        filters = self._request.filters
        earlier = self._log.latest_snapshot(self._identity)
        if earlier is not None:
            recent = slow_statements(counters.texts, counters.after(earlier, now), filters)
            if recent.statements:
                return replace(recent, since=earlier.taken_at)
        workload = slow_statements(counters.texts, counters.figures, filters)
        if not workload.statements:
            raise EmptyWorkload(_why_empty(workload, filters))
        if earlier is not None:
            self._warnings.append(
                f"Too little ran since the last audit of {earlier.taken_at:%Y-%m-%d %H:%M} UTC,"
                " so the figures count from the last reset of the statistics."
            )
        return replace(workload, since=counters.since)

    def _recall(self, workload: Workload) -> tuple[dict[str, Vector], Recall]:
        with self._step(RECALL) as count:
            statements = workload.statements
            vectors = {each.fingerprint: self._embedding.embed(each.text) for each in statements}
            families: dict[str, tuple[Remembered, ...]] = {}
            if not self._request.reconsider:
                found = self._log.similar(list(vectors.values()), target=self._identity)
                families = {key: entries for key, entries in zip(vectors, found, strict=True) if entries}
            count.append(f"{len(families)} of {len(statements)} statements known")
            return vectors, Recall(families, {}, proving=self._sandbox is not None)

    def _understand(self, workload: Workload) -> dict[str, str]:
        with self._step(UNDERSTAND) as count:
            intents = {each.fingerprint: intent(each.text) for each in workload.statements}
            count.append(f"{len(intents)} statements")
            return intents

    def _propose(
        self, workload: Workload, recall: Recall
    ) -> tuple[Catalog, list[Candidate], tuple[Recommendation, ...], dict[str, str]]:
        with self._step(PROPOSE) as count:
            trees = parsed(workload.statements)
            catalog = read_catalog(self._target, {table.name for tree in trees.values() for table in tables(tree)})
            candidates = propose(trees, catalog)
            if not self._request.reconsider:
                keys = [candidate.key for candidate in candidates]
                recall = replace(recall, changes=self._log.of_candidates(self._identity, keys))
            fresh, known = without_known(candidates, recall)
            statements = {each.fingerprint: each for each in workload.statements}
            repeated = tuple(
                known_recommendation(
                    candidate,
                    statements.get(known[candidate.key].fingerprint) or statements[candidate.fingerprints[0]],
                    known[candidate.key],
                )
                for candidate in candidates
                if candidate.key in known and known[candidate.key].verdict is not Verdict.REJECTED
            )
            count.append(f"{len(fresh)} new, {len(known)} known")
            unserved = {
                each: why_none(trees[each], catalog) if each in trees else "The parser does not understand its syntax."
                for each in statements
            }
            return catalog, fresh, repeated, unserved

    def _prove(
        self, workload: Workload, fresh: Sequence[Candidate], known: Sequence[Recommendation], catalog: Catalog
    ) -> Proven:
        pending = [item.candidate for item in known if item.known_from and item.known_from.applied_at is None]
        concerned = {each for candidate in fresh for each in candidate.fingerprints}
        statements = [each for each in workload.statements if each.fingerprint in concerned]
        with self._step(PROVE, total=len(statements) + len(fresh) if fresh else None) as count:
            if not fresh:
                count.append("nothing new to prove")
                return Proven()
            case = Proposals(self._identity, statements, fresh, pending, catalog)
            if self._sandbox is None:
                proven = by_planner(self._target, case, self._listener)
            else:
                proven = by_execution(self._sandbox, case, self._request.effort, self._listener)
            accepted = sum(item.verdict is not Verdict.REJECTED for item in proven.recommendations)
            word = "unproven" if self._sandbox is None else "proven"
            count.append(f"{accepted} {word}, {len(proven.recommendations) - accepted} rejected")
            return proven

    def _record(
        self,
        workload: Workload,
        proven: Proven,
        vectors: Mapping[str, Vector],
        intents: Mapping[str, str],
        applied: Sequence[Remembered],
    ) -> bool:
        statements = {each.fingerprint: each for each in workload.statements}
        record = Record(self._run_id, self._identity, statements, intents, vectors, self._embedding.name)
        entries = record.entries(proven.recommendations)
        with self._step(RECORD) as count:
            try:
                self._log.record(entries)
                self._log.add_events([Event(entry.id, EventKind.APPLIED, "seen by an audit") for entry in applied])
                if self._snapshot is not None:
                    self._log.store_snapshot(self._snapshot)
            except HomeUnavailable as error:
                self._warnings.append(f"Nothing was recorded: {error}")
                count.append("not recorded")
                return False
            count.append(f"{len(entries)} entries")
            return True

    def _decide(
        self,
        workload: Workload,
        proven: Proven,
        *,
        known: Sequence[Recommendation],
        intents: Mapping[str, str],
        recall: Recall,
        unserved: Mapping[str, str],
    ) -> tuple[tuple[Finding, ...], tuple[Recommendation, ...]]:
        with self._step(DECIDE) as count:
            accepted = [item for item in proven.recommendations if item.verdict is not Verdict.REJECTED]
            rejected = [item for item in proven.recommendations if item.verdict is Verdict.REJECTED]
            ordered = (*accepted, *known, *rejected)
            notes = {key: remembered(family) for key, family in recall.families.items()}
            findings = tuple(
                find(
                    statement,
                    intents[statement.fingerprint],
                    ordered,
                    refused=proven.refused,
                    remembered=notes,
                    unserved=unserved,
                    together=proven.together,
                )
                for statement in workload.statements
            )
            verdicts = [item.verdict for item in accepted]
            count.extend(f"{verdicts.count(each)} {each}" for each in dict.fromkeys(verdicts))
            count.append(f"{len(known)} known already")
            return findings, ordered


@contextmanager
def _recorded_already() -> Iterator[None]:
    """From here on an interruption loses the report but not the findings, and says so."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted("Interrupted after the audit was recorded; `pgarchitect log` shows what it found.") from error


def _why_empty(workload: Workload, filters: Filters) -> str:
    if not workload.seen:
        return (
            "pg_stat_statements holds no statement of an application in this database yet;"
            " let the application run for a while, then audit again."
        )
    return (
        f"None of {workload.seen} statements ran {filters.min_calls} times or more with a mean of"
        f" {filters.min_mean_ms:g} ms or more; let the application run for a while,"
        " or lower --min-calls and --min-mean-ms."
    )


def _identity(target: Connection, request: AuditRequest) -> str:
    """Server and database, the same however they are addressed: the cluster's own identifier where it may be read."""
    try:
        row = target.execute("SELECT system_identifier FROM pg_catalog.pg_control_system()").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        row = None
    return f"{row[0] if row else request.server}/{target.info.dbname}"


def _version(connection: Connection) -> str:
    number = connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"
