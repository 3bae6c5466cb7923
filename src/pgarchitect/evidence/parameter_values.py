"""Values for parameters: what the application may have sent, taken from the statistics of the columns.

A value is offered for every scenario of ``scenarios``. Which of them is nearest to reality is judged there, by the
frequencies of the values and by the rows per call that the server counted.
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pgarchitect.evidence.column_values import array_literal, beginning, quantile, several, shares, typical
from pgarchitect.evidence.document_values import Members, member, members, numbers_only, texts
from pgarchitect.evidence.parameter_roles import Role, RoleKind
from pgarchitect.evidence.scenarios import ASKED_FOR, Shares
from pgarchitect.evidence.type_values import NUMBERS, bound_by_type, by_type, group, literal
from pgarchitect.schema.catalog import Column, Table

_LOWER: Final = (0.90, 0.50, 0.99, 0.25)
_UPPER: Final = (0.97, 0.60, 1.0, 0.75)
_UPPER_ALONE: Final = (0.10, 0.50, 0.01, 0.75)
"""Ends of ranges as parts of the column's values, for all scenarios but the last, whose width comes from the count."""
_WIDEST: Final = 0.5
_NARROWEST: Final = 0.0001
_UNKNOWN_WIDTH: Final = 0.001
"""Parts of the table that the range of the newest rows holds: at most, at least, and where nothing was counted."""
_FEW: Final = 20
_PAGES: Final = (10, 1, 100, 0, 0)
"""Pages that an OFFSET is taken to skip."""
_ELEMENTS: Final = 3
_MOST_ELEMENTS: Final = 100
"""Elements of a list where the count does not tell, and at most."""
_PREFIX: Final = (False, True, False, True, False)
"""Scenarios that look for a beginning (``abc%``) instead of a part (``%abc%``); the other way round where an index
that serves nothing but beginnings shows that the application looks for them."""
_WORD: Final = 8
_UNKNOWN_PART: Final = 0.05
"""Part of the column's values that begin alike, where nothing was counted."""

Where = tuple[int, str]
"""(table oid, column)"""
Samples = Mapping[Where, Sequence[Any]]
"""Some of a JSON column's documents."""


@dataclass(frozen=True, slots=True)
class Evident:
    """What is known of the parameters of a statement besides the statistics.

    Attributes:
        types: parameter → type, as PREPARE resolved it; empty when it could not.
        samples: documents of JSON columns.
        labels: enum type → its labels, in their order.
        prefixes: columns with an index that serves only comparisons of beginnings.
        lists: parameters that stand for a whole list: ``IN ($1 /*, ... */)``.
        rows_per_call: as the server counted; a LIMIT is taken to be no smaller. None: nothing was counted.
    """

    types: Mapping[int, str] = field(default_factory=dict)
    samples: Samples = field(default_factory=dict)
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prefixes: frozenset[Where] = frozenset()
    lists: frozenset[int] = frozenset()
    rows_per_call: float | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """Chooses the values of one statement's parameters: by role, and by what else is evident."""

    roles: Mapping[int, Role]
    evident: Evident

    def literals(self, scenario: int) -> dict[int, str]:
        """The SQL literal of every parameter in a scenario (an index of ``SCENARIOS``); of a list, all its members."""
        return {number: self._literal(number, role, scenario) for number, role in self.roles.items()}

    def shares(self) -> list[Shares]:
        """For each parameter that tells it, how often each scenario's value is asked for."""
        found = (self._shares(number, role) for number, role in sorted(self.roles.items()))
        return [each for each in found if each is not None]

    def _shares(self, number: int, role: Role) -> Shares | None:
        if role.kind in _ASKED_FOR:
            return ASKED_FOR
        if role.kind in {RoleKind.EQUAL, RoleKind.ARRAY} and role.column is not None and self._takes(number, role):
            return shares(role.column)
        return None

    def _takes(self, number: int, role: Role) -> bool:
        """Whether the parameter takes the column's own values."""
        return role.column is None or role.kind in _ANY_TYPE or _fits(self._type(number), role.column)

    def _literal(self, number: int, role: Role, scenario: int) -> str:
        kind = self._type(number)
        if not kind and role.column is not None and role.kind is RoleKind.EQUAL:
            kind = role.column.type  # the server reads ARRAY['1'] as texts
        if number in self.evident.lists and role.column is not None and role.table is not None:
            chosen = several(role.column, scenario, self._elements(role.table, role.column))
            if chosen and self._takes(number, role):
                return ", ".join(literal(_cased(value, role), kind) for value in chosen)
        return literal(self._value(number, role, scenario), kind)

    def _value(self, number: int, role: Role, scenario: int) -> str:
        kind, column = role.kind, role.column
        if kind is RoleKind.LIMIT:
            return str(self._limit())
        if kind is RoleKind.OFFSET:
            return str(self._limit() * _PAGES[scenario])
        if kind in _FIXED:
            return _FIXED[kind]
        if column is None or role.table is None:
            return self._by_type(self._type(number), scenario)
        return _cased(self._of_column(number, role, role.table, column, scenario), role)

    def _limit(self) -> int:
        counted = self.evident.rows_per_call or 0.0
        return max(round(counted), 1) if counted >= 1 else _FEW

    def _of_column(self, number: int, role: Role, table: Table, column: Column, scenario: int) -> str:
        if role.kind in _OF_DOCUMENTS and column.type in {"json", "jsonb"}:
            return self._of_json(number, role, table, column, scenario)
        if not self._takes(number, role):
            return self._element(number, column, scenario)
        if role.kind in {RoleKind.LOWER_BOUND, RoleKind.UPPER_BOUND}:
            lower = role.kind is RoleKind.LOWER_BOUND
            found = quantile(column, self._end(table, column, scenario, lower=lower))
            return found or bound_by_type(column.type, scenario, lower=lower)
        if role.kind is RoleKind.ARRAY:
            return array_literal(several(column, scenario, self._elements(table, column)))
        if role.kind is RoleKind.PATTERN:
            return self._pattern(table, column, scenario)
        if role.kind is RoleKind.NEW_VALUE and _must_differ(table, column):
            return _fresh(column, number)
        return self._nth_typical(number, role, column, scenario)

    def _end(self, table: Table, column: Column, scenario: int, *, lower: bool) -> float:
        """Where a range begins or ends, as a part of the column's values."""
        alone = not lower and not self._has_lower_bound(column)
        if scenario < len(_LOWER):
            return (_LOWER if lower else _UPPER_ALONE if alone else _UPPER)[scenario]
        width = min(max(self._part(table, _UNKNOWN_WIDTH), _NARROWEST), _WIDEST)
        return 1 - width if lower else width if alone else 1.0

    def _part(self, table: Table, unknown: float) -> float:
        """The part of a table that one call returns; ``unknown`` where the count does not tell."""
        counted = self.evident.rows_per_call
        return counted / table.rows if counted and table.rows > 0 else unknown

    def _elements(self, table: Table, column: Column) -> int:
        """How many values a list holds: so many as return the rows that were counted."""
        counted = self.evident.rows_per_call
        if not counted or table.rows <= 0:
            return _ELEMENTS
        each = max(table.rows / table.distinct(column), 1.0)
        return min(max(round(counted / each), 1), _MOST_ELEMENTS)

    def _element(self, number: int, column: Column, scenario: int) -> str:
        """A value for what is made of a column: an element of its array, or anything of the right type."""
        kind, found = self._type(number), typical(column, scenario)
        if found is not None and column.type.endswith("[]") and group(kind) == group(column.type.removesuffix("[]")):
            return _first_element(found)
        return self._by_type(kind, scenario)

    def _nth_typical(self, number: int, role: Role, column: Column, scenario: int) -> str:
        """Members of one IN list, or two parameters for one column, get different values."""
        rivals = [n for n, other in sorted(self.roles.items()) if other.column is column and other.kind is role.kind]
        place = rivals.index(number) if number in rivals else 0
        value = typical(column, scenario, skip=place)
        return value if value is not None else self._by_type(self._type(number) or column.type, scenario + place)

    def _has_lower_bound(self, column: Column) -> bool:
        return any(role.kind is RoleKind.LOWER_BOUND and role.column is column for role in self.roles.values())

    def _pattern(self, table: Table, column: Column, scenario: int) -> str:
        where = (table.oid, column.name)
        value = typical(column, scenario) or ""
        if value.startswith("{") or column.type in {"json", "jsonb"}:
            found = texts(self._documents(table, column))
            value = found[len(found) // 2] if found else ""
        if _PREFIX[scenario] != (where in self.evident.prefixes):
            asked = beginning(column, value, self._part(table, _UNKNOWN_PART))
            return re.sub(r"([\\%_])", r"\\\1", asked or "a") + "%"
        words = re.findall(r"\w{3,}", value)
        return f"%{max(words, key=len)[:_WORD]}%" if words else "%a%"

    def _of_json(self, number: int, role: Role, table: Table, column: Column, scenario: int) -> str:
        found = self._members(role, table, column)
        if not found:
            return "{}" if role.kind is RoleKind.JSON_PART else "x"
        key, value = member(found, scenario)
        if role.kind is RoleKind.JSON_KEY:
            return array_literal([key]) if self._type(number) == "text[]" else key
        if role.kind is RoleKind.JSON_PART:
            return json.dumps({key: value}, ensure_ascii=False)
        return value if isinstance(value, str) and self._type(number) != "jsonb" else json.dumps(value)

    def _members(self, role: Role, table: Table, column: Column) -> Members:
        found = members(self._documents(table, column))
        if role.kind is RoleKind.JSON_VALUE and isinstance(role.json_key, str):
            found = {key: found[key] for key in found if key == role.json_key} or found
        return (numbers_only(found) or found) if self._as_number(column) else found

    def _documents(self, table: Table, column: Column) -> Sequence[Any]:
        """A sample of a JSON column; where there are no rows, as on a twin, those that its statistics hold."""
        sampled = self.evident.samples.get((table.oid, column.name), ())
        statistics = column.statistics
        if sampled or statistics is None or column.type not in {"json", "jsonb"}:
            return sampled
        return [json.loads(text) for text in (*statistics.common_values, *statistics.histogram)]

    def _as_number(self, column: Column) -> bool:
        """Whether the statement takes a member of a document for a number: ``(document->>$1)::int > $2``."""
        return any(
            role.column is column and role.kind is not RoleKind.JSON_KEY and self._type(number) in NUMBERS
            for number, role in self.roles.items()
        )

    def _by_type(self, kind: str, scenario: int) -> str:
        labels = self.evident.labels.get(kind)
        return labels[scenario % len(labels)] if labels else by_type(kind, scenario)

    def _type(self, number: int) -> str:
        return self.evident.types.get(number, "")


_OF_DOCUMENTS: Final = frozenset({RoleKind.JSON_KEY, RoleKind.JSON_VALUE, RoleKind.JSON_PART})
_ANY_TYPE: Final = frozenset({RoleKind.ARRAY, RoleKind.PATTERN})
_ASKED_FOR: Final = frozenset({RoleKind.LOWER_BOUND, RoleKind.UPPER_BOUND, RoleKind.PATTERN, RoleKind.OFFSET})
_FIXED: Final[Mapping[RoleKind, str]] = {
    RoleKind.TIME_UNIT: "day",
    RoleKind.TIME_ZONE: "UTC",
    RoleKind.SEPARATOR: ",",
}


def _cased(value: str, role: Role) -> str:
    return {"lower": value.lower(), "upper": value.upper()}.get(role.case, value)


def _must_differ(table: Table, column: Column) -> bool:
    return any(index.unique and index.keys == (column.quoted,) for index in table.indexes)


def _fresh(column: Column, number: int) -> str:
    """A value that no row has, for a parameter always the same one: a run is undone before the next."""
    other = uuid.uuid5(uuid.NAMESPACE_OID, f"{column.name} {number}")
    return str(other.int % 1_000_000_000 + 1_000_000_000) if column.category == "N" else str(other)


def _first_element(array: str) -> str:
    """The first element of a one-dimensional array as the server writes it: ``{a,"b\\"c"}``."""
    found = re.match(r'\{(?:"((?:[^"\\]|\\.)*)"|([^,}]*))', array)
    if found is None:
        return ""
    return re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2]


def _fits(kind: str, column: Column) -> bool:
    """Whether a parameter of type ``kind`` takes the column's own values; unknown types take everything."""
    return not kind or group(kind) == group(column.type) or (group(kind) == "text" and not column.type.endswith("[]"))
