"""The clean-up of indexes for programs; docs/cleanup.md lists the fields."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from pgarchitect.candidates.index_cleanup import Spared
from pgarchitect.recommendations.cleanup_advice import CleanupAdvice, CleanupReport
from pgarchitect.report.schema_words import dropped_json

SCHEMA_VERSION: Final = "1"
"""Raised when a field is removed, renamed or given another meaning."""


def cleanup_json(report: CleanupReport) -> str:
    """The report as JSON text, UTF-8 characters as they are."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "database": report.database,
        "server": {"host": report.server, "version": report.server_version},
        "counted_since": _moment(report.counted_since),
        "counted_days": None if report.age is None else report.age / timedelta(days=1),
        "standbys": list(report.standbys),
        "indexes_seen": report.indexes,
        "size_bytes": report.size_bytes,
        "statements_planned": report.statements,
        "indexes": [_advice(each) for each in report.advice],
        "left_alone": [_spared(each) for each in report.spared],
        "warnings": list(report.warnings),
        "seconds": report.seconds,
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _advice(advice: CleanupAdvice) -> dict[str, Any]:
    cleanup, change = advice.cleanup, advice.cleanup.candidate
    return {
        "kind": change.kind,
        "action": advice.action.value,
        "index": change.qualified_name,
        "table": change.table,
        "definition": cleanup.index.definition,
        "reason": change.reason,
        "concerns": list(cleanup.concerns),
        "notes": list(cleanup.notes),
        "takes_over": cleanup.takes_over or None,
        "size_bytes": cleanup.size_bytes,
        "saved_bytes": cleanup.saved_bytes,
        "saved_entries": cleanup.saved_entries,
        "saved_entries_per_day": cleanup.saved_per_day,
        "scans": cleanup.scans,
        "last_scan": _moment(cleanup.last_scan),
        "statements_planned": advice.planned,
        "statements": [
            {
                "text": each.text,
                "share": each.share,
                "cost_before": each.cost_before,
                "cost_after": each.cost_after,
            }
            for each in advice.suffering
        ],
        "sql": change.sql,
        "rollback_sql": change.rollback_sql,
        "in_schema": dropped_json(advice.in_schema),
    }


def _spared(spared: Spared) -> dict[str, Any]:
    return {
        "kind": spared.kind,
        "index": spared.index.qualified,
        "table": spared.index.table_name,
        "size_bytes": spared.size_bytes,
        "reason": spared.reason,
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
