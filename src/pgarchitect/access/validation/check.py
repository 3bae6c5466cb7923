"""The two checks of a column, and the words that all checks share."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

Check = Callable[[Any], str]
"""What is wrong with a value, to stand behind the field's name; empty: nothing."""
Kinds = AbstractSet[type]
"""The types that are among some values."""
Fits = Callable[[Sequence[Any], Kinds], bool]
"""Whether all values, which are of these types, surely fit."""
_SHOWN: Final = 40
"""Characters of a value that a message shows: as many as one reads at a glance."""


@dataclass(frozen=True, slots=True)
class ColumnCheck:
    """The two checks of a column.

    Attributes:
        one: what is wrong with a value, to stand behind the field's name; empty: nothing.
        every: whether all of many values surely fit, told in passes that run in C; where it doubts, ``one`` decides.
    """

    one: Check
    every: Fits

    def fits(self, values: Sequence[Any], kinds: Kinds | None = None) -> bool:
        """Whether all values surely fit; ``kinds``: their types, where they are known already."""
        return self.every(values, set(map(type, values)) if kinds is None else kinds)


def length_told(length: int, least: int | None, most: int | None, what: str) -> str:
    """What is wrong with a length; empty: nothing."""
    if most is not None and length > most:
        return f"is too long: it has {length} {what}, and at most {most} fit"
    if least is not None and length < least:
        return f"is too short: it has {length} {what}, and must have at least {least}"
    return ""


def kind(value: object) -> str:
    """The type of a value, for a message."""
    return type(value).__name__


def shown(value: object) -> str:
    """A value, for a message."""
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
