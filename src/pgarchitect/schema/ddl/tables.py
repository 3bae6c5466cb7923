"""Tables in SQL."""

from collections.abc import Iterator, Sequence

from pgarchitect.schema.database_schema import Constraint, PrimaryKey, Table
from pgarchitect.schema.ddl.columns import column_definition
from pgarchitect.schema.ddl.deferral import deferral
from pgarchitect.schema.ddl.quoting import qualified, quote, quoted_list


def create_table(table: Table, home: str = "public") -> str:
    """CREATE TABLE with columns, primary key, CHECK and EXCLUDE constraints; indexes and foreign keys come after it."""
    name = qualified(table.schema, table.name, home)
    create = "CREATE UNLOGGED TABLE" if table.unlogged else "CREATE TABLE"
    if table.partition_bound and table.partition_of:
        parent = qualified(*table.partition_of, home)
        return f"{create} {name} PARTITION OF {parent} {table.partition_bound}{_partitioned(table)};"
    return f"{create} {name} ({_body(table, home)}){_inherits(table, home)}{_partitioned(table)};"


def primary_key_clause(key: PrimaryKey, separator: str = ",") -> str:
    """``CONSTRAINT … PRIMARY KEY (…)``; Prisma leaves no space between columns in CREATE TABLE, and one elsewhere."""
    columns = quoted_list(key.columns, separator) + (" WITHOUT OVERLAPS" if key.without_overlaps else "")
    included = f" INCLUDE ({quoted_list(key.included)})" if key.included else ""
    when = deferral(deferrable=key.deferrable, deferred=key.initially_deferred)
    return f"CONSTRAINT {quote(key.name)} PRIMARY KEY ({columns}){included}{when}"


def constraint_clause(constraint: Constraint) -> str:
    """``CONSTRAINT … CHECK (…)``."""
    return f"CONSTRAINT {quote(constraint.name)} {constraint.definition}"


def drop_table(table: Table, home: str = "public") -> str:
    """DROP TABLE."""
    return f"DROP TABLE {qualified(table.schema, table.name, home)};"


def enable_row_security(table: Table, home: str = "public") -> str:
    """Row-level security, on; without policies nobody but the owner sees a row."""
    return f"ALTER TABLE {qualified(table.schema, table.name, home)} ENABLE ROW LEVEL SECURITY;"


def parents_first(tables: Sequence[Table]) -> Iterator[Table]:
    """The tables in their order, but each after the one that it is a partition of or inherits from."""
    waiting = {(each.schema, each.name): each for each in tables}
    for table in tables:
        yield from _with_parents(table, waiting)


def _with_parents(table: Table, waiting: dict[tuple[str, str], Table]) -> Iterator[Table]:
    """The table, unless it was there before, and before it those above it that were not."""
    if waiting.pop((table.schema, table.name), None) is None:
        return
    parent = waiting.get(table.partition_of) if table.partition_of else None
    if parent is not None:
        yield from _with_parents(parent, waiting)
    yield table


def _body(table: Table, home: str) -> str:
    columns = [column_definition(each, home) for each in table.columns]
    key = [primary_key_clause(table.primary_key)] if table.primary_key else []
    constraints = key + [constraint_clause(each) for each in table.constraints]
    # Prisma writes an empty line before the constraints.
    lines = ",\n".join(f"    {each}" for each in columns)
    behind = ",\n".join(f"    {each}" for each in constraints)
    return "\n" + ",\n\n".join(filter(None, (lines, behind))) + "\n"


def _inherits(table: Table, home: str) -> str:
    return f" INHERITS ({qualified(*table.partition_of, home)})" if table.partition_of else ""


def _partitioned(table: Table) -> str:
    return f" PARTITION BY {table.partition_key}" if table.partition_key else ""
