"""What is asked of the source before its rows: tables, references, sequences, sizes, and what cannot be copied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.sandbox.declared_join import DeclaredJoin
from pgarchitect.sandbox.tables import Reference, Table, Tables
from pgarchitect.settings import Settings
from pgarchitect.twin.scope import LeftOut, Scope, quoted, read_scope, spelled

_REASONS: Final = {
    "foreign": "it is a foreign table: a sandbox reaches no other server",
    "policy": "row level security would hide rows of it from the role {role}; run ALTER ROLE {role} BYPASSRLS, or name"
    " a role that has it",
    "unlogged": "it is unlogged, and a standby does not have its rows; name the primary in the DSN",
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the source is made of.

    Attributes:
        tables: with the foreign keys among them.
        joins: that the user declared.
        sequences: (schema, name) of those that may be read.
        roles: that its row policies name.
        views_bytes: of its materialised views.
        largest_index_bytes: which takes as much again while it is built.
        shared_buffers: bytes.
        standby: whether it is one.
    """

    tables: Tables
    joins: tuple[Reference, ...]
    sequences: tuple[tuple[str, str], ...]
    unread_sequences: tuple[str, ...]
    roles: tuple[str, ...]
    views_bytes: int
    largest_index_bytes: int
    shared_buffers: int
    standby: bool


def read_what_to_copy(connection: Connection, settings: Settings) -> Scope:
    """What is not copied, with the reasons: what the role may not read, what somebody holds, what has no rows here."""
    scope = read_scope(connection, settings, None)
    role = quoted(connection.info.user)
    known = set(scope.oids)
    more = [row for row in _rows(connection, "unreadable") if row[0] not in known]
    return replace(
        scope,
        without=scope.without + tuple((oid, schema, name) for oid, schema, name, _ in more),
        left_out=scope.left_out
        + tuple(LeftOut(spelled(schema, name), _REASONS[why].format(role=role)) for _, schema, name, why in more),
    )


def read_catalog(connection: Connection, scope: Scope, joins: Sequence[Reference]) -> Catalog:
    """Read what the source is made of, inside the transaction that its rows are read in.

    Args:
        connection: to the source; its search_path must be empty, so that every name comes with its schema.
        scope: what is not copied.
        joins: that the user declared.
    """
    without = {"without": scope.oids}
    tables = [
        Table(oid, root, schema, name, partitioned, rows, size, tuple(columns), tuple(key))
        for oid, root, schema, name, partitioned, rows, size, columns, key in _rows(connection, "tables", without)
    ]
    sequences = _rows(connection, "sequences")
    ((views, index, buffers, standby),) = _rows(connection, "rest", without)
    return Catalog(
        tables=Tables.of(tables, _references(connection, tables, joins)),
        joins=tuple(joins),
        sequences=tuple((schema, name) for schema, name, readable in sequences if readable),
        unread_sequences=tuple(spelled(schema, name) for schema, name, readable in sequences if not readable),
        roles=tuple(role for (role,) in _rows(connection, "roles")),
        views_bytes=views,
        largest_index_bytes=index,
        shared_buffers=buffers,
        standby=standby,
    )


def resolve_joins(connection: Connection, joins: Sequence[str]) -> tuple[Reference, ...]:
    """What declared joins mean on the source, by the role's own search_path.

    Raises:
        UsageError: one cannot be read, or names what is not there.
    """
    return tuple(DeclaredJoin.of(text).resolved(connection) for text in joins)


def _references(connection: Connection, tables: Iterable[Table], joins: Sequence[Reference]) -> list[Reference]:
    rows = {table.oid: table.rows for table in tables}
    for table in tables:
        if table.root != table.oid:
            rows[table.root] = rows.get(table.root, 0.0) + table.rows
    keys = [
        Reference(name, child, parent, tuple(own), tuple(theirs), tuple(types), tuple(operators), nullable, nulls,
                  distinct or 0.0, temporal)
        for name, child, parent, own, theirs, types, operators, nullable, nulls, distinct, temporal
        in _rows(connection, "references")
    ]  # fmt: skip
    return [_with_distinct(each, rows) for each in (*keys, *joins)]


def _with_distinct(reference: Reference, rows: Mapping[int, float]) -> Reference:
    """With the number of parents that are referred to: ``n_distinct``, a part of the rows when it is negative."""
    parents, children = rows.get(reference.parent, 1.0), rows.get(reference.child, 1.0)
    told = reference.distinct
    distinct = told if told > 0 else -told * children if told < 0 else parents
    return replace(reference, distinct=max(1.0, min(distinct, parents)))


def _rows(connection: Connection, name: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    return connection.execute(named("pgarchitect.sandbox", "source.sql", name).encode(), parameters).fetchall()
