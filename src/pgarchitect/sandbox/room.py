"""Whether the disk has room for a sandbox, asked before anything is read."""

import shutil
from pathlib import Path
from typing import Final

from pgarchitect.errors import HomeUnavailable

_SERVER: Final = 150_000_000
"""Bytes of an empty server with its log of writes."""
_GROWTH: Final = 1.1
"""What a table may take more in the copy than on the source: pages are filled otherwise."""


def needed_bytes(expected_bytes: int, largest_index_bytes: int) -> int:
    """Room for a copy of ``expected_bytes``; an index takes as much again while it is sorted."""
    return round(_GROWTH * expected_bytes) + largest_index_bytes + _SERVER


def require_room(place: Path, needed: int, free: int | None = None) -> None:
    """Check that there is room.

    Args:
        place: a directory of the disk.
        needed: bytes.
        free: bytes; None: as the disk says.

    Raises:
        HomeUnavailable: there is not enough.
    """
    free = shutil.disk_usage(place).free if free is None else free
    if free < needed:
        raise HomeUnavailable(
            f"The sandbox would need {_size(needed)} and {place} has {_size(free)} free; free disk space, lower"
            " --max-size, or set PGARCHITECT_DATA_DIR to a place that has more."
        )


def _size(number: int) -> str:
    return f"{number / 1024**2:,.0f} MB"
