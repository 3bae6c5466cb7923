"""Being a polite guest of the source while its rows are read, which may take long: nobody has to wait for us."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from pgarchitect.errors import StatementRefused
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.relay import undisturbed

_LOOK_S: Final = 2.0
"""How often is asked whether somebody waits for us."""


class InTheWay(StatementRefused):
    """Somebody waits for a table that is being copied, so the copy was given up; try again when that is done."""


@contextmanager
def courtesy(connection: Connection, ours: int, patience_s: float) -> Iterator[None]:
    """Let nobody wait for a session of ours meanwhile: end it as soon as somebody does.

    It holds what a SELECT holds on every table that is copied until all of them are. That conflicts with nothing but
    DDL; but whoever wants to change a table would wait, and everybody who wants to use the table behind him.

    Args:
        connection: another one to the source, in no transaction and of no other use.
        ours: process id of the session that reads.
        patience_s: so long somebody may wait for it.

    Raises:
        InTheWay: the session was ended.
    """
    watch = _Watch(connection, ours, patience_s)
    thread = threading.Thread(target=watch.keep, name="pgarchitect-courtesy")
    with undisturbed():
        thread.start()
    try:
        yield
    except Exception as error:
        watch.end(thread)
        if watch.found is not None:
            raise watch.found from error
        raise
    finally:
        watch.end(thread)
    if watch.found is not None:
        raise watch.found


class _Watch:
    """Looks for sessions that wait for ours."""

    def __init__(self, connection: Connection, ours: int, patience_s: float) -> None:
        self._connection = connection
        self._who = {"ours": ours, "patience": patience_s}
        self._over = threading.Event()
        self.found: InTheWay | None = None

    def keep(self) -> None:
        """Look again and again; what goes wrong here goes wrong for the session that reads, too, and is told there."""
        try:
            while not self._over.wait(_LOOK_S) and self.found is None:
                row = self._execute("waiting")
                if row is not None:
                    self.found = InTheWay(
                        f"The copy was given up, since a session of the source waited for it (process {row[0]}:"
                        f" {row[1]}); make the sandbox when no migration is due."
                    )
                    self._execute("end")
        except psycopg.Error:
            return

    def end(self, thread: threading.Thread) -> None:
        """Look no more."""
        self._over.set()
        thread.join()

    def _execute(self, name: str) -> tuple[object, ...] | None:
        text = named("pgarchitect.sandbox", "courtesy.sql", name)
        return self._connection.execute(text.encode(), self._who).fetchone()
