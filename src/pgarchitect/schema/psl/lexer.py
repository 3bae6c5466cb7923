"""Characters of a ``schema.prisma`` → tokens. Nothing is thrown away but blanks: comments and line ends are tokens."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple


class TokenKind(Enum):
    """What a token is."""

    NAME = auto()
    NUMBER = auto()
    STRING = auto()
    PUNCTUATION = auto()
    DOC_COMMENT = auto()
    COMMENT = auto()
    NEWLINE = auto()
    UNKNOWN = auto()
    END = auto()


class Token(NamedTuple):
    """A token: what it is, its text as it stands in the source, where it begins and ends (a tuple: many are made)."""

    kind: TokenKind
    text: str
    start: int
    end: int


_TOKEN: Final = re.compile(
    r"""[ \t\f\u00a0\ufeff]*(?:
      (?P<NUMBER>-?\d+(?:\.\d+)?(?![\w-]))
    | (?P<NAME>[^\W_][\w-]*)
    | (?P<NEWLINE>\r\n|\n|\r)
    | (?P<PUNCTUATION>@@|@|[{}()\[\],:=?.!])
    | (?P<STRING>"(?:[^"\\\n\r]|\\.)*")
    | (?P<DOC_COMMENT>///[^\n\r]*)
    | (?P<COMMENT>//[^\n\r]*|/\*(?:.|\n)*?\*/)
    | (?P<UNKNOWN>"[^\n\r]*|[^\s])
    )""",
    re.VERBOSE,
)
_KINDS: Final = {each.name: each for each in TokenKind}


def tokens(text: str) -> Iterator[Token]:
    """All tokens of a source, an END at last."""
    for found in _TOKEN.finditer(text):
        group = str(found.lastgroup)
        start, end = found.span(group)
        yield Token(_KINDS[group], found[group], start, end)
    yield Token(TokenKind.END, "", len(text), len(text))
