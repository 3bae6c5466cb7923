"""Findings of migration safety on a terminal: where, what happens, and the safe way as SQL to copy."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pgarchitect.report.safe_text import brief, one_line, visible
from pgarchitect.schema.safety.finding import Finding, Severity

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.HINT: "bold blue"}
_INDENT: Final = 4


def render_safety(findings: Sequence[Finding], files: int, console: Console) -> None:
    """Print all findings and a line that counts them.

    Args:
        findings: in the order of the scripts.
        files: number of scripts that were looked at.
        console: where to.
    """
    for finding in findings:
        _finding(finding, console)
    counts = Counter(each.severity for each in findings)
    told = ", ".join(f"{counts[each]} {each.value}{'s' * (counts[each] != 1)}" for each in Severity if counts[each])
    scripts = f"{files} migration{'s' * (files != 1)}"
    console.print(Text(f"{scripts}: {told or 'nothing that would hurt a live database'}."))


def _finding(finding: Finding, console: Console) -> None:
    head = Text(one_line(f"{finding.file}:{finding.line}"))
    head.append(f" {finding.severity.value}", style=_STYLES[finding.severity])
    console.print(head.append(f" {finding.rule}"), soft_wrap=True)
    console.print(Padding(Text(brief(finding.statement, max(40, console.width - _INDENT))), (0, 0, 0, _INDENT)))
    console.print(Padding(Text(one_line(finding.happens), style="dim"), (0, 0, 0, _INDENT), expand=False))
    for number, step in enumerate(finding.rewrite, start=1):
        several = len(finding.rewrite) > 1
        title = "Instead:" if not several else "Instead, first:" if number == 1 else "In the next migration:"
        console.print(Padding(Text(title), (0, 0, 0, _INDENT)))
        console.print(Text(_indented(step), style="green"), soft_wrap=True)
    console.print()


def _indented(sql: str) -> str:
    return "\n".join(f"{' ' * (_INDENT + 2)}{line}" for line in visible(sql).splitlines())
