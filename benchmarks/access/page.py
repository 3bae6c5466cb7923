"""The figures as a part of ``docs/benchmarks.md``."""

from collections.abc import Iterator

from benchmarks.access.cases import CASES, Case
from benchmarks.access.contenders import ENTRIES, WORLDS, Entry, Family
from benchmarks.access.results import Results
from benchmarks.access.targets import Verdict, verdicts

NAME = "access"
"""Of the part's markers."""
CHOOSING = "choosing"
"""Of those of ``docs/choosing-a-data-layer.md``."""
IMAGE = "images/access.svg"


def part(results: Results, where: str) -> str:
    """Table, chart and promises.

    Args:
        results: what was measured.
        where: the machine and its load, in a sentence.
    """
    lines = [f"{where}.", "", *_table(results), ""]
    lines += [
        "Medians of the rounds, in brackets their quartiles; milliseconds, and operations a second for 20 clients."
    ]
    lines += ["", f"![How long each takes]({IMAGE})", ""]
    lines += [f"- {each}" for each in results.notes]
    lines += [f"- Out: {name} ({why})" for name, why in results.failed.items()]
    lines += ["", *_promises(verdicts(results))]
    return "\n".join(lines)


def _table(results: Results) -> Iterator[str]:
    yield f"| | {' | '.join(each.title for each in CASES)} |"
    yield "|---|" + "--:|" * len(CASES)
    for entry in ENTRIES:
        cells = [_cell(results, case, entry) for case in CASES]
        if any(cells):
            name = f"**{entry.name}**" if entry.family is Family.OURS else entry.name
            yield f"| {name} | {' | '.join(cells)} |"


def _cell(results: Results, case: Case, entry: Entry) -> str:
    found = results.figure(case.name, entry.name)
    if found is None:
        return ""
    return f"{short(found.middle)} ({short(found.low)} to {short(found.high)})"


def short(value: float) -> str:
    """Three digits, or all before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def relative(results: Results) -> str:
    """How each library compares with ours, whichever of its worlds is the better in a case."""
    best = {case.name: found for case in CASES if (found := _ours(results, case)) is not None}
    lines = [f"| | {' | '.join(each.title for each in CASES)} |", "|---|" + "--:|" * len(CASES)]
    for entry in ENTRIES:
        ratios = [
            results.ratio(each.name, entry.name, best[each.name]) if each.name in best else None for each in CASES
        ]
        if any(ratios):
            cells = ["" if each is None else f"{each:.2f}" for each in ratios]
            lines.append(f"| {entry.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _ours(results: Results, case: Case) -> str | None:
    known = {name: made.middle for name in WORLDS if (made := results.figure(case.name, name)) is not None}
    return (max if case.per_second else min)(known, key=lambda name: known[name]) if known else None


def _promises(found: list[Verdict]) -> Iterator[str]:
    kept = sum(each.holds for each in found)
    yield f"{kept} of {len(found)} promises hold. A ratio is the median of those within each round."
    yield "That of the bare driver stands beside it, since no client on it can be better, and"
    yield r"that of a client in C that makes nothing of the rows (pgbench, psql `\copy` of a file):"
    yield "it waits for the server and does little else."
    yield ""
    yield "| case | ours | against | ratio | bare driver | client in C | promised | holds |"
    yield "|---|---|---|--:|--:|--:|--:|---|"
    for each in sorted(found, key=lambda made: CASES.index(made.target.case)):
        target = each.target
        rival = target.against if target.against == each.rival else f"{target.against} ({each.rival})"
        sign = "≥" if target.case.per_second else "≤"
        beside = ("" if bound is None else f"{bound:.2f}" for bound in (each.driver, each.limit))
        holds = "yes" if each.holds else "**no**"
        ours = target.ours.partition(", ")[2]
        cells = (target.case.title, ours, rival, f"{each.ratio:.2f}", *beside, f"{sign} {target.limit:.2f}", holds)
        yield f"| {' | '.join(cells)} |"
