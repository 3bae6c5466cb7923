"""A ``.env`` file, as Prisma reads it: ``NAME=value`` by lines, quotes, ``export``, comments, ``${OTHER}``."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*
        (?: '(?P<single>[^']*)' | "(?P<double>(?:\\.|[^"\\])*)" | `(?P<back>[^`]*)` | (?P<bare>[^#\r\n]*) )""",
    re.MULTILINE | re.VERBOSE,
)
_VARIABLE: Final = re.compile(r"(\\)?\$(?:\{(\w+)\}|(\w+))")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}


def read_dotenv(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Name → value of a ``.env`` file; nothing where there is none.

    Args:
        path: of the file.
        environment: what ``${NAME}`` means first.
    """
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    values: dict[str, str] = {}
    for found in _LINE.finditer(text):
        values[found["name"]] = _value(found, {**values, **environment})
    return values


def _value(found: re.Match[str], known: Mapping[str, str]) -> str:
    if found["single"] is not None:
        return found["single"]
    if found["double"] is not None:
        text = re.sub(
            r"\\(.)", lambda each: _ESCAPES.get(each[1], each[0] if each[1] == "$" else each[1]), found["double"]
        )
        return _expanded(text, known)
    return _expanded(found["back"] if found["back"] is not None else found["bare"].strip(), known)


def _expanded(text: str, known: Mapping[str, str]) -> str:
    def value(each: re.Match[str]) -> str:
        return each[0][1:] if each[1] else known.get(each[2] or each[3], "")

    return _VARIABLE.sub(value, text)
