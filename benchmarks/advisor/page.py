"""The figures as parts of ``docs/benchmarks.md``, each between its markers: the rest of the page is written by hand."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.advisor.answers import CHECKED, OURS
from benchmarks.advisor.contest import Contest, Measured
from benchmarks.advisor.cpu_table import cpu_table
from benchmarks.advisor.subject import MEGABYTE
from pgarchitect.errors import UsageError
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.measured import Measured as Checked

_COLUMNS: Final = (
    "limit", "advisor", "indexes", "MB promised", "MB built", "size error, worst (median)", "cost promised",
    "cost built", "saved", "plans", "s",
)  # fmt: skip
_TOO_FAR: Final = 0.15
"""Error of a size that is named."""
PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def between_markers(page: str, name: str, text: str, by: str = "make bench-advisor") -> str:
    """The page with ``text`` between the markers called ``name`` of the command ``by``, in place of what stood there.

    Raises:
        UsageError: it has not exactly one pair of them.
    """
    begin, end = f"<!-- {name}: begin, written by {by} -->", f"<!-- {name}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise UsageError(f"The page has no place for {name}; put `{begin}` and `{end}` into it, once each.")
    return pattern.sub(lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", page)


def part(contest: Contest, where: str, chart: str) -> str:
    """The figures of one subject.

    Args:
        contest: what was measured.
        where: the machine, in a sentence.
        chart: path of the image, from the page.
    """
    lines = [f"### {contest.subject.title}", "", f"{where}.", "", contest.subject.left_out, ""]
    lines += _refused(contest)
    lines += [f"Cost without indexes: {contest.before:,.0f}.", "", *_table(contest.measured, contest.before), ""]
    lines += [f"![Cost and size of each answer]({chart})", "", *_ours(contest), *_whole(contest), *_missed(contest)]
    if contest.runs is not None:
        lines += ["", *cpu_table(contest.runs)]
    return "\n".join(lines)


def _refused(contest: Contest) -> Iterator[str]:
    counted = len(contest.asked.wanted) - len(contest.asked.refused)
    yield f"{counted} of {len(contest.asked.wanted)} statements can be planned."
    for number, reason in contest.asked.refused.items():
        yield f"- Statement {number}: {reason}"
    yield ""


def _table(measured: Sequence[Measured], before: float) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|---|---|" + "--:|" * (len(_COLUMNS) - 2)
    for each in sorted(measured, key=_in_order):
        answer = each.answer
        known = [size for size in answer.sizes.values() if size is not None]
        cells = [
            answer.limit,
            f"**{answer.adviser}**" if answer.adviser in {OURS, CHECKED} else answer.adviser,
            str(len(answer.sizes)),
            _megabytes(sum(known)) if len(known) == len(answer.sizes) else "",
            _megabytes(each.size_bytes) + (" (too much)" if _beyond(each) else ""),
            f"{each.worst:.1%} ({each.median:.1%})" if each.errors else "",
            "" if answer.promised is None else f"{answer.promised:,.0f}",
            f"{each.cost:,.0f}",
            f"{1 - each.cost / before:.1%}",
            "" if answer.calls is None else f"{answer.calls:,}",
            "" if answer.seconds is None else f"{answer.seconds:.1f}",
        ]
        yield f"| {' | '.join(cells)} |"


def _in_order(each: Measured) -> tuple[bool, int, str, float]:
    """By budget, those without one last; then by cost."""
    limit = each.answer.size_limit
    return limit is None, limit or 0, each.answer.limit if limit is None else "", each.cost


def _beyond(each: Measured) -> bool:
    return each.answer.size_limit is not None and each.size_bytes > each.answer.size_limit


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.1f}" if size < 100 * MEGABYTE else f"{size / MEGABYTE:,.0f}"


def _ours(contest: Contest) -> Iterator[str]:
    """What only our advisor tells: the gap, and how much of all that could be gained its answers gain."""
    for each in contest.measured:
        advice = each.answer.advice
        if advice is not None and advice.measured is not None:
            yield from _checked(each, advice, advice.measured)
        elif advice is not None:
            possible = advice.cost_before - advice.cost_with_all
            share = (contest.before - each.cost) / possible if possible > 0 else 1.0
            yield (
                f"- {OURS}, limit {each.answer.limit}: {share:.1%} of what all {advice.considered:,} candidates would"
                f" gain together; optimality gap {advice.optimality_gap:.2%}; {advice.twin_seconds:.1f} s to build the"
                f" twin, {advice.seconds:.1f} s to search"
            )


def _checked(each: Measured, advice: Advice, runs: Checked) -> Iterator[str]:
    """What real runs did to our answer."""
    yield (
        f"- {CHECKED}, limit {each.answer.limit}: of {len(runs.built) + len(runs.removed)} indexes that were built,"
        f" {len(runs.removed)} taken out and {len(runs.added)} put in for a statement that had become slower;"
        f" {advice.seconds:.1f} s to search, {runs.seconds:.1f} s to check"
    )
    yield from (f"  - taken out: `{removed.ddl}` {removed.reason}" for removed in runs.removed)


def _missed(contest: Contest) -> Iterator[str]:
    """Indexes whose promised size is further off than it should be, whoever proposed them."""
    off = {name: error for each in contest.measured for name, error in each.errors.items() if error > _TOO_FAR}
    for name, error in sorted(off.items(), key=lambda each: (-each[1], each[0])):
        yield f"- Size promised wrongly by {error:.0%}: `{name}`"


def _whole(contest: Contest) -> Iterator[str]:
    if contest.whole is not None and contest.whole.advice is not None:
        advice = contest.whole.advice
        yield (
            f"- {OURS}, every one of {len(advice.statements)} statements of weight 1, no limit:"
            f" {advice.considered:,} candidates, {advice.planner_calls:,} plans, {advice.seconds:.1f} s after the twin"
            f" stood ({advice.twin_seconds:.1f} s); cost {advice.cost_before:,.0f} → {advice.cost_after:,.0f} promised"
        )
