"""The commands by name; each is loaded when it is called, since all of them together take a second to load."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


class LazyCommands(TyperGroup):
    """A group of commands: a command's module is imported when the command is asked for.

    Attributes:
        modules: command → module of this package, and behind a colon the function or group of commands in it.
    """

    modules: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # its base class is private
        """Their names, in the order in which help shows them."""
        del ctx
        return sorted(self.modules)

    def get_command(  # type: ignore[override]  # as above
        self, ctx: typer.Context, cmd_name: str
    ) -> TyperCommand | TyperGroup | None:
        """The command of that name; None when there is none."""
        del ctx
        if cmd_name not in self.modules:
            return None
        module, _, name = self.modules[cmd_name].partition(":")
        found: Callable[..., Any] | typer.Typer = getattr(import_module(f"pgarchitect.cli.{module}"), name)
        group = found if isinstance(found, typer.Typer) else _alone(found)
        made = typer.main.get_command(group)
        if not isinstance(made, (TyperCommand, TyperGroup)):
            raise TypeError(f"{cmd_name} is no command")
        made.name = cmd_name
        return made


class Commands(LazyCommands):
    """The top level."""

    modules: ClassVar[Mapping[str, str]] = {
        "advise": "advise:advise",
        "audit": "audit:audit",
        "cleanup": "cleanup:cleanup",
        "doctor": "doctor:doctor",
        "embedded": "embedded:embedded_app",
        "log": "log:log",
        "migrate": "migrate:migrate_app",
        "sandbox": "sandbox:sandbox_app",
        "schema": "schema:schema_app",
        "twin": "twin:twin_app",
    }


def _alone(function: Callable[..., Any]) -> typer.Typer:
    group = typer.Typer(add_completion=False)
    group.command()(function)
    return group
