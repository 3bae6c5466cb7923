"""The arguments of an attribute, taken one by one with the type that each must have."""

from typing import TypeVar

from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.syntax import (
    Argument,
    ArrayValue,
    Attribute,
    CallValue,
    ConstantValue,
    NumberValue,
    ObjectValue,
    StringValue,
    Value,
)

_KINDS = {
    StringValue: "string",
    NumberValue: "number",
    ConstantValue: "constant",
    ArrayValue: "array",
    CallValue: "functional",
    ObjectValue: "object",
}
_Wanted = TypeVar("_Wanted", StringValue, NumberValue, ConstantValue, ArrayValue, CallValue)


class Arguments:
    """The arguments of one attribute; what is wrong with them is noted.

    Args:
        attribute: whose they are.
        spelled: the attribute as it is spoken of: ``@relation``.
        file: in which it stands.
        diagnostics: where errors are noted.
    """

    __slots__ = ("_diagnostics", "_file", "_left", "attribute", "spelled")

    def __init__(self, attribute: Attribute, spelled: str, file: str, diagnostics: Diagnostics) -> None:
        self.attribute = attribute
        self.spelled = spelled
        self._file = file
        self._diagnostics = diagnostics
        self._left: dict[str | None, Argument] = {}
        for each in attribute.given:
            name = each.name.text if each.name else None
            if each.value is None:
                self._diagnostics.add(f'Argument "{name}" is missing a value.', file, each.start, each.end)
            elif name in self._left:
                self._twice(name, each)
            else:
                self._left[name] = each

    def _twice(self, name: str | None, found: Argument) -> None:
        told = f'Argument "{name}" is already specified.' if name else "An unnamed argument is already specified."
        self._diagnostics.add(told, self._file, found.start, found.end)

    def take(self, name: str, *, first: bool = False) -> Value | None:
        """The value of an argument; ``first``: it may stand without its name."""
        found = self._left.pop(name, None)
        if found is None and first:
            found = self._left.pop(None, None)
        return found.value if found else None

    def needed(self, name: str, *, first: bool = False) -> Value | None:
        """The value of an argument that must be there; noted when it is not."""
        found = self.take(name, first=first)
        if found is None:
            at = self.attribute
            self._diagnostics.add(f'Argument "{name}" is missing.', self._file, at.start, at.end)
        return found

    def string(self, name: str, *, first: bool = False) -> str | None:
        """A text."""
        found = self.of_kind(self.take(name, first=first), StringValue)
        return found.text if found else None

    def names(self, value: Value | None) -> tuple[ConstantValue, ...] | None:
        """A list of names; None when it is none."""
        found = self.of_kind(value, ArrayValue)
        if found is None:
            return None
        return tuple(each for each in (self.of_kind(item, ConstantValue) for item in found.items) if each)

    def of_kind(self, value: Value | None, kind: type[_Wanted]) -> _Wanted | None:
        """A value if it is of that kind; noted when it is not."""
        if value is None or isinstance(value, kind):
            return value
        if kind is ArrayValue:
            # One value stands for a list of it.
            return kind((value,), value.start, value.end)
        self.wrong(f"Expected a {_KINDS[kind]} value, but received {_KINDS[type(value)]} value.", value)
        return None

    def wrong(self, problem: str, value: Value | None = None) -> None:
        """Note a problem of the attribute, or of one value."""
        at = value or self.attribute
        self._diagnostics.add(f'Error parsing attribute "{self.spelled}": {problem}', self._file, at.start, at.end)

    def finish(self) -> None:
        """Note what is left: arguments that the attribute does not have."""
        for each in self._left.values():
            self._diagnostics.add("No such argument.", self._file, each.start, each.end)
