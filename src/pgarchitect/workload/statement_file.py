"""Statements from a file: separated by ``;``, each optionally preceded by ``-- weight: N``."""

import re
from dataclasses import dataclass
from typing import Final

from pgarchitect.errors import UsageError

_PARTS: Final = re.compile(
    r"""(?P<quoted> "(?:[^"]|"")*" | [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*'
        | \$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$ )
      | (?P<comment> --[^\n]*(?:\n|$) | /\*.*?\*/ )
      | (?P<end> ; )""",
    re.VERBOSE | re.DOTALL,
)
_WEIGHT: Final = re.compile(r"--\s*weight:(?P<weight>.*)$", re.IGNORECASE | re.DOTALL)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class FileStatement:
    """One statement of a file.

    Attributes:
        text: without comments around it and without its semicolon.
        weight: how often it runs, compared with the others; 1 unless the file says otherwise.
    """

    text: str
    weight: float


def statements_of(text: str) -> tuple[FileStatement, ...]:
    """Split the contents of a file; quotes, dollar quotes and comments may hold semicolons.

    Raises:
        UsageError: a weight is no number.
    """
    found: list[FileStatement] = []
    pieces: list[str] = []
    weight, position = 1.0, 0
    for part in _PARTS.finditer(text):
        if part["quoted"]:
            continue
        pieces.append(text[position : part.start()])
        position = part.end()
        if part["comment"]:
            pieces.append(" ")
            said = _weight(part["comment"].strip())
            weight = weight if said is None else said
        else:
            _add(found, pieces, weight)
            pieces, weight = [], 1.0
    pieces.append(text[position:])
    _add(found, pieces, weight)
    return tuple(found)


def _weight(comment: str) -> float | None:
    """What a comment says of the next statement; None when it is about something else."""
    said = _WEIGHT.match(comment)
    if said is None:
        return None
    if not _NUMBER.fullmatch(said["weight"].strip()):
        raise UsageError(f'"{comment}" is no weight; write a number that is not negative, such as -- weight: 50.')
    return float(said["weight"])


def _add(found: list[FileStatement], pieces: list[str], weight: float) -> None:
    text = "".join(pieces).strip()
    if text:
        found.append(FileStatement(text, weight))
