"""Values for parameters: what the application may have sent, taken from the statistics of the columns.

Three scenarios are offered for a statement. *Common* takes the most common values and recent ranges, since real
use is skewed and recent rows are hot; *middling* and *rare* take what their names say. Which of them is nearest to
reality is judged by the rows per call that the server counted (see ``calibration``).
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pgarchitect.evidence.parameter_roles import Role, RoleKind
from pgarchitect.schema.catalog import Column, Table

SCENARIOS: Final = ("common", "middling", "rare")
_LOWER: Final = (0.90, 0.50, 0.99)
_UPPER: Final = (0.97, 0.60, 1.0)
_UPPER_ALONE: Final = (0.10, 0.50, 0.01)
_INTERVALS: Final = ("7 days", "30 days", "1 day")
_FEW: Final = 20
_DEEP: Final = 10
"""Pages that an OFFSET is taken to skip."""

Samples = Mapping[tuple[int, str], Sequence[Any]]
"""(table oid, column) → some of a JSON column's documents."""


@dataclass(frozen=True, slots=True)
class Values:
    """Chooses the values of one statement's parameters.

    Attributes:
        roles: parameter → role.
        types: parameter → type, as PREPARE resolved it; empty when it could not.
        samples: documents of JSON columns.
        rows_per_call: as the server counted; a LIMIT is taken to be no smaller.
    """

    roles: Mapping[int, Role]
    types: Mapping[int, str]
    samples: Samples
    rows_per_call: float

    def literals(self, scenario: int) -> dict[int, str]:
        """The SQL literal of every parameter in a scenario (an index of ``SCENARIOS``)."""
        return {
            number: _literal(self._value(number, role, scenario), self.types.get(number, ""))
            for number, role in self.roles.items()
        }

    def _value(self, number: int, role: Role, scenario: int) -> str:
        kind, column = role.kind, role.column
        if kind is RoleKind.LIMIT:
            return str(self._limit())
        if kind is RoleKind.OFFSET:
            return str(self._limit() * (_DEEP, 1, _DEEP * _DEEP)[scenario])
        if kind in _FIXED:
            return _FIXED[kind]
        if column is None or role.table is None:
            return self._by_type(number, scenario)
        value = self._of_column(number, role, role.table, column, scenario)
        return {"lower": value.lower(), "upper": value.upper()}.get(role.case, value)

    def _limit(self) -> int:
        return max(round(self.rows_per_call), 1) if self.rows_per_call >= 1 else _FEW

    def _of_column(self, number: int, role: Role, table: Table, column: Column, scenario: int) -> str:
        if role.kind in _OF_DOCUMENTS and column.type in {"json", "jsonb"}:
            return self._of_json(number, role, table, column, scenario)
        if role.kind not in {RoleKind.ARRAY, RoleKind.PATTERN} and not _fits(self.types.get(number, ""), column):
            return self._element(number, column, scenario)
        if role.kind is RoleKind.LOWER_BOUND:
            return _quantile(column, _LOWER[scenario]) or _by_type(column.type, scenario)
        if role.kind is RoleKind.UPPER_BOUND:
            alone = not self._has_lower_bound(column)
            return _quantile(column, (_UPPER_ALONE if alone else _UPPER)[scenario]) or _by_type(column.type, scenario)
        if role.kind is RoleKind.ARRAY:
            return _array([value for i in range(3) if (value := _typical(column, i)) is not None])
        if role.kind is RoleKind.PATTERN:
            return self._pattern(table, column, scenario)
        if role.kind is RoleKind.NEW_VALUE and _must_differ(table, column):
            return _fresh(column)
        return self._nth_typical(number, role, column, scenario)

    def _element(self, number: int, column: Column, scenario: int) -> str:
        """A value for what is made of a column: an element of its array, or anything of the right type."""
        kind, typical = self.types.get(number, ""), _typical(column, scenario)
        if (
            typical is not None
            and column.type.endswith("[]")
            and _group(kind) == _group(column.type.removesuffix("[]"))
        ):
            return _first_element(typical)
        return _by_type(kind, scenario)

    def _nth_typical(self, number: int, role: Role, column: Column, scenario: int) -> str:
        """Members of one IN list, or two parameters for one column, get different values."""
        rivals = [n for n, other in sorted(self.roles.items()) if other.column is column and other.kind is role.kind]
        place = rivals.index(number) if number in rivals else 0
        value = _typical(column, scenario, skip=place)
        return value if value is not None else _by_type(self.types.get(number, column.type), scenario)

    def _has_lower_bound(self, column: Column) -> bool:
        return any(role.kind is RoleKind.LOWER_BOUND and role.column is column for role in self.roles.values())

    def _pattern(self, table: Table, column: Column, scenario: int) -> str:
        value = _typical(column, scenario) or ""
        if value.startswith("{") or column.type in {"json", "jsonb"}:
            texts = [text for text in _leaves(self.samples.get((table.oid, column.name), ())) if text]
            value = texts[len(texts) // 2] if texts else ""
        words = re.findall(r"\w{3,}", value)
        return f"%{max(words, key=len)[:8]}%" if words else "%a%"

    def _of_json(self, number: int, role: Role, table: Table, column: Column, scenario: int) -> str:
        pairs = _frequent_pairs(self.samples.get((table.oid, column.name), ()))
        if not pairs:
            return {"JSON part": "{}"}.get(role.kind, "x")
        if role.kind is RoleKind.JSON_VALUE and isinstance(role.json_key, str):
            pairs = [pair for pair in pairs if pair[0] == role.json_key] or pairs
        if self._as_number(column):
            pairs = [pair for pair in pairs if type(pair[1]) in {int, float}] or pairs
        key, value = pairs[scenario % len(pairs)]
        if role.kind is RoleKind.JSON_KEY:
            return _array([key]) if self.types.get(number) == "text[]" else key
        if role.kind is RoleKind.JSON_PART:
            return json.dumps({key: value}, ensure_ascii=False)
        return value if isinstance(value, str) and self.types.get(number) != "jsonb" else json.dumps(value)

    def _as_number(self, column: Column) -> bool:
        """Whether the statement takes a member of a document for a number: ``(document->>$1)::int > $2``."""
        return any(
            role.column is column and role.kind is not RoleKind.JSON_KEY and self.types.get(number) in _NUMBERS
            for number, role in self.roles.items()
        )

    def _by_type(self, number: int, scenario: int) -> str:
        return _by_type(self.types.get(number, ""), scenario)


_OF_DOCUMENTS: Final = frozenset({RoleKind.JSON_KEY, RoleKind.JSON_VALUE, RoleKind.JSON_PART})
_FIXED: Final[Mapping[RoleKind, str]] = {
    RoleKind.TIME_UNIT: "day",
    RoleKind.TIME_ZONE: "UTC",
    RoleKind.SEPARATOR: ",",
}


def _typical(column: Column, scenario: int, skip: int = 0) -> str | None:
    """A value of the column: most common, middling or rare; ``skip`` asks for another one."""
    statistics = column.statistics
    if statistics is None:
        return None
    common, bounds = statistics.common_values, statistics.histogram
    if common and (scenario == 0 or not bounds):
        place = (0, len(common) // 2, len(common) - 1)[scenario]
        return common[(place + skip) % len(common)]
    if bounds:
        place = int((0.5, 0.35, 0.85)[scenario] * (len(bounds) - 1)) + skip
        return bounds[place % len(bounds)]
    return None


def _quantile(column: Column, fraction: float) -> str | None:
    """The value below which about ``fraction`` of the column's values lie, from its histogram."""
    if column.statistics is None:
        return None
    bounds = column.statistics.histogram
    if bounds:
        return bounds[round(fraction * (len(bounds) - 1))]
    common = sorted(column.statistics.common_values, key=_numeric_first)
    return common[round(fraction * (len(common) - 1))] if common else None


def _numeric_first(text: str) -> tuple[float, str]:
    try:
        return float(text), ""
    except ValueError:
        return float("inf"), text


def _frequent_pairs(documents: Sequence[Any]) -> list[tuple[str, Any]]:
    """(key, value) of scalar members, the most frequent key first, each key once with its most frequent value."""
    counts: dict[str, dict[str, int]] = {}
    for document in documents:
        if isinstance(document, dict):
            for key, value in document.items():
                if isinstance(value, (str, int, float, bool)):
                    values = counts.setdefault(key, {})
                    text = json.dumps(value)
                    values[text] = values.get(text, 0) + 1
    ranked = sorted(counts, key=lambda key: (-sum(counts[key].values()), key))
    return [(key, json.loads(max(sorted(counts[key]), key=lambda v: counts[key][v]))) for key in ranked]


def _leaves(documents: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for document in documents:
        members = document.values() if isinstance(document, dict) else [document]
        found.extend(value for value in members if isinstance(value, str))
    return found


def _must_differ(table: Table, column: Column) -> bool:
    return any(index.unique and index.keys == (column.quoted,) for index in table.indexes)


def _fresh(column: Column) -> str:
    if column.category == "N":
        return str(uuid.uuid4().int % 1_000_000_000 + 1_000_000_000)
    return str(uuid.uuid4())


_BY_TYPE: Final[tuple[tuple[str, tuple[str, str, str]], ...]] = (
    ("interval", _INTERVALS),
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


def _by_type(kind: str, scenario: int) -> str:
    if kind.endswith("[]"):
        return "{}"
    if kind == "uuid":
        return str(uuid.UUID(int=scenario + 1))
    return next((values[scenario] for prefix, values in _BY_TYPE if prefix in kind), str((1, 2, 10)[scenario]))


def _array(values: Sequence[str]) -> str:
    inner = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in dict.fromkeys(values))
    return "{" + inner + "}"


def _first_element(array: str) -> str:
    """The first element of a one-dimensional array as the server writes it: ``{a,"b\\"c"}``."""
    found = re.match(r'\{(?:"((?:[^"\\]|\\.)*)"|([^,}]*))', array)
    if found is None:
        return ""
    return re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2]


_NUMBERS: Final = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})


_TEXTS: Final = frozenset({"text", "character varying", "character", "name", '"char"', "citext"})
_INSTANTS: Final = frozenset({"date", "timestamp with time zone", "timestamp without time zone"})


def _group(kind: str) -> str:
    """What types read the same literals: a bound for a timestamp does for a date, but not for a number."""
    bare = re.sub(r"\(.*?\)", "", kind)
    groups = (("number", _NUMBERS), ("text", _TEXTS), ("instant", _INSTANTS))
    return next((name for name, members in groups if bare in members), bare)


def _fits(kind: str, column: Column) -> bool:
    """Whether a parameter of type ``kind`` takes the column's own values; unknown types take everything."""
    return (
        not kind or _group(kind) == _group(column.type) or (_group(kind) == "text" and not column.type.endswith("[]"))
    )


def _literal(value: str, kind: str) -> str:
    """A value as SQL: bare where the server wants a number, since ``substr(x, '1')`` is another function."""
    if kind in _NUMBERS and re.fullmatch(r"\d+(\.\d+)?", value):
        return value
    escaped = value.replace("'", "''")
    return "E'" + escaped.replace("\\", "\\\\") + "'" if "\\" in value else f"'{escaped}'"
