"""Who is told how far an audit has come."""

from typing import Protocol


class ProgressListener(Protocol):
    """Hears of the seven steps while they run; the audit neither waits for it nor reads anything from it."""

    def step(self, number: int, name: str, total: int | None = None) -> None:
        """A step begins: its number from 1, its name, and how many things it has to do where that is known."""

    def advance(self, amount: int = 1, note: str = "") -> None:
        """The step that runs has done ``amount`` more; ``note`` says what it is at now."""

    def done(self, count: str) -> None:
        """The step that runs is finished; ``count`` says what it found: ``14 of 412 statements``."""
