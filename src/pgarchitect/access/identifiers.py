"""Identifiers that are made before a row is written, as Prisma makes them: UUID, CUID, ULID, nanoid."""

import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Final

_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NANOID: Final = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict"
_CUID2_LENGTH: Final = 24
_counter = count(secrets.randbelow(36**4))
_fingerprint: Final = secrets.token_hex(2)


def uuid4() -> uuid.UUID:
    """A random UUID (RFC 9562, version 4)."""
    return uuid.uuid4()


def uuid7() -> uuid.UUID:
    """A UUID that begins with the milliseconds since 1970 (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | secrets.randbits(80)
    number = (number & ~(0xF << 76)) | (7 << 76)
    return uuid.UUID(int=(number & ~(0x3 << 62)) | (0x2 << 62))


def uuid4_text() -> str:
    """A random UUID for a text column."""
    return str(uuid4())


def uuid7_text() -> str:
    """A UUID of version 7 for a text column."""
    return str(uuid7())


def cuid() -> str:
    """A collision-resistant id of the first version: ``c``, time, counter, fingerprint, chance; in base 36."""
    number = _base36(next(_counter) % 36**4, 4)
    chance = _base36(secrets.randbelow(36**8), 8)
    return f"c{_base36(time.time_ns() // 1_000_000, 8)}{number}{_fingerprint}{chance}"


def cuid2() -> str:
    """An id of the second version: a letter, then 23 characters of chance in base 36."""
    first = secrets.choice(_BASE36[10:])
    return first + "".join(secrets.choice(_BASE36) for _ in range(_CUID2_LENGTH - 1))


def ulid() -> str:
    """48 bits of milliseconds and 80 of chance in Crockford's base 32 (https://github.com/ulid/spec)."""
    number = ((time.time_ns() // 1_000_000) << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def nanoid(length: int = 21) -> Callable[[], str]:
    """What makes ids of so many characters that a URL bears."""
    return lambda: "".join(secrets.choice(_NANOID) for _ in range(length))


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def _base36(number: int, length: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
    return digits.rjust(length, "0")[-length:]
