"""``enums.py``: each enum of the schema as a ``StrEnum`` whose values are the database's labels."""

import keyword
from collections.abc import Iterator, Mapping

from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.header import header
from pgarchitect.schema.mirrors.names import each_once, upper_first
from pgarchitect.schema.mirrors.python_code import docstring, string
from pgarchitect.schema.mirrors.source import MirrorSource
from pgarchitect.schema.psl.prisma_schema import Enum

_OF_STRINGS = frozenset(name for name in dir(str) if not name.startswith("_")) | {"mro", "name", "value"}
"""What a member cannot be called without hiding a method of ``str``."""
_CLASSES = frozenset(
    """
    Annotated Any BaseModel ClassVar ConfigDict Decimal False Field JsonValue Literal Never None NotRequired StrEnum
    Struct True TypeAlias TypedDict UUID Written
    """.split()  # noqa: SIM905  # a line a name would hide the rest of this file
)
"""What the modules that import enums have under such a name, and what no class can be called."""


def enum_classes(source: MirrorSource) -> Mapping[tuple[str, str], str]:
    """Namespace and name of an enum type → its class."""
    names = each_once([(each.name, upper_first(each.name)) for each in source.schema.enums], _CLASSES)
    return {place: names[each.name] for place, each in source.enums.items()}


def enums_module(source: MirrorSource) -> str:
    """The text of ``enums.py``."""
    classes = enum_classes(source)
    lines = [f'{header(source.digest, "#")}"""The enums of the database."""', ""]
    if source.enums:
        lines += ["from enum import StrEnum", ""]
    for place, enum in source.enums.items():
        lines += ["", *_enum(enum, classes[place]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _enum(enum: Enum, name: str) -> Iterator[str]:
    yield f"class {name}(StrEnum):"
    yield docstring(annotations(enum.documentation).prose or f"Values of the enum {enum.type_name}.", 4)
    yield ""
    for value, member in zip(enum.values, members(enum).values(), strict=True):
        yield f"    {member} = {string(value.label)}"
        if value.documentation:
            yield docstring(value.documentation, 4)


def members(enum: Enum) -> Mapping[str, str]:
    """Value → name of the member."""
    return each_once([(each.name, _member(each.name)) for each in enum.values], _OF_STRINGS)


def _member(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name
