"""``writes.schema.json``: what is written as JSON Schema (2020-12): ``UserCreate``, ``UserUpdate``; Prisma's keys."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from pgarchitect.schema.database_schema import Column
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.header import GENERATED
from pgarchitect.schema.mirrors.mirrored import Mirrored
from pgarchitect.schema.mirrors.names import upper_first
from pgarchitect.schema.mirrors.python_types import python_type
from pgarchitect.schema.mirrors.source import MirrorSource
from pgarchitect.schema.mirrors.write_rules import WriteRule, may_be_left_out, write_rule
from pgarchitect.schema.psl.prisma_schema import Field

_KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "Decimal": {"type": ["number", "string"]},
    "dt.date": {"type": "string", "format": "date"},
    "dt.datetime": {"type": "string", "format": "date-time"},
    "dt.time": {"type": "string", "format": "time"},
    "dt.timedelta": {"type": "string", "format": "duration"},
    "float": {"type": "number"},
    "int": {"type": "integer"},
    "JsonValue": {},
    "list[float]": {"type": "array", "items": {"type": "number"}},
    "str": {"type": "string"},
    "UUID": {"type": "string", "format": "uuid"},
}


def json_schema_file(source: MirrorSource) -> str:
    """The text of ``writes.schema.json``.

    Raises:
        SchemaInvalid: an annotation in ``///`` cannot be read.
    """
    definitions: dict[str, Any] = {}
    for enum in source.schema.enums:
        definitions[upper_first(enum.name)] = {
            **_told(enum.documentation),
            "enum": [each.label for each in enum.values],
        }
    for each in source.tables:
        if not each.model.ignored and not each.model.is_view:
            name = upper_first(each.model.name)
            values = {field.name: _value(field, column, source) for field, column in each.shown}
            definitions[f"{name}Create"] = _write(each, values, create=True)
            definitions[f"{name}Update"] = _write(each, values, create=False)
    document = {
        "$comment": f"{GENERATED} Source: {source.digest}",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions,
    }
    # As json.dumps(…, indent=2) would write it, which does so in Python.
    return msgspec.json.format(json.dumps(document, ensure_ascii=False), indent=2) + "\n"


def _told(documentation: str) -> dict[str, Any]:
    prose = annotations(documentation).prose
    return {"description": prose} if prose else {}


def _write(table: Mirrored, values: Mapping[str, Any], *, create: bool) -> dict[str, Any]:
    required = [field.name for field, column in table.shown if not may_be_left_out(field, column)] if create else []
    return {
        **_told(table.model.documentation),
        "type": "object",
        "properties": values,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _value(field: Field, column: Column, source: MirrorSource) -> dict[str, Any]:
    kind = python_type(column.type)
    rule = write_rule(field, column)
    shape = annotations(field.documentation).shape_schema
    if kind.enum:
        one: dict[str, Any] = {"$ref": f"#/$defs/{upper_first(source.enums[kind.enum].name)}"}
    else:
        one = {
            **_KINDS[kind.name],
            **(shape if shape and kind.name == "JsonValue" else {}),
            **dict(_bounds(rule, decimal=kind.name == "Decimal")),
        }
    if column.type.array:
        least, most = rule.items
        one = {"type": "array", "items": one, **_given(minItems=least, maxItems=most)}
    if column.nullable and one:
        plain = isinstance(one.get("type"), str) and "enum" not in one
        one = {**one, "type": [one["type"], "null"]} if plain else {"anyOf": [one, {"type": "null"}]}
    return {**_told(field.documentation), **one}


def _given(**keywords: int | None) -> dict[str, Any]:
    return {name: value for name, value in keywords.items() if value is not None}


def _bounds(rule: WriteRule, *, decimal: bool) -> Iterator[tuple[str, Any]]:
    if rule.least:
        yield "minimum", json.loads(rule.least)
    if rule.most:
        yield "maximum", json.loads(rule.most)
    if rule.min_length is not None:
        yield "minLength", rule.min_length
    if rule.max_length is not None:
        yield "maxLength", rule.max_length
    if rule.pattern:
        yield "pattern", rule.pattern
    if rule.digits:
        whole = rule.digits[0] - rule.digits[1]
        yield "exclusiveMinimum", -(10**whole)
        yield "exclusiveMaximum", 10**whole
    if decimal and not rule.pattern:
        yield "pattern", _decimal_pattern(rule.digits)


def _decimal_pattern(digits: tuple[int, int] | None) -> str:
    """A decimal number as text, with so many digits and so many of them behind the point; None: any."""
    if digits is None:
        return r"^-?\d+(\.\d+)?$"
    whole, behind = digits[0] - digits[1], digits[1]
    before = rf"(0|[1-9]\d{{0,{whole - 1}}})" if whole else "0"
    return rf"^-?{before}(\.\d{{1,{behind}}})?$" if behind else rf"^-?{before}$"
