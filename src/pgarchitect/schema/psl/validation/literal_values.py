"""Literals in ``@default`` whose text must be a value of the field's type."""

import base64
import binascii
import datetime as dt
import json
import re
from typing import Final, NoReturn

from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import Array, Call, Expression, Number, StringLiteral
from pgarchitect.schema.psl.validation.facts import FieldFacts, SchemaFacts

_RFC_3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))", re.ASCII
)
_DECIMAL: Final = re.compile(r"[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d+", re.ASCII)


def check_default_value(schema: SchemaFacts, field: FieldFacts) -> None:
    """Note what is wrong with the value of a field's default."""
    if field.default_map is not None and field.default_attribute is not None:
        text = (
            "You defined a database name for the default value of a field on the model. This is not "
            "supported by the provider."
        )
        schema.error(field.model.file, field.default_attribute, f'Error parsing attribute "@default": {text}')
    value = field.default
    if isinstance(value, Call) and value.name.text == "auto":
        text = "The current connector does not support the `auto()` function."
        schema.error(field.model.file, value, f'Error parsing attribute "@default": {text}')
    elif field.scalar is not None and value is not None:
        for each in value.items if isinstance(value, Array) else (value,):
            _literal(schema, field, field.scalar, each)


def _literal(schema: SchemaFacts, field: FieldFacts, scalar: Scalar, value: Expression) -> None:
    what = ""
    attribute = "@default"
    problem: str | None = None
    if isinstance(value, Number) and scalar in {Scalar.INT, Scalar.BIG_INT}:
        what, problem = "integer", _integer(value.text)
    elif isinstance(value, StringLiteral):
        if scalar is Scalar.JSON:
            what, problem = "JSON string", _json(value.value)
        elif scalar is Scalar.BYTES:
            what, problem = "base64 string", _base64(value.value)
        elif scalar is Scalar.DATE_TIME:
            what, problem = "rfc3339 datetime string", _time(value.value)
        elif scalar is Scalar.DECIMAL:
            what, problem, attribute = "decimal", _decimal(value.value), "default"
    if problem is not None:
        text = value.value if isinstance(value, StringLiteral) else getattr(value, "text", "")
        wrong = f'Parse error: "{text}" is not a valid {what}. ({problem})'
        schema.error(field.model.file, value, f'Error parsing attribute "{attribute}": {wrong}')


def _integer(text: str) -> str | None:
    if not _INTEGER.fullmatch(text):
        return "invalid digit found in string"
    if not -(2**63) <= int(text) < 2**63:
        return f"number too {'small' if text.startswith('-') else 'large'} to fit in target type"
    return None


def _decimal(text: str) -> str | None:
    if not text:
        return "Failed to parse empty string"
    return None if _DECIMAL.fullmatch(text) else "invalid digit found in string"


def _base64(text: str) -> str | None:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "Could not convert from `base64 encoded bytes` to `PrismaValue::Bytes`"
    return None


def _json(text: str) -> str | None:
    """What is wrong with JSON."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is no JSON")

    try:
        json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        return _told(text, error)
    except (ValueError, RecursionError) as error:
        return str(error)
    return None


def _told(text: str, error: json.JSONDecodeError) -> str:
    """What Python's library says of JSON in the words of Prisma's, as far as they have the same to say."""
    last = text.rsplit("\n", 1)[-1]
    at_end = error.pos >= len(text) or any(word.startswith(text[error.pos :]) for word in ("true", "false", "null"))
    what = {
        "Extra data": "trailing characters",
        "Expecting value": "EOF while parsing a value" if at_end else "expected value",
        "Expecting property name enclosed in double quotes": (
            "EOF while parsing an object" if at_end else "key must be a string"
        ),
        "Illegal trailing comma before end of array": "trailing comma",
        "Illegal trailing comma before end of object": "trailing comma",
        "Expecting ':' delimiter": "EOF while parsing an object" if at_end else "expected `:`",
        "Unterminated string starting at": "EOF while parsing a string",
    }.get(error.msg, error.msg)
    if text[error.pos : error.pos + 1] in {"]", "}"} and text[: error.pos].rstrip().endswith(","):
        what = "trailing comma"
    column = len(last) if what.startswith("EOF") else error.colno
    return f"{what} at line {text.count(chr(10)) + 1 if what.startswith('EOF') else error.lineno} column {column}"


def _time(text: str) -> str | None:
    found = _RFC_3339.match(text)
    if found is None:
        begun = r"\d{0,4}|\d{4}-(\d{0,2}|\d\d-(\d{0,2}|\d\d[Tt ][\d:.]*))"
        cut = re.fullmatch(begun, text, re.ASCII)
        return (
            "premature end of input"
            if cut and not re.search(r"[T ]\d\d:\d\d$", text)
            else "input contains invalid characters"
        )
    year, month, day, hour, minute, second, zone_hours, zone_minutes = (int(each or 0) for each in found.groups())
    try:
        dt.datetime(max(year, 1), month, day, hour, minute, min(second, 59), tzinfo=dt.UTC)
    except ValueError:
        return "input is out of range"
    if second > 60 or zone_hours > 23 or zone_minutes > 59:
        return "input is out of range"
    return "trailing input" if found.end() < len(text) else None
