"""Making a sandbox: read the source once, fill a server of its own, and give it its name when it is whole.

Until then it is a private server below another directory: whatever interrupts us, nothing that looks like a sandbox is
there, and what is left behind is removed by the next one that is made.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection, connect, describe_target
from pgarchitect.postgres.connection_errors import refused
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.postgres.server_binaries import ServerBinaries
from pgarchitect.sandbox import doubts
from pgarchitect.sandbox.building import CALLED, Building, Database
from pgarchitect.sandbox.choice import Choice, choose
from pgarchitect.sandbox.declared_join import DeclaredJoin
from pgarchitect.sandbox.description import Description
from pgarchitect.sandbox.filling import Filled
from pgarchitect.sandbox.finishing import finished
from pgarchitect.sandbox.made import Made
from pgarchitect.sandbox.room import needed_bytes, require_room
from pgarchitect.sandbox.sandbox import clear_remains, name_after, place_of, require_name
from pgarchitect.sandbox.server import WHILE_FILLED, fitting_buffers, programs_for
from pgarchitect.sandbox.snapshot import Snapshot, snapshot
from pgarchitect.settings import Settings
from pgarchitect.twin.cost import Meter
from pgarchitect.twin.disk import noticing_full_disk
from pgarchitect.twin.losses import Losses
from pgarchitect.twin.private_server import PrivateServer, private_server
from pgarchitect.twin.source import read_locale, read_settings

UNFINISHED: Final = "sandboxes-unfinished"
"""Directory below ``Settings.data_dir`` that holds those that are being made."""
_INITDB: Final = ("--locale=C", "--no-sync")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted.

    Attributes:
        dsn: of the source.
        max_bytes: about so large its tables may be, with their indexes; a larger source is sampled.
        name: of the sandbox; None: after the source's database.
        joins: that no foreign key declares: ``orders (customer_id) REFERENCES customers (id)``.
    """

    dsn: str
    max_bytes: int
    name: str | None = None
    joins: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Origin:
    """What is known of the source before its rows are read."""

    version: int
    name: str
    like: Database
    binaries: ServerBinaries | None


def create(request: Request, settings: Settings, progress: Progress) -> Made:
    """Make a sandbox.

    Raises:
        UsageError: the name is taken or none, a join means nothing, or no sample is small enough.
        HomeUnavailable: the disk has no room.
        PgArchitectError: the source cannot be read or the sandbox not made; the sentence says why.
    """
    for text in request.joins:
        DeclaredJoin.of(text)  # a typing error is told at once
    began = time.monotonic()
    clear_remains(settings)
    try:
        origin = _origin(request, settings)
        _require_free(origin.name, settings)
        return _made(request, origin, settings, progress, began)
    except psycopg.Error as error:
        raise refused(error) from error


def _origin(request: Request, settings: Settings) -> _Origin:
    with connect(request.dsn, settings) as connection:
        name = require_name(request.name if request.name is not None else name_after(connection.info.dbname))
        collations = _names(connection, "pgarchitect.twin", "scope.sql", "collations")
        roles = _names(connection, "pgarchitect.sandbox", "source.sql", "roles")
        like = Database(read_locale(connection), read_settings(connection), collations, roles)
        version = connection.info.server_version
        binaries = programs_for(version // 10_000, settings, icu=like.locale.provider == "i")
        return _Origin(version, name, like, binaries)


def _names(connection: Connection, package: str, file: str, block: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(named(package, file, block).encode()).fetchall())


def _require_free(name: str, settings: Settings) -> None:
    if (place_of(settings) / name).exists():
        raise UsageError(
            f'There is a sandbox "{name}" already; remove it with `pgarchitect sandbox drop {name}`, or choose another'
            " name with --name."
        )


def _made(request: Request, origin: _Origin, settings: Settings, progress: Progress, began: float) -> Made:
    progress("start a server")
    with (
        private_server(
            settings, options=_INITDB, configuration=WHILE_FILLED, binaries=origin.binaries, folder=UNFINISHED
        ) as server,
        noticing_full_disk(server.data, CALLED),
    ):
        filled = _filled(server, request, origin, settings, progress)
        about = Description(
            source=describe_target(request.dsn),
            made=filled.moment,
            share=filled.choice.share,
            rows=sum(each.rows for each in filled.rows.tables),
            version=server.version,
            carried=origin.binaries is None,
            shared_buffers=fitting_buffers(filled.source.catalog.shared_buffers),
        )
        progress("write everything to disk")
        sandbox = finished(server, origin.name, about, settings)
    return Made(
        name=sandbox.name,
        dsn=sandbox.dsn,
        place=sandbox.home.root,
        about=about,
        tables=filled.rows.tables,
        left_out=filled.lost.left_out,
        missing=filled.lost.missing,
        warnings=tuple(_warnings(filled, origin, server.version)),
        size_bytes=filled.size_bytes,
        source_bytes=filled.source.catalog.tables.size_bytes,
        seconds=time.monotonic() - began,
        seconds_reading=filled.seconds_reading,
    )


@dataclass(frozen=True, slots=True)
class _Filling:
    """A server with everything in it, and how that came about."""

    source: Snapshot
    choice: Choice
    rows: Filled
    lost: Losses
    size_bytes: int
    moment: datetime
    seconds_reading: float
    warnings: tuple[str, ...]


def _filled(
    server: PrivateServer, request: Request, origin: _Origin, settings: Settings, progress: Progress
) -> _Filling:
    building = Building(server, settings, progress)
    building.begin(origin.like)
    reading, moment = time.monotonic(), datetime.now(UTC)
    with snapshot(request.dsn, settings, request.joins) as source:
        choice = choose(source.catalog.tables, request.max_bytes)
        _require_room(server.data, source, choice)
        progress("dump schema")
        script = source.script(int(server.version.split(".")[0]), building.programs, Meter())
        building.schema(script, origin.like.collations)
        rows = building.rows(source, building.present(source.catalog.tables), choice)
    seconds_reading = time.monotonic() - reading
    building.rest(script, rows.orders)
    lost = building.losses(source, rows)
    return _Filling(
        source, choice, rows, lost, building.size_bytes(), moment, seconds_reading, tuple(building.warnings())
    )


def _require_room(place: Path, source: Snapshot, choice: Choice) -> None:
    expected = choice.expected_bytes + source.catalog.views_bytes
    require_room(place, needed_bytes(expected, source.catalog.largest_index_bytes))


def _warnings(filled: _Filling, origin: _Origin, version: str) -> Iterator[str]:
    catalog = filled.source.catalog
    yield from doubts.of_version(origin.version // 10_000, version)
    yield from filled.warnings
    yield from doubts.of_sample(catalog, filled.choice, filled.rows.closure)
    yield from doubts.of_sequences(catalog)
