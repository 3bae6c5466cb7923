"""Connections of a command that is given several: what keeps us from one is told with its name."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pgarchitect.errors import PgArchitectError
from pgarchitect.postgres.connection import Connection, connect
from pgarchitect.settings import Settings


@contextmanager
def named(what: str, kind: type[PgArchitectError] | None = None) -> Iterator[None]:
    """Put what cannot be used in front of each sentence about it.

    Args:
        what: begins the sentence: ``The sandbox (--sandbox)``.
        kind: of the error instead of its own.
    """
    try:
        yield
    except PgArchitectError as error:
        raise (kind or type(error))(f"{what} cannot be used: {error}") from error


@contextmanager
def connect_by_name(
    what: str, dsn: str, settings: Settings, *, read_only: bool = True, kind: type[PgArchitectError] | None = None
) -> Iterator[Connection]:
    """``connect``, with ``what`` named in whatever keeps us from it; errors of the block are left as they are.

    Args:
        what: as for ``named``.
        dsn: where to.
        settings: time-outs.
        read_only: as for ``connect``.
        kind: as for ``named``.

    Raises:
        PgArchitectError: of the given kind, else of the kind that ``connect`` raises.
    """
    with ExitStack() as stack:
        with named(what, kind):
            connection = stack.enter_context(connect(dsn, settings, read_only=read_only))
        yield connection
