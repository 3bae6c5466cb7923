"""A column → a property of pgTable."""

import json
import re
from collections.abc import Iterator
from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnDefault, DefaultKind, Identity
from pgarchitect.schema.ddl.columns import default_sql, is_serial
from pgarchitect.schema.ddl.quoting import literal
from pgarchitect.schema.mirrors.drizzle.client_values import client_value, now
from pgarchitect.schema.mirrors.drizzle.scope import Scope
from pgarchitect.schema.mirrors.drizzle.types import column_builder
from pgarchitect.schema.mirrors.typescript_code import Call, chain, comment, key, template, text
from pgarchitect.schema.psl.prisma_schema import Field, FunctionDefault

_WRITTEN_AS_NUMBERS: Final = frozenset({"int2", "int4", "float4", "float8"})
_TEXTS: Final = frozenset({"text", "varchar", "bpchar", "uuid", "inet", "citext", "numeric"})
_EXACT: Final = 2**53
"""The largest number that JavaScript holds to the last digit."""
_STRING: Final = re.compile(r"'((?:[^']|'')*)'")


def column_property(field: Field | None, column: Column, scope: Scope, home: str, indent: str, *, primary: bool) -> str:
    """A column with its comment, and a line's end.

    Args:
        field: of the schema; None: of the table of a many-to-many relation.
        column: of the database.
        scope: where names are noted.
        home: schema that SQL leaves out.
        indent: of the line.
        primary: it is the whole primary key.
    """
    calls = tuple(_calls(field, column, scope, home, primary=primary))
    name = key(field.name if field else column.name)
    return comment(field.documentation if field else "", indent) + chain(calls, indent, f"{name}: ") + "\n"


def _calls(field: Field | None, column: Column, scope: Scope, home: str, *, primary: bool) -> Iterator[Call]:
    serial = is_serial(column)
    yield column_builder(column.type, column.name, scope, home, serial=serial)
    if column.type.array:
        yield Call(".array")
    if not column.nullable and not primary:
        yield Call(".notNull")
    if primary:
        yield Call(".primaryKey")
    if column.identity is not None:
        yield Call(
            ".generatedAlwaysAsIdentity" if column.identity is Identity.ALWAYS else ".generatedByDefaultAsIdentity"
        )
    if column.generated:
        scope.used.add("sql")
        yield Call(".generatedAlwaysAs", (_sql(column.generated),), simple=False)
    elif column.default is not None and not serial:
        yield _default(column, column.default, scope, home)
    if field is not None:
        yield from _by_the_client(field, column, scope)


def _by_the_client(field: Field, column: Column, scope: Scope) -> Iterator[Call]:
    if isinstance(field.default, FunctionDefault) and (made := client_value(field.default)) is not None:
        function, expression = made
        scope.made.update({function} - {""})
        yield Call(".$defaultFn", (f"() => {expression}",), simple=False)
    elif field.default == FunctionDefault("dbgenerated"):
        scope.used.add("sql")
        yield Call(".$defaultFn", ("() => sql`DEFAULT`",), simple=False)  # the database's own, which the schema hides
    if field.updated_at:
        yield Call(".$onUpdate", (f"() => {now(column.type.name)}",), simple=False)


def _default(column: Column, default: ColumnDefault, scope: Scope, home: str) -> Call:
    if default.kind is DefaultKind.LITERAL and (plain := _plain(column, default.sql)) is not None:
        return Call(".default", (plain,))
    scope.used.add("sql")
    if default.kind is DefaultKind.LITERAL and not column.type.array and column.type.name in {"json", "jsonb"}:
        return Call(".default", (_sql(_json(default.sql, column.type.name)),), simple=False)
    return Call(".default", (_sql(default_sql(column, default, home)),), simple=False)


def _plain(column: Column, sql: str) -> str | None:
    """A constant as a literal of TypeScript; None: it is better left in SQL."""
    if column.type.array:
        return None
    if column.type.name == "bool":
        return sql
    if column.type.name in _WRITTEN_AS_NUMBERS and abs(float(sql)) <= _EXACT:
        return sql.rstrip("0").rstrip(".") if "." in sql else sql
    found = _STRING.fullmatch(sql)
    if found is None:
        return text(sql) if column.type.name == "numeric" else None
    is_text = column.type.name in _TEXTS or column.type.kind.value == "enum"
    return text(found[1].replace("''", "'")) if is_text else None


def _json(sql: str, kind: str) -> str:
    """JSON without spaces and with its cast, as drizzle-kit reads it from a catalog."""
    found = _STRING.fullmatch(sql)
    if found is None:
        return sql
    compact = json.dumps(json.loads(found[1].replace("''", "'")), ensure_ascii=False, separators=(",", ":"))
    return f"{literal(compact)}::{kind}"


def _sql(expression: str) -> str:
    return f"sql`{template(expression)}`"
