"""The commands by name; each is loaded when it is called, since all of them together take a second to load."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

_COMMANDS: Final = {
    "advise": "advise",
    "audit": "audit",
    "cleanup": "cleanup",
    "doctor": "doctor",
    "embedded": "embedded_app",
    "log": "log",
    "migrate": "migrate_app",
    "sandbox": "sandbox_app",
    "schema": "schema_app",
    "twin": "twin_app",
}
"""Command → the function or group of commands in the module of its name."""


class Commands(TyperGroup):
    """The top level: a command's module is imported when the command is asked for."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # its base class is private
        """Their names, in the order in which help shows them."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(  # type: ignore[override]  # as above
        self, ctx: typer.Context, cmd_name: str
    ) -> TyperCommand | TyperGroup | None:
        """The command of that name; None when there is none."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        found: Callable[..., Any] | typer.Typer = getattr(
            import_module(f"pgarchitect.cli.{cmd_name}"), _COMMANDS[cmd_name]
        )
        group = found if isinstance(found, typer.Typer) else _alone(found)
        made = typer.main.get_command(group)
        if not isinstance(made, (TyperCommand, TyperGroup)):
            raise TypeError(f"{cmd_name} is no command")
        made.name = cmd_name
        return made


def _alone(function: Callable[..., Any]) -> typer.Typer:
    group = typer.Typer(add_completion=False)
    group.command()(function)
    return group
