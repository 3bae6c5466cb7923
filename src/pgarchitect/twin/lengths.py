"""Lengths of the twin's files and heights of its trees, set while its server is down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_home import writing
from pgarchitect.settings import Settings
from pgarchitect.twin.end_points import Column, Ends, trees
from pgarchitect.twin.files import IndexFile, refill, resize, shape
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.private_server import PrivateServer
from pgarchitect.twin.size_model import aligned, levels
from pgarchitect.twin.source import Source

_KEY_HEADER: Final = 8
_UNKNOWN_KEY: Final = 8


@dataclass(frozen=True, slots=True)
class Counts:
    """Pages, rows and all-visible pages of a relation, as ``pg_class`` has them."""

    schema: str
    name: str
    pages: int
    rows: float
    visible: int


def read_counts(connection: Connection) -> tuple[Counts, ...]:
    """Those of all relations of the source."""
    return tuple(Counts(*row) for row in connection.execute(_sql("counts").encode()).fetchall())


def write_counts(connection: Connection, found: Sequence[Counts]) -> None:
    """Write them to the twin, for relations that it has."""
    if found:
        rows = [(each.pages, each.rows, each.visible, each.schema, each.name) for each in found]
        with connection.cursor() as cursor:
            cursor.executemany(_sql("set_counts").encode(), rows)


def set_lengths(  # noqa: PLR0917  # each of them is of another type
    server: PrivateServer,
    database: str,
    source: Source,
    ends: Mapping[Column, Ends],
    settings: Settings,
    made: Sequence[Hypothetical] = (),
) -> None:
    """Give every file the length of its original, and every tree its height and ends; the server is stopped for it.

    It may be done again: after a crash the server has put the first pages of new trees back as they were created.

    Args:
        server: running.
        database: of the twin.
        source: whose lengths.
        ends: least and greatest values of columns.
        settings: time-outs.
        made: hypothetical indexes.

    Raises:
        HomeUnavailable: the disk is full.
    """
    parts = [part for each in made for part in each.parts]
    with connect(server.url(database), settings, read_only=False) as connection:
        paths = {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(_twin_sql("paths").encode())}
        widths = {(row[0], row[1]): row[2] for row in connection.execute(_twin_sql("key_widths").encode())}
        files = {row[0]: row[1] for row in connection.execute(_sql("files").encode(), ([part.oid for part in parts],))}
        keys = {where: tree.keys(ends) for where, tree in trees(connection).items()}
        connection.execute("CHECKPOINT")
    named_by_keys = {column[:2] for column in ends}
    server.stop()
    with writing(server.data):
        for relation in source.relations:
            where = (relation.schema, relation.name)
            if where in paths:
                path, method = server.data / paths[where][0], paths[where][1]
                if relation.kind == "i":
                    index = _index(source, where, (method, relation.pages), widths)
                    shape(path, replace(index, keys=keys.get(where, ())), server.account.own)
                else:
                    (refill if where in named_by_keys else resize)(path, relation.pages, server.account.own)
        for part in parts:
            if part.oid in files:
                shape(server.data / files[part.oid], part.file, server.account.own)
    server.start()


def _index(
    source: Source, where: tuple[str, str], file: tuple[str, int], widths: Mapping[tuple[str, str], int]
) -> IndexFile:
    """What an index of the source looks like: its method and pages, and what its planner knows of it."""
    method, pages = file
    if method == "btree":
        pivot = aligned(_KEY_HEADER + widths.get(where, _UNKNOWN_KEY))
        return IndexFile(method, pages, height=source.probes.heights.get(where, levels(pages, pivot)))
    return IndexFile(method, pages, gin=source.probes.gin.get(where) if method == "gin" else None)


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "lengths.sql", name)


def _twin_sql(name: str) -> str:
    return named("pgarchitect.twin", "twin.sql", name)
