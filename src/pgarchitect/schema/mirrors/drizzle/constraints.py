"""Keys, indexes and checks → the third argument of pgTable."""

from collections.abc import Callable, Iterator

from pgarchitect.schema.database_schema import Action, Constraint, ForeignKey, Index, IndexColumn, Table
from pgarchitect.schema.mirrors.drizzle.scope import Scope
from pgarchitect.schema.mirrors.typescript_code import Call, member, template, text

FieldOf = Callable[[str, str, str], str]
"""Namespace, table and column → the property that stands for the column."""


def table_constraints(table: Table, scope: Scope, field_of: FieldOf) -> Iterator[tuple[Call, ...]]:
    """Each key, index and check as a chain of calls; a primary key of one column stands with its column."""

    def own(column: str) -> str:
        return member("table", field_of(table.schema, table.name, column))

    if table.primary_key is not None and len(table.primary_key.columns) > 1:
        name = scope.builder("primaryKey")
        columns = tuple(map(own, table.primary_key.columns))
        yield (Call(name, (), (("name", text(table.primary_key.name)), ("columns", columns))),)
    for index in table.indexes:
        yield tuple(_index(index, scope, own))
    for foreign_key in table.foreign_keys:
        if (foreign_key.schema, foreign_key.table) in scope.tables:
            yield tuple(_foreign_key(table, foreign_key, scope, field_of))
    for check in table.constraints:
        if check.definition.startswith("CHECK "):
            yield (_check(check, scope),)


def _index(index: Index, scope: Scope, own: Callable[[str], str]) -> Iterator[Call]:
    if index.constraint:
        yield Call(scope.builder("unique"), (text(index.name),))
        yield Call(".on", tuple(own(each.name) for each in index.columns))
        if index.nulls_not_distinct:
            yield Call(".nullsNotDistinct")
        return
    keys = tuple(_key(each, index, scope, own) for each in index.columns)
    yield Call(scope.builder("uniqueIndex" if index.unique else "index"), (text(index.name),))
    simple = not any(each.startswith("sql`") for each in keys)
    if index.method == "btree":
        yield Call(".on", keys, simple=simple)
    else:
        yield Call(".using", (text(index.method), *keys), simple=simple)
    if index.where:
        scope.used.add("sql")
        yield Call(".where", (f"sql`{template(index.where)}`",), simple=False)
    if index.parameters:
        pairs = (each.partition("=") for each in index.parameters)
        yield Call(".with", (), tuple((name, text(value)) for name, _, value in pairs))


def _key(key: IndexColumn, index: Index, scope: Scope, own: Callable[[str], str]) -> str:
    """A key; Drizzle puts nulls last whatever the order, PostgreSQL puts them first in descending order."""
    if key.expression:
        scope.used.add("sql")
        return f"sql`{template(key.expression)}`"
    calls = ""
    if index.method == "btree":
        calls += ".desc()" if key.descending else ""
        calls += ".nullsFirst()" if key.nulls_first else ""
    if key.operator_class:
        calls += f".op({text(key.operator_class)})"
    return own(key.name) + calls


def _foreign_key(table: Table, key: ForeignKey, scope: Scope, field_of: FieldOf) -> Iterator[Call]:
    own = (key.schema, key.table) == (table.schema, table.name)
    other = "table" if own else scope.tables[key.schema, key.table]
    columns = tuple(member("table", field_of(table.schema, table.name, each)) for each in key.columns)
    references = tuple(member(other, field_of(key.schema, key.table, each)) for each in key.references)
    entries = (("name", text(key.name)), ("columns", columns), ("foreignColumns", references))
    yield Call(scope.builder("foreignKey"), (), entries, opened=True)
    if key.on_delete is not Action.NO_ACTION:
        yield Call(".onDelete", (text(key.on_delete.value.lower()),))
    if key.on_update is not Action.NO_ACTION:
        yield Call(".onUpdate", (text(key.on_update.value.lower()),))


def _check(check: Constraint, scope: Scope) -> Call:
    scope.used.add("sql")
    condition = check.definition.removeprefix("CHECK ").strip()
    return Call(scope.builder("check"), (text(check.name), f"sql`{template(condition)}`"), simple=False)
