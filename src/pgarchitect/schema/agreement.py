"""``schema check`` as a whole: whether a schema, its migrations, a live database and its mirrors agree.

Loading what reads a schema, reading it and writing the mirrors take our processor; starting a server and replaying
migrations take that server's, reading a database another one's. So they are done at once, and this module loads
nothing that can be loaded while the server starts. What talks to the shadow's server stays in the calling thread,
where Ctrl-C ends a statement that runs.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from pgarchitect.errors import PgArchitectError, SchemaInvalid
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.postgres.embedded import embedded_server
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.psl.collection import collection_held
from pgarchitect.settings import Settings

if TYPE_CHECKING:
    from pgarchitect.schema.comparisons import Read
    from pgarchitect.schema.drift import Difference
    from pgarchitect.schema.migrations.folder import Migration
    from pgarchitect.schema.programs import Whole

_LOADING: Final = threading.Lock()
"""Held by the thread that loads modules: two that load a package and a module of it at once may wait for each other."""
_TURN_S: Final = 0.001
"""How long a thread works before another gets its turn, which may have an answer and ask a server the next thing."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared.

    Attributes:
        path: of the schema; named in annotations.
        sources: its files and their texts.
        migrations: none: the database is compared with the schema itself.
        dsn: of a live database, which is only read; None: none.
        mirrors: folders of mirrors.
        shadow_url: of a server for the shadow database; None: the one that the schema names, or the embedded one.
        own_home: the namespace that unqualified names mean where no live database says one.
    """

    path: Path
    sources: Mapping[str, str]
    migrations: "tuple[Migration, ...]"
    dsn: str | None = None
    mirrors: tuple[Path, ...] = ()
    shadow_url: str | None = None
    own_home: str = "public"

    @property
    def home(self) -> str:
        """The namespace that unqualified names mean: of a live database ``?schema=`` of its URL, else ``public``."""
        if self.dsn is None:
            return self.own_home
        return without_prisma_parameters(self.dsn)[1].get("schema") or "public"

    @property
    def may_name_server(self) -> bool:
        """Whether the shadow database may be on another server than the embedded one."""
        return self.shadow_url is not None or any("shadowDatabaseUrl" in text for text in self.sources.values())

    @property
    def may_name_extensions(self) -> bool:
        """Whether the schema may want extensions, which have to be there before its migrations run."""
        return any("extensions" in text for text in self.sources.values())


def differences(sides: Sides, settings: Settings) -> "tuple[Difference, ...]":
    """Everything in which the sides do not agree.

    Raises:
        SchemaInvalid: the schema has errors.
        UsageError: a folder has no mirrors.
        MigrationFailed: a migration fails on an empty database.
        CannotConnect, AuthenticationFailed: the live database is not there, or does not let us in.
        EmbeddedServerFailed: the embedded server cannot be started.
    """
    try:
        with collection_held():
            return _differences(sides, settings)
    except SchemaInvalid:
        raise
    except PgArchitectError:
        _read(sides.sources, sides.home)  # what is wrong with the schema is told before anything else
        raise


def _differences(sides: Sides, settings: Settings) -> "tuple[Difference, ...]":
    with ExitStack() as stack:
        url = without_prisma_parameters(sides.dsn)[0] if sides.dsn else ""
        live = stack.enter_context(connect(url, settings)) if url else None
        pool = stack.enter_context(_workers(live))
        reading = pool.submit(_read, sides.sources, sides.home)
        there = pool.submit(_read_live, live, reading) if live is not None else None
        mirrors = [pool.submit(_mirrors, reading, each) for each in sides.mirrors]
        with _migrated(sides, reading, settings) as shadow:
            with _LOADING:
                from pgarchitect.schema.comparisons import comparisons  # noqa: PLC0415  # loaded while the server works

            found = comparisons(sides, pool, reading.result(), there, shadow)
        return tuple(difference for each in (*found, *mirrors) for difference in each.result())


@contextmanager
def _migrated(sides: Sides, reading: "Future[Read]", settings: Settings) -> Iterator[Connection]:
    """A connection to a shadow database in which the migrations have run; the schema is waited for only if need be."""
    with ExitStack() as stack:
        if not sides.may_name_server:
            stack.enter_context(embedded_server(settings))
        with _LOADING:
            from pgarchitect.schema.places import shadow_url  # noqa: PLC0415  # as above
            from pgarchitect.schema.replaying import replayed_database  # noqa: PLC0415  # as above

        url = shadow_url(sides.shadow_url, reading.result().schema, sides.path) if sides.may_name_server else None
        extensions = reading.result().database.extensions if sides.may_name_extensions else ()
        yield stack.enter_context(replayed_database(settings, sides.migrations, extensions, url, sides.home))


def _read(sources: Mapping[str, str], home: str) -> "Read":
    with _LOADING:
        from pgarchitect.schema.comparisons import read  # noqa: PLC0415  # as above

    return read(sources, home)


def _read_live(live: Connection, reading: "Future[Read]") -> "Whole":
    with _LOADING:
        from pgarchitect.schema.programs import read_whole  # noqa: PLC0415  # as above

    return read_whole(live, reading.result().database.schemas)


def _mirrors(reading: "Future[Read]", folder: Path) -> "tuple[Difference, ...]":
    read = reading.result()
    with _LOADING:
        from pgarchitect.schema.lowering import lower  # noqa: PLC0415  # as below
        from pgarchitect.schema.mirrors.drift import mirror_drift  # noqa: PLC0415  # loaded where mirrors are compared

    # Mirrors name no namespace where the schema names none.
    database = read.database if read.database.schemas[0] == "public" else lower(read.schema)
    return mirror_drift(read.schema, database, folder)


@contextmanager
def _workers(live: Connection | None) -> Iterator[ThreadPoolExecutor]:
    """Threads that take short turns; what one of them asks the live database is ended when we are interrupted."""
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        with ThreadPoolExecutor() as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                if live is not None:
                    with suppress(psycopg.Error):
                        live.cancel_safe()
                raise
    finally:
        sys.setswitchinterval(turn)
