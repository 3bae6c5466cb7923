"""The rows of the benchmark: the same in every language and in SQL, so that counts and checksums can be compared."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # columns are without a zone and hold UTC
BASE: Final = datetime(2026, 6, 1)  # noqa: DTZ001  # likewise
EVENTS: Final = 20
_STRIDE: Final = 7_919
"""A prime: point reads walk through the logs by it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is to read: users, and logs of each."""

    users: int
    logs: int

    @property
    def total(self) -> int:
        """Logs of all users."""
        return self.users * self.logs


def uuid_of(kind: str, number: int) -> UUID:
    """The key of a row: the digest of its kind and number."""
    return UUID(hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


def user_ids(sizes: Sizes) -> list[UUID]:
    """Keys of the users."""
    return [uuid_of("user", number) for number in range(sizes.users)]


def log_ids(sizes: Sizes, count: int = 5_000) -> list[UUID]:
    """Keys for point reads, in an order that no index has."""
    return [uuid_of("log", number * _STRIDE % sizes.total) for number in range(count)]


def payload_of(number: int) -> dict[str, Any]:
    """What a log of that number tells."""
    return {
        "page": f"/products/{number % 997}",
        "ref": f"https://example.org/r/{number % 31}",
        "n": number,
        "ok": number % 2 == 0,
        "ab": {"exp": f"x{number % 12}", "variant": number % 3},
        "tags": [f"a{number % 5}", "b"],
    }


def new_rows(sizes: Sizes, count: int) -> list[dict[str, Any]]:
    """Rows to insert, as an application has them."""
    return [
        {
            "id": uuid_of("new", number),
            "user_id": uuid_of("user", number % sizes.users),
            "session_id": f"session-{number}",
            "event_type": f"event_{number % EVENTS}",
            "payload": payload_of(number),
            "duration": number % 9_999,
            "created_at": BASE + timedelta(seconds=number),
        }
        for number in range(count)
    ]


def milliseconds(moment: datetime) -> int:
    """Since 1970; a moment with a zone is converted."""
    naive = moment if moment.tzinfo is None else moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta())
    return (naive - EPOCH) // timedelta(milliseconds=1)


def log_line(values: Sequence[Any]) -> str:
    """A log as one line, the same in every language; the values are those of its columns, in order."""
    key, user, session, event, payload, duration, created = values
    told = f"{payload['page']}|{payload['n']}|{payload['ab']['variant']}|{payload['tags'][0]}"
    return f"{key}|{user}|{session}|{event}|{told}|{duration}|{milliseconds(created)}"


def checksum(lines: Iterable[str]) -> str:
    """Digest of lines."""
    return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()
