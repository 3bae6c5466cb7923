"""Whether an expression gives every row another value, so that a new column with it must be written row by row."""

from enum import Enum, auto
from itertools import pairwise
from typing import Final

from pgarchitect.schema.safety.known import Known
from pgarchitect.schema.safety.reading.tokens import TokenKind, tokens

_VOLATILE: Final = frozenset(
    [
        "clock_timestamp",
        "currval",
        "gen_random_bytes",
        "gen_random_uuid",
        "gen_salt",
        "lastval",
        "nanoid",
        "nextval",
        "random",
        "random_normal",
        "setval",
        "timeofday",
        "txid_current",
        "uuid_generate_v1",
        "uuid_generate_v1mc",
        "uuid_generate_v4",
        "uuidv4",
        "uuidv7",
        "ulid",
        "cuid",
    ]
)
"""``provolatile = 'v'`` in pg_proc of PostgreSQL 18, uuid-ossp and pgcrypto; and common names of users' functions."""
_STEADY: Final = frozenset(
    [
        "abs",
        "array",
        "array_agg",
        "ceil",
        "coalesce",
        "concat",
        "concat_ws",
        "current_database",
        "current_schema",
        "current_setting",
        "date_trunc",
        "decode",
        "encode",
        "extract",
        "floor",
        "format",
        "greatest",
        "int4range",
        "int8range",
        "daterange",
        "tsrange",
        "tstzrange",
        "json_build_array",
        "json_build_object",
        "jsonb_build_array",
        "jsonb_build_object",
        "least",
        "left",
        "length",
        "localtime",
        "localtimestamp",
        "lower",
        "lpad",
        "make_date",
        "make_interval",
        "make_timestamptz",
        "md5",
        "now",
        "nullif",
        "numrange",
        "point",
        "replace",
        "right",
        "round",
        "row",
        "rpad",
        "statement_timestamp",
        "string_to_array",
        "substr",
        "substring",
        "timezone",
        "to_char",
        "to_date",
        "to_json",
        "to_jsonb",
        "to_timestamp",
        "to_tsvector",
        "transaction_timestamp",
        "trim",
        "upper",
        "char",
        "varchar",
        "numeric",
        "decimal",
        "bit",
        "varbit",
        "timestamp",
        "timestamptz",
        "time",
        "interval",
        "current_timestamp",
        "current_time",
        "character",
        "float",
        "in",
    ]
)
"""Stable or immutable there, or no functions at all but written with parentheses."""


class Volatility(Enum):
    """What is known of an expression."""

    STEADY = auto()
    """One value for all rows: the catalog keeps it, and no row is written."""
    VOLATILE = auto()
    UNKNOWN = auto()
    """It calls a function that nobody has asked the database about."""


def volatility(expression: str, known: Known) -> Volatility:
    """Whether an expression's functions are volatile; the most volatile of them counts."""
    found = Volatility.STEADY
    for name in _called(expression):
        one = _of(name, known)
        if one is Volatility.VOLATILE:
            return one
        if one is Volatility.UNKNOWN:
            found = one
    return found


def _called(expression: str) -> list[str]:
    read = [token for token in tokens(expression) if token.kind is not TokenKind.COMMENT]
    return [first.name for first, second in pairwise(read) if first.is_name and second.text == "("]


def _of(name: str, known: Known) -> Volatility:
    if known.facts is not None and name in known.facts.functions:
        return Volatility.VOLATILE if known.facts.functions[name] == "v" else Volatility.STEADY
    if name in _VOLATILE:
        return Volatility.VOLATILE
    return Volatility.STEADY if name in _STEADY else Volatility.UNKNOWN
