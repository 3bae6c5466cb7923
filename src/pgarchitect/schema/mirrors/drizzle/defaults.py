"""The default of a column, spelled as drizzle-kit reads it from a catalog: else it would find a change in each of them.

A catalog prints constants in its own way: times without zeros behind and in UTC, negative and great numbers in quotes,
the keys of JSON in jsonb's order. drizzle-kit compares texts, after it has cut off the cast.
"""

import json
import re
from datetime import UTC, datetime
from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnDefault, DefaultKind
from pgarchitect.schema.ddl.columns import default_sql
from pgarchitect.schema.ddl.quoting import literal
from pgarchitect.schema.mirrors.drizzle.scope import Scope
from pgarchitect.schema.mirrors.typescript_code import Call, template, text

_WRITTEN_AS_NUMBERS: Final = frozenset({"int2", "int4", "float4", "float8"})
_TEXTS: Final = frozenset({"text", "varchar", "bpchar", "uuid", "inet", "citext", "numeric"})
_EXACT: Final = 2**53
"""The largest number that JavaScript holds to the last digit."""
_PLAIN: Final = 1e-6
"""The smallest number that JavaScript writes without an exponent."""
_WIDE: Final = 2**31
"""From here on PostgreSQL takes a literal for a bigint, and prints it in quotes."""
_STRING: Final = re.compile(r"'((?:[^']|'')*)'")
_CAST: Final = re.compile(r"(?P<constant>'(?:[^']|'')*')::(?P<type>\w+|\"\w+\")")
_MOMENT: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,6})? (?P<zone>[+-]\d\d:\d\d)"
)


def default_call(column: Column, default: ColumnDefault, scope: Scope, home: str) -> Call:
    """``.default(…)``.

    Args:
        column: that has it.
        default: of the column.
        scope: where names are noted.
        home: schema that SQL leaves out.
    """
    if default.kind is not DefaultKind.LITERAL or column.type.array:
        return _in_sql(_without_cast(column, default_sql(column, default, home)), scope)
    found = _STRING.fullmatch(default.sql)
    if found is None:
        number = _number(column, default.sql)
        return _in_sql(_quoted(column, default.sql), scope) if number is None else Call(".default", (number,))
    written = found[1].replace("''", "'")
    if column.type.name in _TEXTS or column.type.kind.value == "enum":
        return Call(".default", (text(written),))
    return _in_sql(_constant(column.type.name, written), scope)


def expression(sql: str) -> str:
    """SQL as a tagged template."""
    return f"sql`{template(sql)}`"


def _without_cast(column: Column, sql: str) -> str:
    """A constant of the column's own type needs no cast; another cast may change the value."""
    found = _CAST.fullmatch(sql)
    own = found is not None and not column.type.array and found["type"].strip('"') == column.type.name
    return found["constant"] if found is not None and own else sql


def _in_sql(sql: str, scope: Scope) -> Call:
    scope.used.add("sql")
    return Call(".default", (expression(sql),), simple=False)


def _number(column: Column, sql: str) -> str | None:
    """A number or truth value of TypeScript; None: it is better left in SQL."""
    if column.type.name == "bool":
        return sql
    if column.type.name == "numeric":
        return text(sql)
    if column.type.name in _WRITTEN_AS_NUMBERS and (float(sql) == 0 or _PLAIN <= float(sql) <= _EXACT):
        return sql.rstrip("0").rstrip(".") if "." in sql else sql
    return None


def _quoted(column: Column, sql: str) -> str:
    """A number in SQL, in quotes where a catalog prints them."""
    return literal(sql) if sql.startswith("-") or (column.type.name == "int8" and int(sql) >= _WIDE) else sql


def _constant(kind: str, written: str) -> str:
    if kind in {"json", "jsonb"}:
        return f"{literal(_json(written, kind))}::{kind}"
    found = _MOMENT.fullmatch(written)
    return literal(written if found is None else _moment(kind, found))


def _json(written: str, kind: str) -> str:
    value = json.loads(written, object_pairs_hook=_in_order if kind == "jsonb" else None)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _in_order(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Keys as jsonb keeps them: the shorter first, then by their bytes; the last of equal ones counts."""
    return dict(sorted(dict(pairs).items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode())))


def _moment(kind: str, found: re.Match[str]) -> str:
    """A time of the schema in that type; types without a zone ignore it, as PostgreSQL does."""
    date, time, zone = found["date"], found["time"], found["zone"]
    fraction = (found["fraction"] or "").rstrip("0").rstrip(".")
    match kind:
        case "date":
            return date
        case "time":
            return time + fraction
        case "timetz":
            return time + fraction + zone.removesuffix(":00")
        case "timestamp":
            return f"{date} {time}{fraction}"
        case "timestamptz":
            at = datetime.fromisoformat(f"{date}T{time}{zone}").astimezone(UTC)
            return f"{at.replace(tzinfo=None).isoformat(' ')}{fraction}+00"
        case _:
            return found[0]
