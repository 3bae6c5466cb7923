"""``@shape``: a JSON Schema → a check of the values that it describes, in the keywords that all validators know."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from pgarchitect.access.validation.check import Check, kind, shown

_TYPES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "object": (lambda value: isinstance(value, dict), "an object"),
    "array": (lambda value: isinstance(value, list), "an array"),
    "string": (lambda value: isinstance(value, str), "a text"),
    "number": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "a number"),
    "integer": (lambda value: type(value) is int or (isinstance(value, float) and value.is_integer()), "an integer"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "null": (lambda value: value is None, "null"),
}
_LIMITS: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool], str]]] = {
    "minLength": ("string", lambda value, limit: len(value) >= limit, "is shorter than {}"),
    "maxLength": ("string", lambda value, limit: len(value) <= limit, "is longer than {}"),
    "minItems": ("array", lambda value, limit: len(value) >= limit, "has fewer than {} items"),
    "maxItems": ("array", lambda value, limit: len(value) <= limit, "has more than {} items"),
    "minimum": ("number", lambda value, limit: bool(value >= limit), "is less than {}"),
    "maximum": ("number", lambda value, limit: bool(value <= limit), "is greater than {}"),
    "exclusiveMinimum": ("number", lambda value, limit: bool(value > limit), "is not greater than {}"),
    "exclusiveMaximum": ("number", lambda value, limit: bool(value < limit), "is not less than {}"),
}


@lru_cache(maxsize=1024)
def shape_check(schema: str) -> Check:
    """The check of a JSON Schema, given as text; what it tells begins with the place in the value."""
    inner = _check(json.loads(schema))

    def check(value: Any) -> str:  # noqa: ANN401  # JSON
        told = inner(value)
        return f"does not have its shape: {'it' if told.startswith(' ') else ''}{told}" if told else ""

    return check


def _check(schema: Any) -> Check:  # noqa: ANN401  # JSON
    """A check whose words begin with a blank, or with the place below the value."""
    if not isinstance(schema, dict):
        return lambda _: ""
    checks = list(_parts(schema))
    if len(checks) == 1:
        return checks[0]

    def all_of(value: Any) -> str:  # noqa: ANN401  # JSON
        for check in checks:
            if told := check(value):
                return told
        return ""

    return all_of


def _parts(schema: Mapping[str, Any]) -> Iterator[Check]:
    if kinds := schema.get("type", ()):
        yield _typed([kinds] if isinstance(kinds, str) else list(kinds))
    elif "properties" in schema:
        yield _typed(["object"])
    if "const" in schema:
        yield _among([schema["const"]])
    if "enum" in schema:
        yield _among(schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            yield _any_of([_check(each) for each in schema[word]])
    yield from (_limit(*_LIMITS[word], limit) for word, limit in schema.items() if word in _LIMITS)
    if "pattern" in schema:
        yield _pattern(schema["pattern"])
    if any(word in schema for word in ("properties", "required", "additionalProperties")):
        yield _members(schema)
    if isinstance(schema.get("items"), dict):
        yield _items(_check(schema["items"]))


def _typed(kinds: list[str]) -> Check:
    tests = [_TYPES[each][0] for each in kinds]
    told = " or ".join(_TYPES[each][1] for each in kinds)
    [first, *others] = tests

    def check(value: Any) -> str:  # noqa: ANN401  # JSON
        if first(value) or any(each(value) for each in others):
            return ""
        return f" must be {told}, not {kind(value)}"

    return check


def _among(values: list[Any]) -> Check:
    told = ", ".join(json.dumps(each, ensure_ascii=False) for each in values)

    def check(value: Any) -> str:  # noqa: ANN401  # JSON
        if any(each == value and isinstance(each, bool) == isinstance(value, bool) for each in values):
            return ""
        return f" is {shown(value)!r}, and may be one of {told}"

    return check


def _any_of(checks: list[Check]) -> Check:
    def check(value: Any) -> str:  # noqa: ANN401  # JSON
        if not all(each(value) for each in checks):
            return ""
        return " is none of the shapes that it may have"

    return check


def _limit(of: str, holds: Callable[[Any, Any], bool], told: str, limit: object) -> Check:
    is_meant = _TYPES[of][0]
    words = f" {told.format(limit)}"
    return lambda value: "" if not is_meant(value) or holds(value, limit) else words


def _pattern(pattern: str) -> Check:
    search = re.compile(pattern).search
    return lambda value: "" if not isinstance(value, str) or search(value) else f" does not match {pattern}"


def _members(schema: Mapping[str, Any]) -> Check:
    known = [(key, _check(each)) for key, each in schema.get("properties", {}).items()]
    required = frozenset(schema.get("required", ()))
    names = frozenset(key for key, _ in known)
    others = schema.get("additionalProperties", True)
    other = _check(others) if isinstance(others, dict) else None

    def check(value: Any) -> str:  # noqa: ANN401  # JSON
        if not isinstance(value, dict):
            return ""
        if not required <= value.keys():
            return f".{min(required - value.keys())} is missing"
        for key, inner in known:
            if key in value and (told := inner(value[key])):
                return f".{key}{told}"
        return "" if others is True else _strangers(value, names, other)

    return check


def _strangers(value: dict[str, Any], names: frozenset[str], other: Check | None) -> str:
    for key in value.keys() - names:
        if other is None:
            return f".{key} is not known"
        if told := other(value[key]):
            return f".{key}{told}"
    return ""


def _items(inner: Check) -> Check:
    def check(value: Any) -> str:  # noqa: ANN401  # JSON
        for number, each in enumerate(value if isinstance(value, list) else ()):
            if told := inner(each):
                return f"[{number}]{told}"
        return ""

    return check
