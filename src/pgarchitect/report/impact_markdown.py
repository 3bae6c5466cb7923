"""The impact of a migration as a comment of a pull request: GitHub's Markdown, which GitLab reads too."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from pgarchitect.recommendations.impact import Effect, Impact, Outcome
from pgarchitect.report import impact_words as words
from pgarchitect.report.safe_text import brief, one_line

_MARKS: Final = {Outcome.BROKEN: "❌", Outcome.WORSE: "🔺", Outcome.BETTER: "✅"}
_SHOWN: Final = 160
_MOST: Final = 40
"""Rows of a table; a comment takes 65,536 characters."""


def impact_markdown(impact: Impact, breaches: Sequence[str] = ()) -> str:
    """The whole of it, failed checks first."""
    return "\n".join(_lines(impact, breaches)) + "\n"


def _lines(impact: Impact, breaches: Sequence[str]) -> Iterator[str]:
    yield f"### Plan impact of {_code(impact.migration)}"
    yield ""
    yield f"**{words.lead(impact)}** {words.total(impact)[0].upper()}{words.total(impact)[1:]}."
    if breaches:
        yield ""
        yield f"❌ **Not allowed:** {_text('; '.join(breaches))}."
    yield from _bullets("", impact.migrated.obstacles, "❌ ")
    for outcome, title in words.TITLES.items():
        yield from _table(impact, outcome, title)
    yield from _bullets("The migration", list(words.definitions(impact)))
    yield from _bullets("Left out of the migration", [f"{what}: {why}" for what, why in words.skipped(impact)])
    yield from _bullets("To know", list(words.notes(impact)))


def _table(impact: Impact, outcome: Outcome, title: str) -> Iterator[str]:
    effects = impact.of(outcome)
    if not effects:
        return
    compared = outcome in {Outcome.WORSE, Outcome.BETTER}
    yield ""
    yield f"#### {_MARKS.get(outcome, '')} {title}".replace("  ", " ")
    yield ""
    yield "| change | cost | calls | statement | plan |" if compared else "| calls | statement | |"
    yield "|--:|--:|--:|---|---|" if compared else "|--:|---|---|"
    for effect in effects[:_MOST]:
        yield _row(effect, impact, compared=compared)
    if len(effects) > _MOST:
        yield ""
        yield f"… and {len(effects) - _MOST} more."


def _row(effect: Effect, impact: Impact, *, compared: bool) -> str:
    count, statement = words.calls(effect, impact), _code(brief(effect.statement, _SHOWN))
    if not compared:
        return f"| {count} | {statement} | {_text(effect.reason)} |"
    costs = f"{words.cost(effect.cost_before)} → {words.cost(effect.cost_after)}"
    return f"| **{words.change(effect.change)}** | {costs} | {count} | {statement} | {_text(words.plan(effect))} |"


def _bullets(title: str, lines: Sequence[str], mark: str = "") -> Iterator[str]:
    if lines:
        yield ""
        if title:
            yield f"#### {title}"
            yield ""
        yield from (f"- {mark}{_text(line)}" for line in lines)


_SPECIAL: Final = str.maketrans({each: f"\\{each}" for each in "\\`*_[]|~#@"})


_NUMBERED: Final = str.maketrans({each: f"&#{ord(each)};" for each in "\\`*_[]|~@"})


def _text(text: str) -> str:
    """Text in which nothing is Markdown, HTML, a link or a person."""
    return escape(one_line(text), quote=False).translate(_SPECIAL)


def _code(text: str) -> str:
    """Text as it is; an HTML element, since a table has no way to write a bar between backticks."""
    return f"<code>{escape(one_line(text), quote=False).translate(_NUMBERED)}</code>"
