"""Indexes in SQL, and UNIQUE constraints, which stand on one."""

from pgarchitect.schema.database_schema import Index, IndexColumn
from pgarchitect.schema.ddl.deferral import deferral
from pgarchitect.schema.ddl.quoting import enclosed, qualified, quote, quoted_list


def create_index(schema: str, table: str, index: Index, home: str = "public") -> str:
    """CREATE INDEX, or ADD CONSTRAINT … UNIQUE for an index that belongs to such a constraint.

    Args:
        schema: of the table.
        table: its name; also a materialised view's.
        index: to be created.
        home: schema that is left out.
    """
    if index.constraint:
        return add_unique(schema, table, index, home)
    unique = "UNIQUE " if index.unique else ""
    method = "" if index.method == "btree" else f" USING {index.method.upper()} "
    keys = ", ".join(map(_key, index.columns))
    on = qualified(schema, table, home)
    return f"CREATE {unique}INDEX {quote(index.name)} ON {on}{method}({keys}){_behind(index)}{_where(index)};"


def add_unique(schema: str, table: str, index: Index, home: str = "public") -> str:
    """ADD CONSTRAINT … UNIQUE."""
    nulls = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    keys = quoted_list(each.name for each in index.columns) + (" WITHOUT OVERLAPS" if index.without_overlaps else "")
    on = qualified(schema, table, home)
    behind = _include(index) + _with(index) + deferral(deferrable=index.deferrable, deferred=index.initially_deferred)
    return f"ALTER TABLE {on} ADD CONSTRAINT {quote(index.name)} UNIQUE{nulls} ({keys}){behind};"


def drop_index(schema: str, index: Index, home: str = "public") -> str:
    """DROP INDEX."""
    return f"DROP INDEX {qualified(schema, index.name, home)};"


def _key(key: IndexColumn) -> str:
    parts = [quote(key.name) if key.name else enclosed(key.expression)]
    if key.collation:
        parts.append(f"COLLATE {key.collation}")
    if key.written:
        return " ".join([*parts, key.written])
    if key.operator_class:
        parts.append(key.operator_class)
    if key.descending:
        parts.append("DESC")
    if key.nulls_first is not key.descending:
        parts.append("NULLS FIRST" if key.nulls_first else "NULLS LAST")
    return " ".join(parts)


def _behind(index: Index) -> str:
    nulls = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    return _include(index) + nulls + _with(index)


def _include(index: Index) -> str:
    return f" INCLUDE ({quoted_list(index.included)})" if index.included else ""


def _with(index: Index) -> str:
    return f" WITH ({', '.join(index.parameters)})" if index.parameters else ""


def _where(index: Index) -> str:
    """The condition; like Prisma we add parentheses unless it begins and ends with some."""
    if not index.where:
        return ""
    enclosed = index.where.startswith("(") and index.where.endswith(")")
    return f" WHERE {index.where}" if enclosed else f" WHERE ({index.where})"
