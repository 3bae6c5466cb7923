"""A column → a property of pgTable."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import Column, Identity
from pgarchitect.schema.ddl.columns import is_serial
from pgarchitect.schema.mirrors.drizzle.client_values import client_value, now
from pgarchitect.schema.mirrors.drizzle.defaults import default_call, expression
from pgarchitect.schema.mirrors.drizzle.scope import Scope
from pgarchitect.schema.mirrors.drizzle.types import column_builder
from pgarchitect.schema.mirrors.typescript_code import Call, chain, comment, key
from pgarchitect.schema.psl.prisma_schema import Field, FunctionDefault


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
        yield Call(".generatedAlwaysAs", (expression(column.generated),), simple=False)
    elif column.default is not None and not serial:
        yield default_call(column, column.default, scope, home)
    if field is not None:
        yield from _by_the_client(field, column, scope)


def _by_the_client(field: Field, column: Column, scope: Scope) -> Iterator[Call]:
    if isinstance(field.default, FunctionDefault) and (made := client_value(field.default)) is not None:
        function, value = made
        scope.made.update({function} - {""})
        yield Call(".$defaultFn", (f"() => {value}",), simple=False)
    elif field.default == FunctionDefault("dbgenerated"):
        scope.used.add("sql")
        yield Call(".$defaultFn", ("() => sql`DEFAULT`",), simple=False)  # the database's own, which the schema hides
    if field.updated_at:
        yield Call(".$onUpdate", (f"() => {now(column.type.name)}",), simple=False)
