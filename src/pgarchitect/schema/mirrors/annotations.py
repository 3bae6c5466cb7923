"""What ``///`` lines say to validators: ``@min 1``, ``@max 9``, ``@pattern ^a``, ``@shape {…}``; the rest is prose."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pgarchitect.errors import SchemaInvalid

_LINE: Final = re.compile(r"^[ \t]*@(minLength|maxLength|min|max|pattern|shape)\b[ \t]*(.*)$", re.MULTILINE)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Annotations:
    """What a field's documentation says.

    Attributes:
        prose: its text without the annotations.
        minimum: ``@min``: the least number, as written; empty without.
        maximum: ``@max``: the greatest number, as written; empty without.
        min_length: ``@minLength``: the fewest characters, bytes or items.
        max_length: ``@maxLength``: the most of them.
        pattern: ``@pattern``: a regular expression that a text must contain a match of; empty without.
        shape: ``@shape``: a JSON Schema of a Json field's values, as text in one spelling; empty without.
    """

    prose: str
    minimum: str = ""
    maximum: str = ""
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    shape: str = ""

    @property
    def shape_schema(self) -> Any:  # noqa: ANN401  # JSON
        """The JSON Schema of ``@shape``; None without."""
        return json.loads(self.shape) if self.shape else None


@lru_cache(maxsize=4096)
def annotations(documentation: str) -> Annotations:
    """Read a documentation.

    Raises:
        SchemaInvalid: an annotation's value is not what it has to be.
    """
    found: dict[str, str] = {}
    prose, rest = "", documentation
    while match := _LINE.search(rest):
        name, value = match[1], match[2].strip()
        prose += rest[: match.start()]
        rest = rest[match.end() :]
        if name == "shape":
            value, rest = _json(value + rest)
        found[name] = value
    return Annotations(
        (prose + rest).strip(),
        _number("min", found),
        _number("max", found),
        _count("minLength", found),
        _count("maxLength", found),
        _pattern(found.get("pattern", "")),
        found.get("shape", ""),
    )


def _json(text: str) -> tuple[str, str]:
    """The JSON value at the beginning, which may have several lines, in one spelling; and what follows it."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except ValueError as error:
        raise SchemaInvalid(f"The JSON Schema behind @shape cannot be read ({error}); correct it.") from error
    if not isinstance(value, dict):
        raise SchemaInvalid(f"@shape takes a JSON Schema, an object, and not `{text[:end]}`; correct it.")
    return json.dumps(value, ensure_ascii=False), text[end:]


def _number(name: str, found: dict[str, str]) -> str:
    value = found.get(name, "")
    if name in found and not _NUMBER.fullmatch(value):
        raise SchemaInvalid(f"@{name} takes a number and not `{value}`; correct it.")
    return value


def _count(name: str, found: dict[str, str]) -> int | None:
    value = found.get(name)
    if value is not None and not (value.isascii() and value.isdigit()):
        raise SchemaInvalid(f"@{name} takes a count and not `{value}`; correct it.")
    return None if value is None else int(value)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise SchemaInvalid(
            f"The regular expression behind @pattern, `{text}`, is none ({error}); correct it."
        ) from error
    return text
