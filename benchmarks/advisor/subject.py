"""A database to be advised on: how it is filled, and its workload."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pgarchitect.advising import Wanted
from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings

MEGABYTE = 1_000_000
"""Budgets are in these, the stricter of the two readings."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A database to be advised on.

    Attributes:
        name: of its database, and of its part of the page.
        title: as the page says it, with its scale.
        load: fills the empty database at a URL and leaves its statistics fresh.
        wanted: the workload, once it is loaded.
        budgets: bytes; None: any size.
        most: indexes at most where the budget is None.
        executes: whether the statements are really executed.
        left_out: what weighs nothing, or is not compared, and why.
        width: columns of an index of Extend at most.
        everything: the workload with every statement of weight 1, where that is another one.
    """

    name: str
    title: str
    load: Callable[[str, Settings], None]
    wanted: Callable[[str, Settings], Sequence[Wanted]]
    budgets: Sequence[int | None]
    most: int | None
    executes: bool = False
    left_out: str = ""
    width: int = 2
    everything: Callable[[], Sequence[Wanted]] | None = None


def first(subject: Subject, count: int) -> Subject:
    """The same with the first statements of its workload only: a quick look whether everything works."""
    wanted, everything = subject.wanted, subject.everything
    return replace(
        subject,
        title=f"{subject.title}, the first {count} statements",
        wanted=lambda url, settings: wanted(url, settings)[:count],
        everything=None if everything is None else lambda: everything()[:count],
    )


@dataclass(frozen=True, slots=True)
class Lab:
    """A loaded database of ours.

    Attributes:
        url: of it; a superuser's.
        settings: time-outs, and where twins live.
        told: hears of each step.
    """

    url: str
    settings: Settings
    told: Callable[[str], None]


@contextmanager
def needed(package: str) -> Iterator[None]:
    """Say what to install where a package of the extra ``bench`` is missing.

    Raises:
        UsageError: it is.
    """
    try:
        yield
    except (ImportError, FileNotFoundError) as error:
        raise UsageError(f"{package} is not installed; run `make bench-advisor`, which installs it.") from error


def settle(url: str, settings: Settings) -> None:
    """Statistics, visibility map, and everything on disk."""
    with connect(url, settings, read_only=False) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
