"""Findings of migration safety as annotations: GitHub shows them beside the lines of a pull request.

The form is that of workflow commands: ``::error file=…,line=…::message``. In the message ``%``, CR and LF are escaped,
in the properties also ``:`` and ``,``.
"""

from collections.abc import Sequence
from typing import Final

from pgarchitect.report.safe_text import visible
from pgarchitect.schema.safety.finding import Finding, Severity

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def safety_github(findings: Sequence[Finding]) -> str:
    """A line for each finding."""
    return "".join(f"{_annotation(each)}\n" for each in findings)


def _annotation(finding: Finding) -> str:
    properties = {
        "file": finding.file,
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "title": finding.rule,
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(_message(finding))}"


def _message(finding: Finding) -> str:
    if not finding.rewrite:
        return finding.happens
    steps = "\n-- In the next migration:\n".join(finding.rewrite)
    return f"{finding.happens}\nInstead:\n{steps}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
