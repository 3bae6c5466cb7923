"""A server that processes share: started by the first who needs it, stopped by the last who leaves."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pgarchitect.errors import EmbeddedServerFailed
from pgarchitect.postgres import postmaster
from pgarchitect.postgres.postmaster import Postmaster
from pgarchitect.postgres.server_account import ServerAccount
from pgarchitect.postgres.server_binaries import ServerBinaries
from pgarchitect.postgres.server_cluster import ensure_cluster
from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.postgres.server_lock import Alone, Use, is_used, users
from pgarchitect.postgres.termination import polite_termination


@dataclass(frozen=True, slots=True)
class SharedServer:
    """What a shared server is made of; whether it runs is another matter.

    Attributes:
        title: what a message calls it, at the beginning of a sentence.
        home: its directory.
        account: who owns its files.
        binaries: finds its programs; called when it has to be started.
        configuration: its settings, on the command line.
    """

    title: str
    home: ServerHome
    account: ServerAccount
    binaries: Callable[[], ServerBinaries]
    configuration: Mapping[str, str]

    @contextmanager
    def used(self) -> Iterator[Postmaster]:
        """Use it: start it unless it runs, and stop it on exit if nobody else uses it and it was not asked to stay.

        It is left running when this process is killed; the next user then takes it over and stops it.

        Raises:
            EmbeddedServerFailed: it cannot be started; the sentence has the reason.
            HomeUnavailable: its directory cannot be written.
        """
        with polite_termination():
            use: Use | None = None
            try:
                with self._alone():
                    use = Use(self.home.in_use)
                    server = self._ensure_running()
                yield server
            finally:
                if use is not None:
                    self._leave(use)

    def stop(self, *, force: bool) -> bool:
        """Stop it, with ``force`` even while other processes use it; say whether it was running.

        Raises:
            EmbeddedServerFailed: another process uses it, or it does not end.
        """
        if not self.home.is_ours():
            return False
        with self._alone():
            return self._stop(force=force)

    def destroy(self, *, force: bool) -> None:
        """Stop it and remove all its files; its home must be ours.

        Raises:
            EmbeddedServerFailed: another process uses it.
            HomeUnavailable: the files cannot be removed.
        """
        root = self.home.root
        with self._alone():
            self._stop(force=force)
            for place in self.home.short_socket_dirs(self.account):
                shutil.rmtree(place)
            # Renamed first, so that nobody ever starts a server in half of a home.
            removing = root.with_name(f"{root.name}.removing-{os.getpid()}")
            root.rename(removing)
            shutil.rmtree(removing)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Make sure of the home's directories and hold its lock; what the file system refuses is HomeUnavailable."""
        lock: Alone | None = None
        while lock is None:
            self.home.create(self.account)
            # Another process may remove the whole home (``destroy``) while we wait for the lock.
            with writing(self.home.root), suppress(FileNotFoundError):
                lock = Alone(self.home.lock)
        with lock, writing(self.home.root):
            yield

    def _ensure_running(self) -> Postmaster:
        if server := running(self.home):
            return server
        self._end()
        binaries = self.binaries()
        ensure_cluster(self.home, self.account, binaries)
        socket_dir = self.home.socket_dir(self.account)
        return postmaster.launch(self.home, self.account, binaries.programs, socket_dir, self.configuration)

    def _end(self) -> bool:
        """End what runs of the server, whole or in pieces; say whether it was running."""
        server = postmaster.find(self.home)
        if server is None:
            postmaster.clear(self.home)
            return False
        postmaster.stop(self.home, server)
        return True

    def _leave(self, use: Use) -> None:
        """Give up our mark; end the server if we were its last user and it was not asked to stay."""
        with use:
            if not self.home.is_ours():  # destroyed by force meanwhile
                return
            with self._alone():
                use.give_up()
                if self.home.stay.exists() or is_used(self.home.in_use):
                    return
                server = postmaster.find(self.home)
                if server is None or not server.is_elsewhere():  # what another container runs is left to it
                    self._end()

    def _stop(self, *, force: bool) -> bool:
        if not force and is_used(self.home.in_use):
            who = ", ".join(map(str, users(self.home.in_use))) or "unknown"
            raise EmbeddedServerFailed(
                f"{self.title} is in use by another process ({who}); end that first, or force it with --force."
            )
        server = postmaster.find(self.home)
        if server is not None and server.is_elsewhere():
            raise EmbeddedServerFailed(
                f"{self.title} of {self.home.root} runs in another container; stop it there, then try again."
            )
        self.home.stay.unlink(missing_ok=True)
        return self._end()


def running(home: ServerHome) -> Postmaster | None:
    """The server of a home if it takes connections, else None; nothing is started, and it is not marked as used."""
    server = postmaster.find(home)
    return server if server is not None and server.takes_connections() else None
