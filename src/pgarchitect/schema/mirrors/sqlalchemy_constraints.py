"""Keys and indexes as SQLAlchemy has them, with the names that the database has."""

from collections.abc import Iterator, Mapping

from pgarchitect.schema.database_schema import ForeignKey, Index, IndexColumn, Table
from pgarchitect.schema.ddl.quoting import quote
from pgarchitect.schema.mirrors.python_code import Node, call, keyword, listed, string
from pgarchitect.schema.mirrors.sqlalchemy_columns import sql_text


def constraint_texts(table: Table, home: str) -> Iterator[Node]:
    """The primary key, foreign keys and indexes of a table, as arguments of ``sa.Table``."""
    if table.primary_key:
        columns = map(string, table.primary_key.columns)
        yield call("sa.PrimaryKeyConstraint", *columns, keyword("name", string(table.primary_key.name)))
    for key in table.foreign_keys:
        if not _is_dotted(key):
            away = [string(_target(key, each, home)) for each in key.references]
            yield _foreign_key(key, table, away, list(map(string, key.columns)))
    for index in table.indexes:
        yield _index(index)


def dotted_keys(table: Table, names: Mapping[tuple[str, str], str]) -> Iterator[Node]:
    """Foreign keys to something with a dot in its name, by the columns themselves.

    Args:
        table: whose.
        names: namespace and name of a table → its variable.
    """
    here = names[table.schema, table.name]
    for key in table.foreign_keys:
        if _is_dotted(key):
            there = names[key.schema, key.table]
            away = [f"{there}.c[{string(each)}]" for each in key.references]
            yield _foreign_key(key, table, away, [f"{here}.c[{string(each)}]" for each in key.columns])


def _is_dotted(key: ForeignKey) -> bool:
    return any("." in each for each in (key.schema, key.table, *key.references))


def _target(key: ForeignKey, column: str, home: str) -> str:
    return ".".join([*([key.schema] if key.schema != home else []), key.table, column])


def _foreign_key(key: ForeignKey, table: Table, references: list[str], columns: list[str]) -> Node:
    parts: list[Node | str] = [
        listed(columns),
        listed(references),
        keyword("name", string(key.name)),
        keyword("ondelete", string(key.on_delete.value)),
        keyword("onupdate", string(key.on_update.value)),
    ]
    if _waits(key, table):
        parts.append(keyword("use_alter", "True"))
    return call("sa.ForeignKeyConstraint", *parts)


def _waits(key: ForeignKey, table: Table) -> bool:
    """Whether it needs an index of its own table, which is there only after the table."""
    own_key = table.primary_key.columns if table.primary_key else ()
    return (key.schema, key.table) == (table.schema, table.name) and set(key.references) != set(own_key)


def _index(index: Index) -> Node:
    parts: list[Node | str] = [string(index.name), *map(_key, index.columns)]
    if index.unique:
        parts.append(keyword("unique", "True"))
    if index.method != "btree":
        parts.append(keyword("postgresql_using", string(index.method)))
    if index.where:
        parts.append(keyword("postgresql_where", sql_text(index.where)))
    return call("sa.Index", *parts)


def _key(key: IndexColumn) -> Node | str:
    """The column's name, or SQL where more than the column is said."""
    if not key.operator_class and not key.descending:
        return string(key.name)
    return sql_text(" ".join(filter(None, (quote(key.name), key.operator_class, "DESC" if key.descending else ""))))
