"""Values as literals, where a statement takes no parameters: COPY.

Only for reads that go to Arrow. A literal is always one text in quotes with a cast, so whatever a value holds, the
server reads it as a value of that type or refuses it.
"""

from collections.abc import Sequence

from pgarchitect.access.failures import InvalidValue
from pgarchitect.access.statement import Parameters
from pgarchitect.access.writing import array_text


class Literals(Parameters):
    """Writes values into the statement's text, where ``Parameters`` collects them."""

    __slots__ = ()

    def typed(self, value: object, kind: str, *, by_text: bool = False) -> str:  # noqa: ARG002  # all go as text
        """A value of a type of its own."""
        return f"{literal(value)}::{kind}"


def literal(value: object) -> str:
    """A value as SQL spells it.

    Raises:
        InvalidValue: PostgreSQL has no such text.
    """
    if value is None:
        return "NULL"
    text = _text(value)
    if "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise InvalidValue(f"A text holds what PostgreSQL cannot store ({text[:40]!r}); correct it.")
    # Written so it means the same whatever standard_conforming_strings says.
    if "\\" in text:
        return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return array_text(value)
    return str(value)
