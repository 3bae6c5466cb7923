"""A whole schema file: imports, custom types, functions, enums, tables, views and relations."""

from collections.abc import Iterator, Sequence

from pgarchitect.schema.database_schema import Column, DatabaseSchema, EnumType, Table
from pgarchitect.schema.mirrors.drizzle.client_values import client_functions
from pgarchitect.schema.mirrors.drizzle.columns import column_property
from pgarchitect.schema.mirrors.drizzle.constraints import FieldOf, table_constraints
from pgarchitect.schema.mirrors.drizzle.relations import model_relations, pair_relations
from pgarchitect.schema.mirrors.drizzle.scope import Scope, scope
from pgarchitect.schema.mirrors.drizzle.types import custom_type
from pgarchitect.schema.mirrors.mirrored import Mirrored, home, mirrored, pair_tables
from pgarchitect.schema.mirrors.typescript_code import Call, chain, comment, fits, text
from pgarchitect.schema.psl.prisma_schema import Field, PrismaSchema

_FROM_DRIZZLE = ("relations", "sql")
_EXTRAS = "PgTableExtraConfigValue"
"""Drizzle's type of what stands in the third argument of pgTable."""


def drizzle_schema(schema: PrismaSchema, database: DatabaseSchema) -> str:
    """The schema file for ``drizzle-orm`` 0.45: tables, enums, views that exist, and relations.

    Properties are called as the fields of the schema, constants as the models in Prisma's client (``behaviorLog``),
    columns as in the database. Columns that Prisma's client ignores are there: they are columns.

    Args:
        schema: as it was read.
        database: what it was lowered to, or that as a server spells it.
    """
    models, pairs = mirrored(schema, database), pair_tables(schema, database)
    names = scope(schema, database, models, [relation for relation, _ in pairs])
    fields = {(each.schema, each.model.table): each for each in models}

    def field_of(where: str, table: str, column: str) -> str:
        return fields[where, table].field_of(column) if (where, table) in fields else column

    enums = [_enum(each, names) for each in database.enums if (each.schema, each.name) in names.enums]
    tables = [_model(each, names, field_of, home(database)) for each in models]
    for relation, table in pairs:
        constant = names.pairs[relation.relation, relation.first]
        columns = [(None, each) for each in table.columns]
        tables.append(_table(constant, table, columns, names=names, field_of=field_of, home=home(database)))
    relations = [model_relations(each, schema, names) for each in models]
    relations += [pair_relations(relation, schema, names) for relation, _ in pairs]
    if any(relations):
        names.used.add("relations")
    schemas = [_schema(where, names) for where in names.schemas]
    customs = [custom_type(constant, sql) for sql, constant in names.custom.items()]
    functions = client_functions(names.made)
    parts = (*customs, functions, *schemas, *enums, *tables, *relations)
    return "\n".join(filter(None, ("".join(_imports(names)), *parts)))


def _imports(names: Scope) -> Iterator[str]:
    if names.custom:
        names.used.add("customType")
    for module, wanted in (
        ("drizzle-orm", sorted(names.used & {*_FROM_DRIZZLE})),
        ("drizzle-orm/pg-core", sorted(names.used - {*_FROM_DRIZZLE}, key=_in_order)),
    ):
        flat = f"import {{ {', '.join(wanted)} }} from {text(module)};"
        lines = "".join(f"  {each},\n" for each in wanted)
        if wanted:
            yield (flat if fits(flat) else f"import {{\n{lines}}} from {text(module)};") + "\n"


def _in_order(imported: str) -> tuple[str, str]:
    name = imported.removeprefix("type ")
    return name.lower(), name


def _schema(where: str, names: Scope) -> str:
    return f"export const {names.schemas[where]} = {names.builder('pgSchema')}({text(where)});\n"


def _maker(where: str, names: Scope, public: str, other: str) -> str:
    """What makes an object of that namespace: ``pgTable``, ``authSchema.table``."""
    return f"{names.schemas[where]}.{other}" if where in names.schemas else names.builder(public)


def _enum(enum: EnumType, names: Scope) -> str:
    head = f"export const {names.enums[enum.schema, enum.name]} = {_maker(enum.schema, names, 'pgEnum', 'enum')}("
    labels = [text(each) for each in enum.labels]
    flat = f"{head}{text(enum.name)}, [{', '.join(labels)}]);"
    if fits(flat):
        return flat + "\n"
    if fits(f"{head}{text(enum.name)}, ["):
        return f"{head}{text(enum.name)}, [\n" + "".join(f"  {each},\n" for each in labels) + "]);\n"
    return f"{head}\n  {text(enum.name)},\n  [{', '.join(labels)}],\n);\n"


def _model(each: Mirrored, names: Scope, field_of: FieldOf, default_schema: str) -> str:
    constant, about = names.models[each.model.name], comment(each.model.documentation)
    if each.table is None:
        return about + _view(constant, each, names, default_schema)
    return about + _table(constant, each.table, each.columns, names=names, field_of=field_of, home=default_schema)


def _view(constant: str, each: Mirrored, names: Scope, default_schema: str) -> str:
    apart = each.schema in names.schemas
    indent = "    " if apart else "  "
    body = "".join(
        column_property(field, column, names, default_schema, indent, primary=False) for field, column in each.columns
    )
    name = text(each.model.table)
    public, other = _view_makers(each)
    if apart:
        maker = f"{names.schemas[each.schema]}\n  .{other}"
        return f"export const {constant} = {maker}({name}, {{\n{body}  }})\n  .existing();\n"
    return f"export const {constant} = {names.builder(public)}({name}, {{\n{body}}}).existing();\n"


def _view_makers(each: Mirrored) -> tuple[str, str]:
    return ("pgMaterializedView", "materializedView") if each.materialized else ("pgView", "view")


def _table(
    constant: str,
    table: Table,
    columns: Sequence[tuple[Field | None, Column]],
    *,
    names: Scope,
    field_of: FieldOf,
    home: str,
) -> str:
    key = table.primary_key.columns if table.primary_key else ()
    extras = [*table_constraints(table, names, field_of)]
    result = ""
    if extras and (table.schema, table.name) in names.cyclic:
        names.used.add(f"type {_EXTRAS}")
        result = f": {_EXTRAS}[]"
    head = f"export const {constant} = {_maker(table.schema, names, 'pgTable', 'table')}("
    hugged = not extras and fits(f"{head}{text(table.name)}, {{")
    indent = "  " if hugged else "    "
    body = "".join(
        column_property(field, column, names, home, indent, primary=key == (column.name,)) for field, column in columns
    )
    if hugged:
        return f"{head}{text(table.name)}, {{\n{body}}});\n"
    return f"{head}\n  {text(table.name)},\n  {{\n{body}  }},\n{_constraints(extras, result)});\n"


def _constraints(extras: list[tuple[Call, ...]], result: str) -> str:
    if not extras:
        return ""
    flat = f"  (table){result} => [{', '.join(chain(each, '', '', '') for each in extras)}],"
    if "\n" not in flat and fits(flat):
        return flat + "\n"
    lines = "".join(chain(each, "    ") + "\n" for each in extras)
    return f"  (table){result} => [\n{lines}  ],\n"
