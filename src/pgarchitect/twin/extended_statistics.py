"""Extended statistics: copied byte by byte, with the numbers of the twin's own columns and enum labels inside.

The layouts are those of ``statistics/extended_stats_internal.h`` and ``statistics/mcv.c``: PostgreSQL keeps their
contents from 14 to 18.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.column_statistics import Distribution, as_columns

_ITEMS: Final = 8
"""Offset of the number of items, behind magic number and type."""
_FIRST_ITEM: Final = 12
_DIMENSION: Final = 20
"""Bytes of a ``DimensionInfo``: values, bytes, bytes aligned, length and passing of the type."""
_INHERITED_SINCE: Final = 150_000
_CASTS: Final = ("pg_ndistinct", "pg_dependencies", "pg_mcv_list")

Labels = Mapping[int, tuple[str, str]]
"""Type and label of each number that stands for an enum's value."""


@dataclass(frozen=True, slots=True)
class ExtendedStatistics:
    """Contents of one ``CREATE STATISTICS``.

    Attributes:
        schema: of the object.
        name: of the object.
        inherited: whether it counts the rows of inheriting tables.
        distinct: ``pg_ndistinct``.
        dependencies: ``pg_dependencies``.
        common: ``pg_mcv_list``.
        columns: names by number, as the source has them.
        expressions: one distribution each.
    """

    schema: str
    name: str
    inherited: bool
    distinct: bytes | None
    dependencies: bytes | None
    common: bytes | None
    columns: Mapping[int, str]
    expressions: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class ExtendedSource:
    """All extended statistics of the source, and its enums."""

    objects: tuple[ExtendedStatistics, ...] = ()
    labels: Labels | None = None


def read_extended_statistics(connection: Connection) -> ExtendedSource:
    """The source's extended statistics that were computed."""
    version = connection.info.server_version
    rows = connection.execute(_sql("extended", version).encode()).fetchall()
    if not rows:
        return ExtendedSource()
    inherited = "d.stxdinherit" if version >= _INHERITED_SINCE else "false"
    expressions: dict[tuple[int, bool], list[Distribution]] = {}
    query = _sql("extended_expressions").replace("{inherited}", inherited)
    for oid, inherits, *row in connection.execute(query.encode()).fetchall():
        expressions.setdefault((oid, inherits), []).append(Distribution.of(row))
    objects = tuple(
        ExtendedStatistics(
            schema=row[0],
            name=row[1],
            inherited=row[2],
            distinct=row[3],
            dependencies=row[4],
            common=row[5],
            columns=dict(zip(row[6], row[7], strict=True)),
            expressions=tuple(expressions.get((row[8], row[2]), ())),
        )
        for row in rows
    )
    return ExtendedSource(objects, _labels(connection))


def write_extended_statistics(connection: Connection, source: ExtendedSource) -> tuple[str, ...]:
    """Write them to the twin's catalog; names of those that are there and do not take theirs are returned."""
    if not source.objects:
        return ()
    ours = {name: number for number, name in _labels(connection).items()}
    enums = {theirs: ours[name] for theirs, name in (source.labels or {}).items() if name in ours}
    for kind in _CASTS:
        connection.execute(f"CREATE CAST (bytea AS pg_catalog.{kind}) WITHOUT FUNCTION".encode())
    try:
        return tuple(f"{each.schema}.{each.name}" for each in source.objects if not _written(connection, each, enums))
    finally:
        for kind in _CASTS:
            connection.execute(f"DROP CAST (bytea AS pg_catalog.{kind})".encode())


def _written(connection: Connection, each: ExtendedStatistics, enums: Mapping[int, int]) -> bool:
    target = connection.execute(_sql("extended_target").encode(), (each.schema, each.name)).fetchone()
    if target is None:  # told elsewhere
        return True
    oid, _, table, names, numbers, spelled = target
    here = dict(zip(names, numbers, strict=True))
    try:
        renumbered = {theirs: here[name] for theirs, name in each.columns.items()}
        with connection.transaction():
            connection.execute("DELETE FROM pg_catalog.pg_statistic_ext_data WHERE stxoid = %s", (oid,))
            contents = (
                _renumbered(each.distinct, renumbered, "<i"),
                _renumbered(each.dependencies, renumbered, "<h"),
                _relabelled(each.common, enums),
                _expressions(connection, each.expressions, spelled or (), table),
            )
            _insert(connection, oid, contents, inherited=each.inherited)
    except (psycopg.Error, KeyError):
        if connection.closed:
            raise
        return False
    return True


def _insert(connection: Connection, oid: int, contents: tuple[Any, ...], *, inherited: bool) -> None:
    versioned = connection.info.server_version >= _INHERITED_SINCE
    connection.execute(
        sql.SQL(
            "INSERT INTO pg_catalog.pg_statistic_ext_data"
            " (stxoid, stxdndistinct, stxddependencies, stxdmcv, stxdexpr{})"
            " VALUES ({}, {}::bytea::pg_catalog.pg_ndistinct, {}::bytea::pg_catalog.pg_dependencies,"
            " {}::bytea::pg_catalog.pg_mcv_list, {}{})"
        ).format(
            sql.SQL(", stxdinherit" if versioned else ""),
            oid,
            *contents,
            sql.SQL(", {}").format(inherited) if versioned else sql.SQL(""),
        )
    )


def _expressions(
    connection: Connection, found: Sequence[Distribution], spelled: Sequence[str], table: str
) -> sql.Composable:
    if not found:
        return sql.SQL("NULL")
    rows = []
    for distribution, expression in zip(found, spelled, strict=True):
        described = connection.execute(f"SELECT {expression} FROM {table} LIMIT 0".encode()).description
        kind = described[0].type_code if described else 0
        columns = as_columns(distribution, (kind, kind, kind))
        rows.append(sql.SQL("ROW(0::oid, 0::smallint, false, {})::pg_catalog.pg_statistic").format(columns))
    return sql.SQL("ARRAY[{}]").format(sql.SQL(", ").join(rows))


def _renumbered(content: bytes | None, numbers: Mapping[int, int], count: str) -> bytes | None:
    """Column numbers of an ndistinct (``count`` of columns is an int) or of dependencies (a short) changed.

    Negative ones are expressions, and stay.
    """
    if content is None:
        return None
    changed = bytearray(content)
    (items,) = struct.unpack_from("<I", changed, _ITEMS)
    place = _FIRST_ITEM
    for _ in range(items):
        place += 8  # the number of distinct combinations, or the degree
        (columns,) = struct.unpack_from(count, changed, place)
        place += struct.calcsize(count)
        for _ in range(columns):
            (number,) = struct.unpack_from("<h", changed, place)
            struct.pack_into("<h", changed, place, numbers[number] if number > 0 else number)
            place += 2
    return bytes(changed)


def _relabelled(content: bytes | None, enums: Mapping[int, int]) -> bytes | None:
    """Enum values of a list of most common values changed from the source's numbers to ours.

    A dimension is taken for an enum when each of its values is the number of a label.
    """
    if content is None:
        return None
    changed = bytearray(content)
    for place, length, number in _dimensions(content):
        values = struct.unpack_from(f"<{number}I", content, place) if length == 4 else ()
        if values and all(value in enums for value in values):
            struct.pack_into(f"<{number}I", changed, place, *(enums[value] for value in values))
    return bytes(changed)


def _dimensions(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Each dimension's offset, length of its type (0 unless passed by value), and number of values."""
    (count,) = struct.unpack_from("<h", content, _FIRST_ITEM)
    infos = _FIRST_ITEM + 2 + 4 * count
    place = infos + _DIMENSION * count
    for dimension in range(count):
        number, size, _, length, by_value = struct.unpack_from("<iiii?", content, infos + _DIMENSION * dimension)
        yield place, length if by_value else 0, number
        place += size


def _labels(connection: Connection) -> dict[int, tuple[str, str]]:
    return {oid: (kind, label) for oid, kind, label in connection.execute(_sql("enum_labels").encode()).fetchall()}


def _sql(name: str, version: int = 0) -> str:
    return named("pgarchitect.twin", "statistics.sql", name, version)
