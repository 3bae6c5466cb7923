"""Values by type alone: for parameters that meet no column, and for columns of which nothing is known."""

import re
import uuid
from typing import Final

_BY_TYPE: Final[tuple[tuple[str, tuple[str, str, str]], ...]] = (
    ("interval", ("7 days", "30 days", "1 day")),
    ("daterange", ("[2020-01-01,2040-01-01)", "[2025-01-01,2026-01-01)", "[2026-01-01,2026-01-02)")),
    ("tsrange", ("[2020-01-01,2040-01-01)", "[2025-01-01,2026-01-01)", "[2026-01-01,2026-01-02)")),
    ("tstzrange", ("[2020-01-01,2040-01-01)", "[2025-01-01,2026-01-01)", "[2026-01-01,2026-01-02)")),
    ("range", ("[1,1000)", "[1,10)", "[1,2)")),
    ("jsonpath", ("$", "$.*", "$[*]")),
    ("reg", ("simple", "simple", "simple")),
    ("inet", ("10.0.0.0/8", "192.168.0.0/16", "127.0.0.1")),
    ("cidr", ("10.0.0.0/8", "192.168.0.0/16", "127.0.0.1/32")),
    ("bytea", ("a", "b", "c")),
    ("xml", ("<a/>", "<b/>", "<c/>")),
    ("timestamp", ("now", "yesterday", "tomorrow")),
    ("date", ("today", "yesterday", "tomorrow")),
    ("time", ("12:00", "08:00", "20:00")),
    ("bool", ("true", "false", "true")),
    ("json", ("{}", "{}", "{}")),
    ("text", ("a", "b", "c")),
    ("char", ("a", "b", "c")),
)


NUMBERS: Final = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_TEXTS: Final = frozenset({"text", "character varying", "character", "name", '"char"', "citext"})
_INSTANTS: Final = frozenset({"date", "timestamp with time zone", "timestamp without time zone"})
_ENDS: Final = {"number": ("1", "100"), "instant": ("yesterday", "tomorrow")}


def by_type(kind: str, scenario: int) -> str:
    """A value of type ``kind``, as ``format_type`` prints it; a small number where the type is not known."""
    if kind.endswith("[]"):
        return "{}"
    if kind == "uuid":
        return str(uuid.UUID(int=scenario + 1))
    found = next((values for prefix, values in _BY_TYPE if prefix in kind), ("1", "2", "10"))
    return found[scenario % len(found)]


def bound_by_type(kind: str, scenario: int, *, lower: bool) -> str:
    """The end of a range of type ``kind`` that holds something."""
    ends = _ENDS.get(group(kind))
    return ends[0 if lower else 1] if ends else by_type(kind, scenario)


def group(kind: str) -> str:
    """What types read the same literals: a bound for a timestamp does for a date, but not for a number."""
    bare = re.sub(r"\(.*?\)", "", kind)
    groups = (("number", NUMBERS), ("text", _TEXTS), ("instant", _INSTANTS))
    return next((name for name, members in groups if bare in members), bare)


def literal(value: str, kind: str) -> str:
    """A value as SQL: bare where the server wants a number, since ``substr(x, '1')`` is another function."""
    if kind in NUMBERS and re.fullmatch(r"\d+(\.\d+)?", value):
        return value
    escaped = value.replace("'", "''")
    return "E'" + escaped.replace("\\", "\\\\") + "'" if "\\" in value else f"'{escaped}'"
