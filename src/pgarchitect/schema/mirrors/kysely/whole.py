"""The whole file: enums, an interface for each table and view, and ``DB``."""

from collections.abc import Mapping

from pgarchitect.schema.database_schema import Column, DatabaseSchema, Table, TypeKind
from pgarchitect.schema.mirrors.kysely.columns import column_property, is_filled
from pgarchitect.schema.mirrors.mirrored import Mirrored, home, mirrored, pair_tables
from pgarchitect.schema.mirrors.typescript_code import RESERVED, comment, fits, key, text
from pgarchitect.schema.psl.prisma_schema import Enum, PrismaSchema

_USED = ("Array", "ColumnType", "DB", "Date", "Generated", "Interval", "Uint8Array")
_TYPES = ("any", "bigint", "boolean", "never", "number", "object", "string", "symbol", "unknown")
_TAKEN = RESERVED.union(_USED, _TYPES)
"""What no type may be called: the file uses it, or it is a type of the language."""
_INTERVAL = """\
/** What node-postgres reads from an interval. */
export interface Interval {
  years?: number;
  months?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  milliseconds?: number;
  toPostgres(): string;
}
"""

Names = Mapping[tuple[str, str, str], str]


def kysely_types(schema: PrismaSchema, database: DatabaseSchema) -> str:
    """The interface ``DB`` for Kysely, keyed by tables as SQL has them (``users``, ``auth.users``).

    Columns are called as in the database. What is read and written is what node-postgres reads and writes; a column
    that Prisma's client fills (``uuid()``, ``@updatedAt``) has to be given.

    Args:
        schema: as it was read.
        database: what it was lowered to, or that as a server spells it.
    """
    models, pairs = mirrored(schema, database), pair_tables(schema, database)
    names = _names(models, schema.enums, [table for _, table in pairs], database)
    enums = [_enum(each, names[_place(each, database)]) for each in schema.enums]
    tables = [_interface(each, names) for each in models]
    for _, table in pairs:
        tables.append(_body(names["", table.schema, table.name], [(each, "", False) for each in table.columns], names))
    every = [(each.schema, each.model.table) for each in models] + [(table.schema, table.name) for _, table in pairs]
    lines = "".join(f"  {_key(*each)}: {names['', *each]};\n" for each in sorted(every, key=lambda one: _key(*one)))
    return _joined([*enums, *tables, f"export interface DB {{\n{lines}}}\n"])


def _joined(parts: list[str]) -> str:
    body = "\n".join(parts)
    used = [each for each in ("ColumnType", "Generated") if f": {each}<" in body]
    imported = f'import type {{ {", ".join(used)} }} from "kysely";\n' if used else ""
    interval = _INTERVAL if ": Interval" in body or "<Interval" in body or "    Interval" in body else ""
    return "\n".join(filter(None, (imported, interval, body)))


def _key(schema: str, table: str) -> str:
    return key(table if schema == "public" else f"{schema}.{table}")


def _place(enum: Enum, database: DatabaseSchema) -> tuple[str, str, str]:
    return "enum", enum.schema or home(database), enum.type_name


def _names(
    models: tuple[Mirrored, ...], enums: tuple[Enum, ...], pairs: list[Table], database: DatabaseSchema
) -> Names:
    """Kind, namespace and name → the name of its type."""
    taken, made = set(_TAKEN), {}
    wanted = [(("", each.schema, each.model.table), each.model.name) for each in models]
    wanted += [(_place(each, database), each.name) for each in enums]
    wanted += [(("", each.schema, each.name), each.name.removeprefix("_") + "Pairs") for each in pairs]
    for place, name in wanted:
        free = "".join(each if each.isidentifier() or each.isdigit() else "_" for each in name)
        while free in taken:
            free += "_"
        taken.add(free)
        made[place] = free
    return made


def _enum(enum: Enum, name: str) -> str:
    labels = [text(each.label) for each in enum.values]
    flat = f"export type {name} = {' | '.join(labels)};"
    if not fits(flat):
        below = f"  {' | '.join(labels)};"
        lines = below if fits(below) else "\n".join(f"  | {each}" for each in labels) + ";"
        flat = f"export type {name} =\n{lines}"
    return comment(enum.documentation) + flat + "\n"


def _interface(each: Mirrored, names: Names) -> str:
    columns = [(column, field.documentation, is_filled(column, field.default)) for field, column in each.columns]
    body = _body(names["", each.schema, each.model.table], columns, names, read_only=each.table is None)
    return comment(each.model.documentation) + body


def _body(name: str, columns: list[tuple[Column, str, bool]], names: Names, *, read_only: bool = False) -> str:
    lines = "".join(
        column_property(column, _enum_of(column, names), documentation, filled=filled, read_only=read_only)
        for column, documentation, filled in columns
    )
    return f"export interface {name} {{\n{lines}}}\n"


def _enum_of(column: Column, names: Names) -> str:
    place = ("enum", column.type.schema, column.type.name)
    return names.get(place, "") if column.type.kind is TypeKind.ENUM else ""
