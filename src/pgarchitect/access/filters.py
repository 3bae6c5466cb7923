"""Types of conditions, orders and updates of fields, for a generated client; when it runs they are plain mappings."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal, TypedDict
from uuid import UUID

from pgarchitect.access.fields import Field

StringFilter = TypedDict(
    "StringFilter",
    {
        "equals": str | Field | None,
        "not": "str | Field | StringFilter | None",
        "in": Sequence[str],
        "not_in": Sequence[str],
        "lt": str | Field,
        "lte": str | Field,
        "gt": str | Field,
        "gte": str | Field,
        "contains": str,
        "starts_with": str,
        "ends_with": str,
        "search": str,
        "websearch": str,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
OtherFilter = TypedDict(
    "OtherFilter",
    {
        "equals": str | Field | None,
        "not": "str | Field | OtherFilter | None",
        "in": Sequence[str],
        "not_in": Sequence[str],
        "lt": str | Field,
        "lte": str | Field,
        "gt": str | Field,
        "gte": str | Field,
    },
    total=False,
)
IntFilter = TypedDict(
    "IntFilter",
    {
        "equals": int | Field | None,
        "not": "int | Field | IntFilter | None",
        "in": Sequence[int],
        "not_in": Sequence[int],
        "lt": int | Field,
        "lte": int | Field,
        "gt": int | Field,
        "gte": int | Field,
    },
    total=False,
)
FloatFilter = TypedDict(
    "FloatFilter",
    {
        "equals": float | Field | None,
        "not": "float | Field | FloatFilter | None",
        "in": Sequence[float],
        "not_in": Sequence[float],
        "lt": float | Field,
        "lte": float | Field,
        "gt": float | Field,
        "gte": float | Field,
    },
    total=False,
)
DecimalFilter = TypedDict(
    "DecimalFilter",
    {
        "equals": Decimal | int | Field | None,
        "not": "Decimal | int | Field | DecimalFilter | None",
        "in": Sequence[Decimal | int],
        "not_in": Sequence[Decimal | int],
        "lt": Decimal | int | Field,
        "lte": Decimal | int | Field,
        "gt": Decimal | int | Field,
        "gte": Decimal | int | Field,
    },
    total=False,
)
DateTimeFilter = TypedDict(
    "DateTimeFilter",
    {
        "equals": datetime | Field | None,
        "not": "datetime | Field | DateTimeFilter | None",
        "in": Sequence[datetime],
        "not_in": Sequence[datetime],
        "lt": datetime | Field,
        "lte": datetime | Field,
        "gt": datetime | Field,
        "gte": datetime | Field,
    },
    total=False,
)
DateFilter = TypedDict(
    "DateFilter",
    {
        "equals": date | Field | None,
        "not": "date | Field | DateFilter | None",
        "in": Sequence[date],
        "not_in": Sequence[date],
        "lt": date | Field,
        "lte": date | Field,
        "gt": date | Field,
        "gte": date | Field,
    },
    total=False,
)
TimeFilter = TypedDict(
    "TimeFilter",
    {
        "equals": time | Field | None,
        "not": "time | Field | TimeFilter | None",
        "in": Sequence[time],
        "not_in": Sequence[time],
        "lt": time | Field,
        "lte": time | Field,
        "gt": time | Field,
        "gte": time | Field,
    },
    total=False,
)
UuidFilter = TypedDict(
    "UuidFilter",
    {
        "equals": UUID | str | Field | None,
        "not": "UUID | str | Field | UuidFilter | None",
        "in": Sequence[UUID | str],
        "not_in": Sequence[UUID | str],
        "lt": UUID | str | Field,
        "lte": UUID | str | Field,
        "gt": UUID | str | Field,
        "gte": UUID | str | Field,
    },
    total=False,
)
DocumentFilter = TypedDict(
    "DocumentFilter",
    {"equals": str | None, "not": "str | DocumentFilter | None", "search": str, "websearch": str},
    total=False,
)
BytesFilter = TypedDict(
    "BytesFilter",
    {
        "equals": bytes | Field | None,
        "not": "bytes | Field | BytesFilter | None",
        "in": Sequence[bytes],
        "not_in": Sequence[bytes],
    },
    total=False,
)
BooleanFilter = TypedDict(
    "BooleanFilter", {"equals": bool | Field | None, "not": "bool | Field | BooleanFilter | None"}, total=False
)
JsonFilter = TypedDict(
    "JsonFilter",
    {
        "equals": Any,
        "not": Any,
        "in": Sequence[Any],
        "not_in": Sequence[Any],
        "path": Sequence[str | int],
        "lt": Any,
        "lte": Any,
        "gt": Any,
        "gte": Any,
        "string_contains": str,
        "string_starts_with": str,
        "string_ends_with": str,
        "mode": Literal["default", "insensitive"],
        "json_contains": Any,
        "json_contained_by": Any,
        "has_key": str,
        "has_any_key": Sequence[str],
        "has_all_keys": Sequence[str],
    },
    total=False,
)


class ListFilter(TypedDict, total=False):
    """Conditions on a list."""

    equals: Sequence[Any] | None
    has: Any
    has_every: Sequence[Any]
    has_some: Sequence[Any]
    is_empty: bool


class NumberUpdate(TypedDict, total=False):
    """One of the ways in which a number is changed."""

    set: float | Decimal | int | None
    increment: float | Decimal | int
    decrement: float | Decimal | int
    multiply: float | Decimal | int
    divide: float | Decimal | int


class ListUpdate(TypedDict, total=False):
    """One of the ways in which a list is changed."""

    set: Sequence[Any]
    push: Any


class NullsOrder(TypedDict, total=False):
    """The order of a field that may be null."""

    sort: Literal["asc", "desc"]
    nulls: Literal["first", "last"]


Sort = Literal["asc", "desc"] | NullsOrder
"""The order of one field."""


class CountOrder(TypedDict):
    """An order by how many rows a relation leads to."""

    _count: Literal["asc", "desc"]


Json = Any
"""A JSON value: None, a boolean, a number, a text, a list or a mapping."""
