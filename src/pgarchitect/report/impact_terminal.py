"""The impact of a migration on a terminal: what breaks, then what gets worse, then what gets better."""

from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pgarchitect.recommendations.impact import Effect, Impact, Outcome
from pgarchitect.report import impact_words as words
from pgarchitect.report.safe_text import brief, one_line

_STYLES: Final = {Outcome.BROKEN: "red", Outcome.WORSE: "yellow", Outcome.BETTER: "green"}
_INDENT: Final = 4


def render_impact(impact: Impact, console: Console) -> None:
    """Print the whole of it."""
    console.print()
    console.print(Text(one_line(f"What {impact.migration} does to the plans of {impact.database}"), style="bold"))
    console.print()
    console.print(Text(words.lead(impact), style=_lead_style(impact)))
    console.print(Text(f"Total {words.total(impact)}", style="dim"))
    _list(console, "Production would refuse it", list(impact.migrated.obstacles), "red")
    for outcome, title in words.TITLES.items():
        effects = impact.of(outcome)
        if effects:
            _heading(console, title)
            for effect in effects:
                _effect(console, effect, impact)
    _list(console, "The migration", list(words.definitions(impact)), "")
    if impact.migrated.skipped:
        _heading(console, "Left out of the migration")
        for what, why in words.skipped(impact):
            console.print(Text(f"  {brief(what, console.width - 2)}"))
            _below(console, why)
    _list(console, "To know", list(words.notes(impact)), "")
    console.print()


def _lead_style(impact: Impact) -> str:
    if impact.of(Outcome.BROKEN) or impact.migrated.obstacles:
        return "bold red"
    return "bold yellow" if impact.of(Outcome.WORSE) else "bold green" if impact.of(Outcome.BETTER) else "bold"


def _effect(console: Console, effect: Effect, impact: Impact) -> None:
    style = _STYLES.get(effect.outcome, "")
    compared = effect.outcome in {Outcome.WORSE, Outcome.BETTER}
    sign = f"{words.change(effect.change):>9}" if compared else " " * 2 + words.calls(effect, impact)
    line = Text("  ").append(sign.strip().rjust(9) if compared else sign.strip(), style=style)
    room = max(20, console.width - len(line) - 2)
    console.print(line.append(f"  {brief(effect.statement, room)}"))
    if compared:
        figures = f"cost {words.cost(effect.cost_before)} → {words.cost(effect.cost_after)}"
        _below(console, f"{figures}, {words.calls(effect, impact)}, {words.weighed(effect)}; {words.plan(effect)}", 13)
    elif effect.reason:
        _below(console, effect.reason)
    elif effect.outcome is Outcome.NEW:
        _below(console, f"cost {words.cost(effect.cost_after)}")


def _list(console: Console, title: str, lines: list[str], style: str) -> None:
    if lines:
        _heading(console, title)
        for line in lines:
            console.print(Padding(Text(one_line(line), style=style), (0, 0, 0, 2), expand=False))


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold underline"))


def _below(console: Console, text: str, indent: int = _INDENT) -> None:
    console.print(Padding(Text(one_line(text), style="dim"), (0, 0, 0, indent), expand=False))
