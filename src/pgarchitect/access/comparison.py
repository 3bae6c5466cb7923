"""Whether two results of one read are equal, as far as the read says what its result is.

Rows whose order nothing decides are compared as a set; where such an order also decides which rows there are, only
their number is compared.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from pgarchitect.access.counting import WORD
from pgarchitect.access.loading import NOT_LOADED
from pgarchitect.access.router import Call
from pgarchitect.access.shapes import TableShape

_FIGURES: Final = frozenset({"aggregate", "group_by"})
_DIGITS: Final = 12
"""Of sums and averages of floats, which depend on the order in which rows come."""


def difference(call: Call, shape: TableShape, mine: Any, theirs: Any) -> str | None:  # noqa: ANN401  # of any read
    """What differs in two results; None: nothing that counts."""
    rounded = call.operation in _FIGURES
    if not isinstance(mine, list) or not isinstance(theirs, list):
        return _of_one(call, shape, mine, theirs, rounded=rounded)
    if len(mine) != len(theirs):
        return f"{len(mine)} rows and {len(theirs)}"
    if not _is_decided(call, shape) and _is_part(call):
        return None
    unsure = _unsure(call)
    ours, others = ([comparable(each, rounded=rounded, without=unsure) for each in rows] for rows in (mine, theirs))
    if not _is_decided(call, shape):
        ours, others = sorted(ours, key=repr), sorted(others, key=repr)
    for number, (one, other) in enumerate(zip(ours, others, strict=True), 1):
        if one != other:
            return f"row {number}: {_inside(one, other)}"
    return None


def _of_one(call: Call, shape: TableShape, mine: Any, theirs: Any, *, rounded: bool) -> str | None:  # noqa: ANN401
    if (mine is None) != (theirs is None):
        return "only one of them found a row"
    if _is_any_of_several(call) and not _is_decided(call, shape):
        return None
    unsure = _unsure(call)
    one, other = (comparable(each, rounded=rounded, without=unsure) for each in (mine, theirs))
    return None if one == other else _inside(one, other)


def _is_decided(call: Call, shape: TableShape) -> bool:
    """Whether the read says in which order its rows come."""
    asked = call.asked
    if asked.get("cursor") is not None or (asked.get("take") or 0) < 0:
        return bool(shape.primary_key)
    order = asked.get("order_by") or ()
    several: Sequence[Any] = [order] if isinstance(order, Mapping) else list(order)
    names = frozenset(name for each in several for name in each)
    if call.operation == "group_by":
        by = call.asked.get("by") or (call.given[0] if call.given else ())
        return names.issuperset(by)
    certain = frozenset(name for name in names if shape.has_column(name) and not shape.column(name).nullable)
    return shape.identifies(certain)


def _is_any_of_several(call: Call) -> bool:
    """Whether the result depends on the order in which rows come: the first of them, or the values of a part."""
    if call.operation == "count":
        return bool(call.asked.get("select")) and _is_part(call)
    return call.operation in {"find_first", "find_first_or_raise"}


def _is_part(call: Call) -> bool:
    return bool(call.asked.get("take") or call.asked.get("skip") or call.asked.get("distinct"))


def _unsure(call: Call) -> frozenset[str]:
    """Relations of which a part is loaded, which nothing may decide; they are not compared."""
    included: Mapping[str, Any] = call.asked.get("include") or {}
    parts = {name: asked for name, asked in included.items() if isinstance(asked, Mapping) and name != WORD}
    return frozenset(name for name, asked in parts.items() if _takes(asked))


def _takes(asked: Mapping[str, Any]) -> bool:
    below: Mapping[str, Any] = asked.get("include") or {}
    return bool(asked.get("take") or asked.get("skip") or asked.get("distinct")) or any(
        isinstance(each, Mapping) and name != WORD and _takes(each) for name, each in below.items()
    )


def comparable(value: Any, *, rounded: bool = False, without: Collection[str] = ()) -> Any:  # noqa: ANN401  # of any kind
    """A value that equals another of the same type and content; NaN equals itself."""
    if value is NOT_LOADED:
        return "not loaded"
    if isinstance(value, msgspec.Struct):
        fields = [name for name in value.__struct_fields__ if name not in without]
        return {name: comparable(getattr(value, name), rounded=rounded) for name in fields}
    if isinstance(value, Mapping):
        return {name: comparable(each, rounded=rounded) for name, each in value.items() if name not in without}
    if isinstance(value, list | tuple):
        made = [comparable(each, rounded=rounded) for each in value]
        rows = any(isinstance(each, msgspec.Struct) for each in value)
        return sorted(made, key=repr) if rows else made
    if isinstance(value, UUID):
        return ("UUID", str(value))
    if isinstance(value, float):
        return ("float", f"{value:.{_DIGITS}g}" if rounded or math.isnan(value) else repr(value))
    return ("Decimal", str(value)) if isinstance(value, Decimal) else (type(value).__name__, value)


def _inside(one: Any, other: Any) -> str:  # noqa: ANN401  # made by ``comparable``
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) != set(other):
            return f"fields {sorted(one)} and {sorted(other)}"
        names = [name for name in one if one[name] != other[name]]
        return f"{', '.join(names)} differ{'s' if len(names) == 1 else ''}"
    return "the values differ"
