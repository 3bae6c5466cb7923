"""Text from a database made safe to show: a statement may hold control characters, on purpose or not."""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"\s+")


def visible(text: str) -> str:
    """Show control characters instead of obeying them.

    A terminal obeys ESC sequences, and a browser obeys the marks that turn the direction of writing, which let a
    statement read differently from what it does (Unicode Technical Report 36, section 2.6). Line feed and tab stay.
    """
    text = _CONTROLS.sub(_picture, text.replace("\r\n", "\n"))
    return _DIRECTIONS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    """``visible`` text with every run of blanks and line ends made one blank."""
    return visible(_BLANKS.sub(" ", text)).strip()


def brief(text: str, width: int) -> str:
    """One line of at most ``width`` characters; what does not fit gives way to ``…``."""
    line = one_line(text)
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\x{code:02x}"
