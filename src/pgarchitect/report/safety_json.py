"""Findings of migration safety as JSON."""

import json
from collections import Counter
from collections.abc import Sequence

from pgarchitect.schema.safety.finding import Finding, Severity


def safety_json(findings: Sequence[Finding], files: int) -> str:
    """One object: ``files`` that were looked at, ``counts`` by severity, ``findings`` in the order of the scripts."""
    counts = Counter(each.severity for each in findings)
    document = {
        "files": files,
        "counts": {each.value: counts[each] for each in Severity},
        "findings": [_finding(each) for each in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": finding.file,
        "line": finding.line,
        "end_line": finding.end_line,
        "statement": finding.statement,
        "happens": finding.happens,
        "rewrite": list(finding.rewrite),
    }
