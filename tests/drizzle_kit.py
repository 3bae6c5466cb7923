"""What drizzle-kit 0.31 takes for a difference and is none; each rule is proven by a case that has nothing of ours.

drizzle-kit reads a catalog with questions of its own, and compares texts. ``test_drizzle_kit.py`` has the proofs, and
``docs/mirrors-typescript.md`` says what each means for a person.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgarchitect.schema.database_schema import (
    Action,
    Column,
    ColumnDefault,
    DatabaseSchema,
    ForeignKey,
    Index,
    Table,
    TypeKind,
)
from pgarchitect.schema.ddl.columns import default_sql, is_serial
from pgarchitect.schema.mirrors.mirrored import home


@dataclass(frozen=True, slots=True)
class Perceived:
    """Statements that drizzle-kit would run all together, or not at all.

    Attributes:
        statements: without semicolons.
        always: it would on every server; False: that depends on the order in which a server happens to answer.
    """

    statements: tuple[str, ...]
    always: bool = True


def statements(printed: str) -> tuple[str, ...]:
    """The statements that ``drizzle-kit push`` would run, or has run."""
    plain = re.sub(r"\x1b\[[\d;]*[a-zA-Z]|--> statement-breakpoint", "", printed)
    assert "No changes detected" in plain or "current statements" in plain, printed
    found = re.search(r"current statements:(.*?)(?:\n\s*error: |\[✓\] Changes applied|\Z)", plain, re.DOTALL)
    return tuple(filter(None, (each.strip() for each in re.split(r";\s*(?:\n|\Z)", found[1])))) if found else ()


def unexplained(found: Sequence[str], perceived: Sequence[Perceived]) -> tuple[str, ...]:
    """What drizzle-kit would run beyond what it perceives; and with a minus what it would not, though it should."""
    left, missing = list(found), []
    for each in perceived:
        if set(each.statements) <= set(left):
            for statement in each.statements:
                left.remove(statement)
        elif each.always:
            missing += [f"- {statement}" for statement in each.statements]
    return (*left, *missing)


def perceived(database: DatabaseSchema) -> tuple[Perceived, ...]:
    """What drizzle-kit will perceive in a database that agrees with its schema file."""
    return tuple(each for table in database.tables for each in _of_table(table, database))


def _of_table(table: Table, database: DatabaseSchema) -> Iterator[Perceived]:
    key = table.primary_key
    if key is not None and len(key.columns) > 1:
        yield _again(table, key.name, f"PRIMARY KEY({_names(key.columns)})")
    for foreign_key in table.foreign_keys:
        if _out_of_order(table, foreign_key, database):
            yield _again(table, foreign_key.name, _foreign_key(foreign_key))
    yield from (_index(table, each) for each in table.indexes if _is_referred_to(table, each, database))
    for column in table.columns:
        yield from _of_column(table, column, database)


def _again(table: Table, name: str, definition: str) -> Perceived:
    """A key of several columns: read in any order, dropped and added."""
    alter = f"ALTER TABLE {_place(table)}"
    return Perceived((f'{alter} DROP CONSTRAINT "{name}"', f'{alter} ADD CONSTRAINT "{name}" {definition}'), False)


def _out_of_order(table: Table, key: ForeignKey, database: DatabaseSchema) -> bool:
    """Its columns, or those that it refers to, are not in the order of their table."""
    other = database.table(key.schema, key.table)
    assert other is not None
    return any(
        list(columns) != [each.name for each in owner.columns if each.name in columns]
        for owner, columns in ((table, key.columns), (other, key.references))
    )


def _foreign_key(key: ForeignKey) -> str:
    def action(word: str, does: Action) -> str:
        return f" ON {word} {does.value.lower()}"

    other = f'"{key.schema}"."{key.table}"({_names(key.references)})'
    actions = action("DELETE", key.on_delete) + action("UPDATE", key.on_update)
    return f"FOREIGN KEY ({_names(key.columns)}) REFERENCES {other}{actions}"


def _is_referred_to(table: Table, index: Index, database: DatabaseSchema) -> bool:
    """A foreign key may stand on the index, which is taken for a constraint then."""
    return _can_be_referred_to(index) and any(
        (key.schema, key.table) == (table.schema, table.name) and set(key.references) == _columns(index)
        for other in database.tables
        for key in other.foreign_keys
    )


def _can_be_referred_to(index: Index) -> bool:
    return index.unique and not index.constraint and not index.where


def _columns(index: Index) -> set[str]:
    return {each.name for each in index.columns}


def _index(table: Table, index: Index) -> Perceived:
    """Of several on the same columns, the primary key among them, PostgreSQL chooses one."""
    keys = [{*table.primary_key.columns}] if table.primary_key else []
    others = [*keys, *(_columns(each) for each in table.indexes if each is not index and _can_be_referred_to(each))]
    names = _names([each.name for each in index.columns])
    statement = f'CREATE UNIQUE INDEX "{index.name}" ON {_place(table)} USING {index.method} ({names})'
    return Perceived((statement,), always=_columns(index) not in others)


def _of_column(table: Table, column: Column, database: DatabaseSchema) -> Iterator[Perceived]:
    alter = f'ALTER TABLE {_place(table)} ALTER COLUMN "{column.name}"'
    quoted = f'"{column.type.schema or home(database)}"."{column.type.name}"[]'
    is_quoted = column.type.array and column.type.kind is TypeKind.ENUM and _needs_quotes(column.type.name)
    if column.type.array and column.default is not None and not _is_read(column, column.default):
        value = default_sql(column, column.default, home(database))
        yield Perceived((f"{alter} SET DEFAULT {value}" + (f"::{quoted}" if is_quoted else ""),))
    if column.default is not None and _is_small_bigint(column, column.default):
        yield Perceived((f"{alter} SET DEFAULT {column.default.sql}",))
    if is_quoted:
        yield Perceived((f'{alter} SET DATA TYPE {quoted} USING "{column.name}"::{quoted}',))
    if column.default is not None and is_serial(column) and table.schema != "public":
        sequence = column.default.sequence
        if _needs_quotes(sequence) or _needs_quotes(table.schema):
            yield Perceived((f'DROP SEQUENCE "{table.schema}"."{sequence}"',))


def _is_read(column: Column, default: ColumnDefault) -> bool:
    """A list in braces is; and of a timestamp(3) no change is seen at all, its type has a space more in Drizzle."""
    return default.sql.startswith("'{") or (column.type.name.startswith("timestamp") and bool(column.type.modifiers))


def _is_small_bigint(column: Column, default: ColumnDefault) -> bool:
    """Read as a number, but a bigint of Drizzle can have no number for a default, and drizzle-kit ends at ``0n``."""
    return column.type.name == "int8" and not column.type.array and re.fullmatch(r"\d{1,9}", default.sql) is not None


def _needs_quotes(name: str) -> bool:
    return re.fullmatch(r"[a-z_][a-z0-9_]*", name) is None


def _place(table: Table) -> str:
    return f'"{table.name}"' if table.schema == "public" else f'"{table.schema}"."{table.name}"'


def _names(columns: Sequence[str]) -> str:
    return ",".join(f'"{each}"' for each in columns)
