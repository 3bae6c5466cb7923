"""``pgarchitect doctor``: can an audit run here, what limits it, and how is that put right?"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Final

import typer

from pgarchitect.cli import streams
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.places import HOME_DATABASE
from pgarchitect.errors import Interrupted, UsageError
from pgarchitect.postgres.capability import Capability, Fix, Needs, State, probe, refuse_what_blocks
from pgarchitect.postgres.capability_repair import STATEMENT_TIMEOUT_MS, Ran, left_over, repair, runnable
from pgarchitect.postgres.connection import connect, describe_target
from pgarchitect.postgres.embedded import embedded_server, ensure_database
from pgarchitect.report.safe_text import visible
from pgarchitect.settings import Settings

_COLOURS: Final = {
    State.OK: typer.colors.GREEN,
    State.LIMITED: typer.colors.YELLOW,
    State.MISSING: typer.colors.RED,
    State.INFO: typer.colors.BLUE,
}
_WHO: Final = {
    Needs.SQL: "this role can run it: --fix",
    Needs.OWNER: "the table's owner must run it",
    Needs.SUPERUSER: "a superuser must run it; on a managed service: its administrator's role or settings page",
    Needs.PRIMARY: "must be run on the primary",
    Needs.RESTART: "somebody must do it, at a time that suits the server's users",
    Needs.PERSON: "by hand",
}
_SHOWN: Final = 5
"""Fixes shown for one capability; --fix --dry-run lists them all."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """How --fix goes about it."""

    dry_run: bool
    yes: bool
    json: bool

    def say(self, line: str) -> None:
        """Tell what happens; standard output is left to JSON alone."""
        typer.echo(line, err=self.json)


def doctor(
    dsn: Annotated[
        str | None,
        typer.Argument(
            help="Connection URL of the database to look at; left out: the embedded server.", metavar="[DSN]"
        ),
    ] = None,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Run the statements that put things right; asks first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --fix: only print what would be run.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: do not ask.")] = False,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Look for everything that an audit needs; exit code 0 when one can run, 5 when not."""
    ask = _Asking(dry_run=dry_run, yes=yes, json=output is Format.JSON)
    _check_options(ask, fix=fix)
    settings = Settings()
    with _target(dsn, settings) as url:
        capabilities = _probe(url, settings)
        if not ask.json:
            _print(describe_target(url), capabilities)
        ran = _fix(url, settings, runnable(capabilities), ask) if fix else ()
        if ran:
            capabilities = _probe(url, settings)
        if ask.json:
            typer.echo(_json(describe_target(url), capabilities, ran))
        elif fix:
            _print_left(capabilities)
    refuse_what_blocks(capabilities)
    if not ask.json:
        typer.echo("An audit can run here.")


def _probe(url: str, settings: Settings) -> tuple[Capability, ...]:
    with connect(url, settings) as connection:
        return probe(connection)


def _check_options(ask: _Asking, *, fix: bool) -> None:
    if not fix and (ask.dry_run or ask.yes):
        raise UsageError("--dry-run and --yes say how to fix; add --fix.")
    if not fix or ask.dry_run or ask.yes:
        return
    if ask.json:
        raise UsageError("--fix asks before it writes, which --format json has no room for; add --yes or --dry-run.")
    if not sys.stdin.isatty():
        raise UsageError("--fix asks before it writes and there is no terminal to answer on; add --yes or --dry-run.")


@contextmanager
def _target(dsn: str | None, settings: Settings) -> Iterator[str]:
    if dsn is not None:
        yield dsn
        return
    with embedded_server(settings) as server:
        yield ensure_database(server, HOME_DATABASE, ["pg_stat_statements"])


def _print(target: str, capabilities: tuple[Capability, ...]) -> None:
    typer.echo(visible(target))
    for each in capabilities:
        state = typer.style(f"{each.state:<8}", fg=streams.colour(_COLOURS[each.state]))
        typer.echo(f"  {state} {each.name}: {visible(each.found)}")
        typer.echo(f"           {each.why}")
        for step in each.fix[:_SHOWN]:
            typer.echo(f"           → {visible(step.text)}  ({_who(each, step)})")
        if len(each.fix) > _SHOWN:
            typer.echo(
                f"           … and {len(each.fix) - _SHOWN} more; --fix --dry-run lists all that this role can run"
            )


def _who(capability: Capability, step: Fix) -> str:
    if step.needs is Needs.SQL and not capability.wants_fixing:
        return "if you like; --fix leaves it alone"
    return _WHO[step.needs]


def _fix(url: str, settings: Settings, statements: tuple[str, ...], ask: _Asking) -> tuple[Ran, ...]:
    if not statements:
        ask.say("There is nothing that this role can put right by SQL.")
        return ()
    ask.say("Would be run:" if ask.dry_run else "To be run:")
    for text in statements:
        ask.say(f"  {visible(text)}")
    if ask.dry_run or not (ask.yes or _agreed(url)):
        return ()
    ran: list[Ran] = []
    try:
        with connect(url, settings, read_only=False, statement_timeout_ms=STATEMENT_TIMEOUT_MS) as connection:
            for text in statements:
                ask.say(f"Running {visible(text)}")
                ran.append(repair(connection, text))
                ask.say(f"  refused: {visible(ran[-1].refused)}" if ran[-1].refused else "  done")
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted after {len(ran)} of {len(statements)} statements; run the same command again for the rest."
        ) from None
    return tuple(ran)


def _agreed(url: str) -> bool:
    try:
        return typer.confirm(f"Run this on {visible(describe_target(url))}?", err=True)
    except typer.Abort:
        raise Interrupted from None


def _print_left(capabilities: tuple[Capability, ...]) -> None:
    steps = left_over(capabilities)
    typer.echo("Left for somebody else:" if steps else "Nothing is left for somebody else.")
    for step in steps:
        typer.echo(f"  {visible(step.text)}  ({_WHO[step.needs]})")


def _json(target: str, capabilities: tuple[Capability, ...], ran: tuple[Ran, ...]) -> str:
    return json.dumps(
        {
            "target": target,
            "audit_can_run": not any(each.blocks for each in capabilities),
            "capabilities": [asdict(each) for each in capabilities],
            "ran": [asdict(each) for each in ran],
        },
        indent=2,
        ensure_ascii=False,
    )
