"""The seven steps while they run: live on a terminal, one plain line per finished step elsewhere.

Everything goes to standard error, so that standard output holds the report and nothing else.
"""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as LiveProgress
from rich.text import Text

from pgarchitect.report import quantities
from pgarchitect.report.safe_text import brief, one_line

STEPS = 7


@dataclass(slots=True)
class _Running:
    number: int
    name: str
    total: int | None
    started: float
    advanced: int = 0

    @property
    def took(self) -> str:
        return quantities.duration(1_000 * (time.monotonic() - self.started))


class Progress:
    """Shows how far an audit has come; a ``ProgressListener`` to be used with ``with``.

    On a terminal the running step has a spinner, and a bar where its size is known; on anything else each finished
    step prints one line. A step that an error cut short says so.

    Args:
        console: where to show it; standard error when None.
        quiet: show nothing at all.
    """

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self._console = console or Console(stderr=True)
        self._quiet = quiet
        self._running: _Running | None = None
        self._live: LiveProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.is_dumb_terminal and not self._quiet:
            self._live = _live(self._console)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            self._finish("interrupted" if kind else "")
        if self._live is not None:
            self._live.stop()

    def step(self, number: int, name: str, total: int | None = None) -> None:
        """Begin a step; one that still runs is finished without a count."""
        if self._running is not None:
            self._finish("")
        self._running = _Running(number, name, total, time.monotonic())
        if self._live is not None:
            self._task = self._live.add_task(name, total=total, number=number, note="")

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Count ``amount`` more things of the running step as done; an empty note keeps the one before."""
        if self._running is None:
            return
        self._running.advanced += amount
        if self._live is None or self._task is None:
            return
        self._live.advance(self._task, amount)
        if note:
            self._live.update(self._task, note=brief(note, 60))

    def done(self, count: str) -> None:
        """Finish the running step with what it counted."""
        if self._running is not None:
            self._finish(count)

    def _finish(self, count: str) -> None:
        running, self._running = self._running, None
        if self._live is not None and self._task is not None:
            self._live.remove_task(self._task)
            self._task = None
        if running is not None and not self._quiet:
            self._console.print(self._line(running, one_line(count)), soft_wrap=True)

    def _line(self, running: _Running, count: str) -> Text:
        if self._live is None:
            counted = f": {count}" if count else ""
            return Text(f"[{running.number}/{STEPS}] {running.name}{counted} ({running.took})")
        interrupted = count == "interrupted"
        return Text.assemble(
            (f"{'✗' if interrupted else '✓'} ", "red" if interrupted else "green"),
            (f"{running.number}/{STEPS} ", "dim"),
            f"{running.name:<26} ",
            (count or "done", "bold"),
            (f"  {running.took}", "dim"),
        )


class _Counted(ProgressColumn):
    """How many of how many are done; nothing for a step of unknown size."""

    def render(self, task: Task) -> Text:
        return Text("" if task.total is None else f"{task.completed:.0f}/{task.total:.0f}")


def _live(console: Console) -> LiveProgress:
    return LiveProgress(
        SpinnerColumn(finished_text=" "),
        TextColumn(f"[dim]{{task.fields[number]}}/{STEPS}[/dim] {{task.description}}"),
        BarColumn(bar_width=24),
        _Counted(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim", markup=False),
        console=console,
        transient=True,
        redirect_stdout=False,  # what is printed there stays there
    )
