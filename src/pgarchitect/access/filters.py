"""Types of conditions, orders and updates of fields, for a generated client; when it runs they are plain mappings."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal, TypedDict
from uuid import UUID

StringFilter = TypedDict(
    "StringFilter",
    {
        "equals": str | None,
        "not": "str | StringFilter | None",
        "in": Sequence[str],
        "not_in": Sequence[str],
        "lt": str,
        "lte": str,
        "gt": str,
        "gte": str,
        "contains": str,
        "starts_with": str,
        "ends_with": str,
        "mode": Literal["default", "insensitive"],
    },
    total=False,
)
OtherFilter = TypedDict(
    "OtherFilter",
    {
        "equals": str | None,
        "not": "str | OtherFilter | None",
        "in": Sequence[str],
        "not_in": Sequence[str],
        "lt": str,
        "lte": str,
        "gt": str,
        "gte": str,
    },
    total=False,
)
IntFilter = TypedDict(
    "IntFilter",
    {
        "equals": int | None,
        "not": "int | IntFilter | None",
        "in": Sequence[int],
        "not_in": Sequence[int],
        "lt": int,
        "lte": int,
        "gt": int,
        "gte": int,
    },
    total=False,
)
FloatFilter = TypedDict(
    "FloatFilter",
    {
        "equals": float | None,
        "not": "float | FloatFilter | None",
        "in": Sequence[float],
        "not_in": Sequence[float],
        "lt": float,
        "lte": float,
        "gt": float,
        "gte": float,
    },
    total=False,
)
DecimalFilter = TypedDict(
    "DecimalFilter",
    {
        "equals": Decimal | int | None,
        "not": "Decimal | int | DecimalFilter | None",
        "in": Sequence[Decimal | int],
        "not_in": Sequence[Decimal | int],
        "lt": Decimal | int,
        "lte": Decimal | int,
        "gt": Decimal | int,
        "gte": Decimal | int,
    },
    total=False,
)
DateTimeFilter = TypedDict(
    "DateTimeFilter",
    {
        "equals": datetime | None,
        "not": "datetime | DateTimeFilter | None",
        "in": Sequence[datetime],
        "not_in": Sequence[datetime],
        "lt": datetime,
        "lte": datetime,
        "gt": datetime,
        "gte": datetime,
    },
    total=False,
)
DateFilter = TypedDict(
    "DateFilter",
    {
        "equals": date | None,
        "not": "date | DateFilter | None",
        "in": Sequence[date],
        "not_in": Sequence[date],
        "lt": date,
        "lte": date,
        "gt": date,
        "gte": date,
    },
    total=False,
)
TimeFilter = TypedDict(
    "TimeFilter",
    {
        "equals": time | None,
        "not": "time | TimeFilter | None",
        "in": Sequence[time],
        "not_in": Sequence[time],
        "lt": time,
        "lte": time,
        "gt": time,
        "gte": time,
    },
    total=False,
)
UuidFilter = TypedDict(
    "UuidFilter",
    {
        "equals": UUID | str | None,
        "not": "UUID | str | UuidFilter | None",
        "in": Sequence[UUID | str],
        "not_in": Sequence[UUID | str],
        "lt": UUID | str,
        "lte": UUID | str,
        "gt": UUID | str,
        "gte": UUID | str,
    },
    total=False,
)
BytesFilter = TypedDict(
    "BytesFilter",
    {"equals": bytes | None, "not": "bytes | BytesFilter | None", "in": Sequence[bytes], "not_in": Sequence[bytes]},
    total=False,
)
BooleanFilter = TypedDict("BooleanFilter", {"equals": bool | None, "not": "bool | BooleanFilter | None"}, total=False)
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
