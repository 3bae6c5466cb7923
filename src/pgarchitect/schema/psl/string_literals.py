"""String literals: their escapes are those of JSON (RFC 8259, section 7)."""

import re
from collections.abc import Callable
from typing import Final

_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|(.))", re.DOTALL)

UNKNOWN: Final = (
    "Unknown escape sequence. If the value is a windows-style path, `\\` must be escaped as `\\\\`."  # Prisma's text
)
INVALID_UNICODE: Final = "Invalid unicode escape sequence."


def unescaped(raw: str, start: int, report: Callable[[int, int, str], None]) -> str:
    """The value of what stands between quotes at ``start``; each wrong escape is reported with its place."""
    if "\\" not in raw:
        return raw
    out: list[str] = []
    at = 0
    while (found := raw.find("\\", at)) >= 0:
        out.append(raw[at:found])
        value, at = _escape(raw, found, start, report)
        out.append(value)
    return "".join(out) + raw[at:]


def _escape(raw: str, at: int, start: int, report: Callable[[int, int, str], None]) -> tuple[str, int]:
    match = _ESCAPE.match(raw, at)
    if match is None:
        return "", at + 1
    first, _, single = match.groups()
    if single in _ESCAPES:
        return _ESCAPES[single], at + 2
    if first is not None:
        return _code_point(match, at, start, report)
    if single == "u":
        digits = re.compile(r"[0-9a-fA-F]*").match(raw, at + 2)
        wrong = 2 + len(digits.group()) if digits else 2
        report(start + at, start + at + wrong, INVALID_UNICODE)
        return "", at + wrong
    report(start + at, start + at + 2, UNKNOWN)
    return "", at + 2


def _code_point(match: re.Match[str], at: int, start: int, report: Callable[[int, int, str], None]) -> tuple[str, int]:
    high = int(match[1], 16)
    if not 0xD800 <= high < 0xE000:
        return chr(high), at + 6
    if match[2] is not None and high < 0xDC00:
        return chr(0x10000 + ((high - 0xD800) << 10) + (int(match[2], 16) - 0xDC00)), at + 12
    report(start + at, start + at + 6, INVALID_UNICODE)
    return "", at + 6
