"""Which changes of a column's type leave the table as it is, and which write it anew.

Each was tried on PostgreSQL 15 and 18 by comparing ``pg_relation_filenode`` before and after; the tests do so again.
"""

from typing import Final

from pgarchitect.schema.safety.reading.types import TypeName

_TEXTS: Final = frozenset({"text", "varchar"})
_UNLIMITED: Final = 1 << 30
_PRECISE: Final = {"timestamp": 6, "timestamptz": 6, "time": 6, "timetz": 6, "interval": 6}
"""Types with a precision, and the one that they have without modifier."""


def rewrites(before: TypeName, after: TypeName) -> bool:
    """Whether a column's change from one type to another writes every row (without USING).

    ``timestamp`` ↔ ``timestamptz`` writes nothing only while TimeZone is UTC, which no script tells; it counts as
    a rewrite.
    """
    if before.array or after.array:
        return (before.name, before.modifiers, before.array) != (after.name, after.modifiers, after.array)
    if before.name in _TEXTS and after.name in _TEXTS:
        return _longest(after) < _longest(before)
    if (before.name, after.name) == ("cidr", "inet"):
        return False
    if before.name != after.name:
        return True
    return _narrows(before, after)


def _longest(kind: TypeName) -> int:
    return kind.modifiers[0] if kind.modifiers else _UNLIMITED


def _narrows(before: TypeName, after: TypeName) -> bool:
    """Of one and the same type: whether values may have to change to fit the new modifiers."""
    if before.modifiers == after.modifiers:
        return False
    if after.name == "numeric":
        return _numeric_narrows(before, after)
    if after.name in _PRECISE:
        precision = _PRECISE[after.name]
        return (after.modifiers or (precision,))[0] < (before.modifiers or (precision,))[0]
    if after.name == "varbit":
        return _longest(after) < _longest(before)
    return True


def _numeric_narrows(before: TypeName, after: TypeName) -> bool:
    if not after.modifiers:
        return False
    if not before.modifiers:
        return True
    old_scale, new_scale = (each.modifiers[1] if len(each.modifiers) > 1 else 0 for each in (before, after))
    return new_scale != old_scale or after.modifiers[0] < before.modifiers[0]
