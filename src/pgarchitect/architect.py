"""The audit's seven steps: the composition root, where the rooms meet."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from pgarchitect.errors import EmptyWorkload, HomeUnavailable, Interrupted, StatementRefused
from pgarchitect.evidence.proof import Effort
from pgarchitect.memory.embedding import Vector
from pgarchitect.memory.entries import Record
from pgarchitect.memory.entry import Event, Remembered
from pgarchitect.memory.recall import Recall, remembered
from pgarchitect.memory.sql_shape import SqlShape
from pgarchitect.opening import Opened, opened, require_rights
from pgarchitect.postgres.server_identity import spelled_version
from pgarchitect.proposing import Proposed, Proposing
from pgarchitect.proving import Proposals, Proven, by_screened_execution, by_twin, bystanders
from pgarchitect.recommendations.audit import Audit, Finding, StepTime
from pgarchitect.recommendations.findings import find
from pgarchitect.recommendations.progress_listener import ProgressListener
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.settings import Settings
from pgarchitect.workload.counted import read_counted, since_reset
from pgarchitect.workload.intent import intent
from pgarchitect.workload.pg_stat_statements import Counters, Filters, slow_statements
from pgarchitect.workload.snapshot import Snapshot
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


_WHILE_RECORDING: Final = (
    "Interrupted while the audit was recorded, which is done wholly or not at all; `pgarchitect log` shows which."
)
_ALL_RECORDED: Final = "Interrupted after the audit was recorded; `pgarchitect log` shows what it found."


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit and how.

    Attributes:
        dsn: the audited database; it is only ever read.
        server: how the report names its server.
        home_dsn: the architect's own database.
        sandbox_dsn: where statements may be run and indexes tried; None: costs by a planner twin only. The audited
            database itself is refused unless it is given by the very same DSN, as the embedded server's is.
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
    with opened(
        request.dsn,
        request.sandbox_dsn,
        request.home_dsn,
        settings,
        server=request.server,
        own_sandbox=request.sandbox_dsn == request.dsn,
    ) as places:
        return _Run(request, places, settings, listener).audit()


class _Run:
    """One audit: its connections, and what the steps hand on."""

    def __init__(self, request: AuditRequest, places: Opened, settings: Settings, listener: ProgressListener) -> None:
        self._request = request
        self._log = places.log
        self._target = places.target
        self._sandbox = places.sandbox
        self._identity = places.identity
        self._settings = settings
        self._listener = listener
        self._embedding: SqlShape = SqlShape()
        self._started_at = datetime.now(UTC)
        self._run_id = str(uuid.uuid4())
        self._steps: list[StepTime] = []
        self._warnings: list[str] = []
        self._snapshot: Snapshot | None = None
        self._if_interrupted: str | None = None

    def audit(self) -> Audit:
        """Take the steps in their order.

        Raises:
            Interrupted: by Ctrl-C when something may have been recorded already; it says what.
        """
        try:
            return self._audit()
        except KeyboardInterrupt as error:
            if self._if_interrupted is None:
                raise
            raise Interrupted(self._if_interrupted) from error

    def _audit(self) -> Audit:
        workload = self._collect()
        vectors, recall = self._recall(workload)
        intents = self._understand(workload)
        proposed = self._propose(workload, recall)
        proven = self._prove(workload, proposed)
        self._warnings.extend(proven.warnings)
        recorded = self._record(workload, proven, vectors, intents, proposed.events)
        findings, recommendations = self._decide(workload, proven, proposed, intents=intents, recall=recall)
        return Audit(
            run_id=self._run_id,
            started_at=self._started_at,
            database=self._target.info.dbname,
            server=self._request.server,
            server_version=spelled_version(self._target.info.server_version),
            proven_on=self._request.sandbox if self._sandbox else None,
            workload=workload,
            findings=findings,
            recommendations=recommendations,
            steps=tuple(self._steps),
            warnings=tuple(self._warnings),
            recorded=recorded,
            twin=proven.twin,
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
            counters = read_counted(self._target)
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
            recent = slow_statements(counters.texts, counters.after(earlier, now), filters, counters.hidden)
            if recent.statements:
                return replace(recent, since=earlier.taken_at)
        workload = since_reset(counters, filters)
        if not workload.statements:
            raise EmptyWorkload(_why_empty(workload, filters))
        if earlier is not None:
            self._warnings.append(
                f"Too little ran since the last audit of {earlier.taken_at:%Y-%m-%d %H:%M} UTC,"
                " so the figures count from the last reset of the statistics."
            )
        return workload

    def _recall(self, workload: Workload) -> tuple[dict[str, Vector], Recall]:
        with self._step(RECALL) as count:
            statements = workload.statements
            vectors = {each.fingerprint: self._embedding.embed(each.text) for each in statements}
            families: dict[str, tuple[Remembered, ...]] = {}
            if not self._request.reconsider:
                found = self._log.similar(list(vectors.values()), target=self._identity)
                same = self._log.of_fingerprints(self._identity, list(vectors))
                for fingerprint, entries in zip(vectors, found, strict=True):
                    # Many statements may be as near as can be: what is known of the very same one comes first.
                    own = same.get(fingerprint, ())
                    if own or entries:
                        others = (entry for entry in entries if entry.fingerprint != fingerprint)
                        families[fingerprint] = (*own, *others)
            count.append(f"{len(families)} of {len(statements)} statements known")
            return vectors, Recall(families, {}, proving=self._sandbox is not None)

    def _understand(self, workload: Workload) -> dict[str, str]:
        with self._step(UNDERSTAND) as count:
            intents = {each.fingerprint: intent(each.text) for each in workload.statements}
            count.append(f"{len(intents)} statements")
            return intents

    def _propose(self, workload: Workload, recall: Recall) -> Proposed:
        with self._step(PROPOSE) as count:
            proposing = Proposing(self._target, self._log, self._identity, self._started_at)
            proposed = proposing.propose(workload.statements, recall, reconsider=self._request.reconsider)
            count.append(f"{len(proposed.fresh)} new, {len(proposed.known)} known")
            return proposed

    def _prove(self, workload: Workload, proposed: Proposed) -> Proven:
        fresh, known = proposed.fresh, proposed.known
        pending = [item.candidate for item in known if item.known_from and item.known_from.applied_at is None]
        concerned = {each for candidate in fresh for each in candidate.fingerprints}
        statements = [each for each in workload.statements if each.fingerprint in concerned]
        others = bystanders(workload.statements, fresh, proposed.catalog)
        with self._step(PROVE, total=len(statements) + len(others) + len(fresh) if fresh else None) as count:
            if not fresh:
                count.append("nothing new to prove")
                return Proven()
            case = Proposals(self._identity, statements, fresh, pending, proposed.catalog, others)
            if self._sandbox is None:
                proven = by_twin(self._target, self._request.dsn, case, self._settings, self._listener)
            else:
                require_rights(self._sandbox, sorted({candidate.table for candidate in fresh}))
                proven = by_screened_execution(
                    self._target,
                    self._sandbox,
                    case,
                    dsn=self._request.dsn,
                    effort=self._request.effort,
                    settings=self._settings,
                    listener=self._listener,
                )
            accepted = sum(item.verdict is not Verdict.REJECTED for item in proven.recommendations)
            word = "unproven" if self._sandbox is None else "proven"
            count.append(f"{accepted} {word}, {len(proven.recommendations) - accepted} rejected")
            if proven.twin is not None and proven.twin.screened:
                count.append(f"{proven.twin.screened} of these by the planner twin")
            return proven

    def _record(
        self,
        workload: Workload,
        proven: Proven,
        vectors: Mapping[str, Vector],
        intents: Mapping[str, str],
        events: Sequence[Event],
    ) -> bool:
        statements = {each.fingerprint: each for each in workload.statements}
        name, runs = self._embedding.name, self._sandbox is not None
        record = Record(self._run_id, self._identity, statements, intents, vectors, name, runs=runs)
        entries = record.entries(proven.recommendations)
        with self._step(RECORD) as count:
            try:
                self._if_interrupted = _WHILE_RECORDING
                with self._log.all_or_nothing():
                    self._log.record(entries)
                    self._log.add_events(events)
                    if self._snapshot is not None:
                        self._log.store_snapshot(self._snapshot)
                self._if_interrupted = _ALL_RECORDED
            except (HomeUnavailable, StatementRefused) as error:
                self._if_interrupted = None
                self._warnings.append(f"Nothing was recorded: {error}")
                count.append("not recorded")
                return False
            count.append(f"{len(entries)} entries")
            return True

    def _decide(
        self,
        workload: Workload,
        proven: Proven,
        proposed: Proposed,
        *,
        intents: Mapping[str, str],
        recall: Recall,
    ) -> tuple[tuple[Finding, ...], tuple[Recommendation, ...]]:
        with self._step(DECIDE) as count:
            accepted = [item for item in proven.recommendations if item.verdict is not Verdict.REJECTED]
            rejected = [item for item in proven.recommendations if item.verdict is Verdict.REJECTED]
            ordered = (*accepted, *proposed.known, *rejected)
            notes = {key: remembered(family) for key, family in recall.families.items()}
            findings = tuple(
                find(
                    statement,
                    intents[statement.fingerprint],
                    ordered,
                    refused=proven.refused,
                    remembered=notes,
                    unserved=proposed.unserved,
                    together=proven.together,
                )
                for statement in workload.statements
            )
            verdicts = [item.verdict for item in accepted]
            count.extend(f"{verdicts.count(each)} {each}" for each in dict.fromkeys(verdicts))
            count.append(f"{len(proposed.known)} known already")
            return findings, ordered


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
