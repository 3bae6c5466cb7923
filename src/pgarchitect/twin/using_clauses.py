"""USING expressions of ALTER COLUMN … TYPE: the only part of a definition that the catalog does not keep."""

import re
from collections.abc import Iterator
from typing import Final

from pgarchitect.twin.script import tokens

_NAME: Final = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_TABLE: Final = re.compile(
    rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<table>(?:{_NAME}\s*\.\s*)?{_NAME})\s*\*?\s", re.IGNORECASE
)
_TYPE: Final = re.compile(
    rf"\s*ALTER\s+(?:COLUMN\s+)?(?P<column>{_NAME})\s+(?:SET\s+DATA\s+)?TYPE\s.*?\bUSING\s+(?P<expression>.+?)\s*$",
    re.IGNORECASE | re.DOTALL,
)


def using_clauses(text: str) -> Iterator[tuple[str, str, str]]:
    """Table, column (as the catalog has it) and expression of each USING in an ALTER TABLE; none in anything else."""
    head = _TABLE.match(text)
    if head is None:
        return
    for action in _actions(text[head.end() :]):
        found = _TYPE.match(action)
        if found is not None:
            column = found["column"]
            plain = column[1:-1].replace('""', '"') if column.startswith('"') else column.lower()
            yield head["table"], plain, found["expression"]


def _actions(text: str) -> Iterator[str]:
    """What stands between the commas outside parentheses."""
    depth, first = 0, 0
    for token, start, end in tokens(text):
        other = token["other"]
        if other in {"(", "["}:
            depth += 1
        elif other in {")", "]"}:
            depth -= 1
        elif other == "," and not depth:
            yield text[first:start]
            first = end
    yield text[first:]
