"""A size as an option gives it."""

import re
from typing import Final

from pgarchitect.errors import UsageError

_SIZE: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kMGT]?B)", re.IGNORECASE)
_UNITS: Final = {"b": 1, "kb": 1_024, "mb": 1_024**2, "gb": 1_024**3, "tb": 1_024**4}


def size_in_bytes(text: str) -> int:
    """A size as PostgreSQL writes it, 1 kB = 1,024 bytes.

    Raises:
        UsageError: it is none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text} is not a size; write it such as 500MB or 2GB.")
    return round(float(found["number"]) * _UNITS[found["unit"].lower()])
