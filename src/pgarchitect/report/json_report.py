"""The audit for programs: a versioned JSON document; docs/report-json.md explains it, report.schema.json checks it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any

from pgarchitect import __version__
from pgarchitect.evidence.evidence import Evidence, Measurement
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.recommendations.audit import Audit, Finding
from pgarchitect.recommendations.recommendation import KnownFrom, Recommendation
from pgarchitect.report.change_title import change_title
from pgarchitect.report.figures import Figures, StatementTime, figures, is_proven, recommendation_share
from pgarchitect.report.schema_words import schema_json

SCHEMA_VERSION = "1"
"""Raised when a reader of the old form could break: a field removed, renamed or given another meaning."""

Json = dict[str, Any]


def to_json(audit: Audit) -> str:
    """The report as JSON text, UTF-8 characters as they are, two blanks a level, a line end at the end."""
    return json.dumps(_document(audit), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def schema() -> Json:
    """The JSON Schema (draft 2020-12) that every report satisfies."""
    text = resources.files("pgarchitect.report").joinpath("report.schema.json").read_text(encoding="utf-8")
    document: Json = json.loads(text)
    return document


def _document(audit: Audit) -> Json:
    numbers = figures(audit)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pgarchitect", "version": __version__},
        "run": {
            "id": audit.run_id,
            "started_at": audit.started_at.isoformat(),
            "seconds": audit.seconds,
            "recorded": audit.recorded,
            "proven_on": audit.proven_on,
        },
        "database": audit.database,
        "server": {"host": audit.server, "version": audit.server_version},
        "summary": _summary(audit, numbers),
        "statements": [_statement(item) for item in numbers.statements],
        "recommendations": [_recommendation(item, audit) for item in audit.recommendations],
        "steps": [{"name": step.name, "seconds": step.seconds, "count": step.count} for step in audit.steps],
        "warnings": list(audit.warnings),
        "twin": _twin(audit.twin) if audit.twin else None,
    }


def _twin(twin: TwinUse) -> Json:
    return {
        "version": twin.version,
        "same_major": twin.same_major,
        "statements": twin.statements,
        "bytes_read": twin.bytes_read,
        "seconds": twin.seconds,
        "tried": twin.tried,
        "screened": twin.screened,
        "left_out": [{"name": each.name, "reason": each.reason} for each in twin.left_out],
        "missing": list(twin.missing),
    }


def _summary(audit: Audit, numbers: Figures) -> Json:
    return {
        "statements_seen": numbers.seen,
        "statements_slow": numbers.slow,
        "left_out": [{"reason": item.reason, "count": item.count} for item in audit.workload.left_out],
        "since": _moment(audit.workload.since),
        "covered_seconds": numbers.covered.total_seconds() if numbers.covered else None,
        "total_ms": numbers.total_ms,
        "saved_ms": numbers.saved_ms,
        "saved_share": numbers.saved_share,
        "proposed": numbers.proposed,
        "proven": numbers.proven,
        "known": numbers.known,
        "waiting": numbers.waiting,
        "in_force": numbers.in_force,
        "rejected": numbers.rejected,
    }


def _statement(item: StatementTime) -> Json:
    finding: Finding = item.finding
    statement = finding.statement
    return {
        "fingerprint": statement.fingerprint,
        "query_ids": [str(identity) for identity in statement.query_ids],
        "text": statement.text,
        "intent": finding.intent,
        "calls": statement.calls,
        "total_ms": statement.total_ms,
        "mean_ms": statement.mean_ms,
        "rows": statement.rows,
        "share": statement.share,
        "share_after": item.after,
        "saved_ms": item.saved_ms,
        "outcome": finding.outcome.value,
        "note": finding.note,
        "recommendation_ids": list(finding.recommendation_ids),
        "together": _evidence(finding.together) if finding.together else None,
    }


def _recommendation(item: Recommendation, audit: Audit) -> Json:
    change = item.candidate
    return {
        "id": item.id,
        "kind": change.kind,
        "title": change_title(change),
        "table": change.table,
        "object_name": change.object_name,
        "statement": item.statement.text,
        "fingerprint": item.statement.fingerprint,
        "fingerprints": list(change.fingerprints),
        "sql": change.sql,
        "rollback_sql": change.rollback_sql,
        "reason": change.reason,
        "confidence": item.confidence,
        "gain_percent": item.gain_percent,
        "saved_ms": item.saved_ms,
        "saved_share": recommendation_share(item, audit),
        "verdict": item.verdict.value,
        "next_step": item.next_step,
        "proposed": item.proposed,
        "proven": is_proven(item),
        "evidence": [_evidence(evidence) for evidence in item.evidence],
        "known_from": _known_from(item.known_from) if item.known_from else None,
        "in_schema": schema_json(item.in_schema),
    }


def _known_from(source: KnownFrom) -> Json:
    return {
        "log_id": source.log_id,
        "similarity": source.similarity,
        "recorded_at": source.recorded_at.isoformat(),
        "verdict": source.verdict.value,
        "gain_percent": source.gain_percent,
        "applied_at": _moment(source.applied_at),
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "fingerprint": evidence.fingerprint,
        "method": evidence.method.value,
        "parameters": list(evidence.parameters),
        "gain_percent": evidence.gain_percent,
        "before": _measurement(evidence.before),
        "after": _measurement(evidence.after) if evidence.after else None,
        "object_used": evidence.object_used,
        "held_for": evidence.held_for,
        "tried_for": evidence.tried_for,
        "sets_ms": [{"before": before, "after": after} for before, after in evidence.sets_ms],
        "sets": [asdict(each) for each in evidence.sets],
        "robust_gain_percent": evidence.robust_gain_percent,
        "size_bytes": evidence.size_bytes,
        "build_ms": evidence.build_ms,
        "note": evidence.note,
        "doubts": list(evidence.doubts),
    }


def _measurement(measurement: Measurement) -> Json:
    return {
        "times_ms": list(measurement.times_ms),
        "median_ms": measurement.median_ms,
        "timed_out": measurement.timed_out,
        "cost": measurement.cost,
        "shared_blocks": measurement.shared_blocks,
        "plan": _plan(measurement.plan),
    }


def _plan(node: PlanNode) -> Mapping[str, Any]:
    return {
        "node_type": node.node_type,
        "relation": node.relation,
        "index_name": node.index_name,
        "detail": list(node.detail),
        "total_cost": node.total_cost,
        "plan_rows": node.plan_rows,
        "actual_rows": node.actual_rows,
        "actual_ms": node.actual_ms,
        "loops": node.loops,
        "removed_rows": node.removed_rows,
        "children": [_plan(child) for child in node.children],
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
