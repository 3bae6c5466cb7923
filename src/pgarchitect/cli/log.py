"""``pgarchitect log``: what the memory holds."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from pgarchitect.cli import streams
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.places import home
from pgarchitect.errors import UsageError
from pgarchitect.evidence.evidence import Method
from pgarchitect.memory.entry import Remembered
from pgarchitect.memory.optimization_log import OptimizationLog
from pgarchitect.opening import own_database
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.report import quantities
from pgarchitect.report.safe_text import brief, one_line, visible
from pgarchitect.report.sql_text import terminated
from pgarchitect.settings import Settings


def log(
    log_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", min=1, help="Show this entry with everything known of it.")
    ] = None,
    *,
    verdict: Annotated[Verdict | None, typer.Option(help="Only entries with this verdict.")] = None,
    rejected: Annotated[bool, typer.Option("--rejected", help="Show rejected entries as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many entries, newest first.")] = 50,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Show what OptimizationLog holds: what was recommended or rejected, when, with which gain.

    What is printed can be run as it stands: all but the changes that wait to be applied stands in comments.
    """
    if log_id is not None and (verdict is not None or rejected):
        raise UsageError("An entry is shown whatever its verdict; leave --verdict and --rejected out, or the number.")
    settings = Settings()
    evidence: Mapping[str, Any] | None = None
    with home(settings) as dsn, own_database(dsn, settings) as connection:
        memory = OptimizationLog(connection)
        memory.prepare()
        if log_id is None:
            entries = _wanted(memory, verdict, limit, rejected=rejected)
        else:
            entries, evidence = [memory.entry(log_id)], memory.evidence(log_id)
    if output is Format.JSON:
        streams.print_json(_json(entries, evidence))
    elif entries:
        _print(entries, evidence)
    else:
        typer.echo("The log holds no such entry yet; `pgarchitect audit` fills it.")


def _wanted(memory: OptimizationLog, verdict: Verdict | None, limit: int, *, rejected: bool) -> list[Remembered]:
    verdicts = [verdict] if verdict else [each for each in Verdict if rejected or each is not Verdict.REJECTED]
    found = [entry for each in verdicts for entry in memory.entries(verdict=each, limit=limit)]
    return sorted(found, key=lambda entry: entry.id, reverse=True)[:limit]


def _json(entries: Sequence[Remembered], evidence: Mapping[str, Any] | None) -> str:
    """A list of entries; the one that was asked for by its number alone, with its evidence."""
    documents = [{name: value for name, value in asdict(entry).items() if name != "similarity"} for entry in entries]
    document: object = documents if evidence is None else {**documents[0], "evidence": evidence}
    return json.dumps(document, indent=2, default=datetime.isoformat, ensure_ascii=False)


def _print(entries: Sequence[Remembered], evidence: Mapping[str, Any] | None) -> None:
    console = Console(highlight=False)
    # An audit records a change once for every statement that it is for.
    changes = groupby(entries, key=lambda entry: (entry.run_id, entry.candidate_key))
    for number, (_, change) in enumerate(changes):
        if number:
            console.print()
        told = list(change)
        lines = _change(told, console.width) if evidence is None else _whole(told[0], evidence)
        for line in lines:
            console.print(Text(line, style="dim" if line.startswith("--") else ""), soft_wrap=True)


def _change(told: Sequence[Remembered], width: int) -> Iterator[str]:
    main = max(told, key=lambda entry: (entry.saved_ms, entry.gain_percent or 0.0))
    yield _headline(main)
    yield brief(f"-- for {main.statement}", width)
    if len(told) > 1:
        others = ", ".join(str(entry.id) for entry in told if entry is not main)
        yield brief(f"-- and for {quantities.plural(len(told) - 1, 'other statement')}: {others}", width)
    yield from _sql(main)


def _whole(entry: Remembered, evidence: Mapping[str, Any]) -> Iterator[str]:
    yield _headline(entry)
    yield f"-- {one_line(entry.intent)}"
    yield from _commented(entry.statement)
    yield f"-- Reason: {one_line(entry.reason)}"
    if evidence:
        yield f"-- Evidence: {one_line(_measured(evidence))}; all of it: pgarchitect log {entry.id} --format json"
    yield from (f"-- Less sure: {one_line(str(doubt))}" for doubt in evidence.get("doubts") or ())
    yield from _sql(entry)
    if entry.rollback:
        yield f"-- undo: {terminated(one_line(entry.rollback))}"


def _headline(entry: Remembered) -> str:
    gain = "" if entry.gain_percent is None else f"gain {quantities.percent(entry.gain_percent)}, "
    confidence = f"confidence {quantities.share(entry.confidence)}"
    words = (
        f"-- {entry.id}",
        quantities.moment(entry.created_at),
        one_line(entry.target.rpartition("/")[2]),
        f"{entry.verdict} ({gain}{confidence})",
    )
    return "  ".join(words)


def _sql(entry: Remembered) -> Iterator[str]:
    """What waits to be applied as it stands; anything else in comments, so that nobody runs it by mistake."""
    sql = terminated(visible(entry.recommendation))
    if entry.verdict is Verdict.REJECTED:
        yield f"-- {one_line(entry.reason)}"
    elif entry.applied_at is not None:
        yield f"-- In force since {quantities.moment(entry.applied_at)}."
    elif entry.dismissed_at is not None:
        yield f"-- Dismissed {quantities.moment(entry.dismissed_at)}."
    else:
        yield sql
        return
    yield from _commented(sql)


def _commented(text: str) -> Iterator[str]:
    return (f"-- {line}" for line in visible(text).splitlines())


def _measured(evidence: Mapping[str, Any]) -> str:
    """How it was measured, and the median times (or the planner's costs) before and after, in a line."""
    if evidence.get("method") == Method.PLANNER:
        costs = [(evidence.get(state) or {}).get("cost") for state in ("before", "after")]
        told = [quantities.NOTHING if cost is None else f"cost {quantities.significant(cost)}" for cost in costs]
        return f"{Method.PLANNER}, {told[0]} before, {told[1]} after"
    runs = [(evidence.get(state) or {}).get("times_ms") for state in ("before", "after")]
    before, after = [quantities.duration(statistics.median(times)) if times else "not run" for times in runs]
    return f"{evidence.get('method', 'unknown')}, {before} before, {after} after"
