"""The disk below a twin: when it is full, everything fails in its own words, and we tell it in one sentence."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from pgarchitect.errors import HomeUnavailable, PgArchitectError

_LEAST: Final = 2_000_000
"""Bytes without which a server neither starts nor stops in order: the next segment of its log takes one megabyte."""


def full_disk(place: Path, called: str = "planner twin") -> HomeUnavailable:
    """The error for a copy, ``called`` so in a message, whose disk is full."""
    return HomeUnavailable(
        f"The {called} cannot be written below {place}: the disk is full; free disk space, or set"
        " PGARCHITECT_DATA_DIR to a place that has some."
    )


def require_space(place: Path) -> None:
    """Check that a server can start or stop there; on a full disk it would try for minutes.

    Raises:
        HomeUnavailable: the disk is full.
    """
    if shutil.disk_usage(place).free < _LEAST:
        raise full_disk(place)


@contextmanager
def noticing_full_disk(place: Path, called: str = "planner twin") -> Iterator[None]:
    """Turn whatever goes wrong inside, while the disk is full, into the one error that says so.

    Raises:
        HomeUnavailable: the disk is full.
    """
    try:
        yield
    except HomeUnavailable as error:
        if _is_full(place):  # told by whoever noticed first, who calls it otherwise
            raise full_disk(place, called) from error
        raise
    except (PgArchitectError, psycopg.Error, OSError) as error:
        if _is_full(place) or isinstance(error.__cause__ or error, psycopg.errors.DiskFull):
            raise full_disk(place, called) from error
        raise


def _is_full(place: Path) -> bool:
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free < _LEAST
