"""Tokens of SQL as PostgreSQL's scanner sees them: strings, comments, dollar quotes, words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_TOKENS: Final = re.compile(
    r"""(?P<blank> \s+ )
      | (?P<line> --[^\n]* )
      | (?P<block> /\* )
      | (?P<quoted> (?:[uU]&)?"(?:[^"]|"")*" )
      | (?P<string> [eE]'(?:[^'\\]|\\.|'')*' | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'
        | (?<![\w$]) \$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$ )
      | (?P<number> \d[\w.]* )
      | (?P<word> [^\W\d][\w$]* )
      | (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)
_BLOCK_MARK: Final = re.compile(r"/\*|\*/")
LONGEST_NAME: Final = 63
"""Bytes of a name that PostgreSQL keeps: NAMEDATALEN - 1."""


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()
    """A keyword or a name without quotes."""
    QUOTED = auto()
    """A name in double quotes."""
    STRING = auto()
    NUMBER = auto()
    OTHER = auto()
    """One character of an operator or of punctuation."""
    COMMENT = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Attributes:
        kind: what it is.
        text: as it stands.
        word: a word in upper case; a sign as it stands; of a quoted name or a string nothing, since it is no keyword.
        start: where it begins in the text.
        end: behind its last character.
    """

    kind: TokenKind
    text: str
    word: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """It can name something."""
        return self.kind is TokenKind.WORD or self.kind is TokenKind.QUOTED

    @property
    def name(self) -> str:
        """The name as the catalog has it: folded without quotes, cut to 63 bytes."""
        bare = self.text[1:-1].replace('""', '"') if self.kind is TokenKind.QUOTED else self.text.lower()
        return cut(bare)


def cut(name: str) -> str:
    """A name as PostgreSQL keeps it: at most 63 bytes, and no half of a character."""
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


def tokens(text: str) -> Iterator[Token]:
    """All tokens of ``text`` but blanks; what is never closed ends with the text."""
    position = 0
    while (found := _TOKENS.match(text, position)) is not None:
        end = _after_block(text, found.end()) if found["block"] else found.end()
        kind = _kind(found)
        if kind is not None:
            here = text[position:end]
            yield Token(kind, here, _word(kind, here), position, end)
        position = end


def _word(kind: TokenKind, text: str) -> str:
    if kind is TokenKind.WORD:
        return text.upper()
    return "" if kind is TokenKind.QUOTED or kind is TokenKind.STRING else text


def _kind(found: re.Match[str]) -> TokenKind | None:
    if found["blank"]:
        return None
    if found["line"] is not None or found["block"]:
        return TokenKind.COMMENT
    for group, kind in (
        ("quoted", TokenKind.QUOTED),
        ("string", TokenKind.STRING),
        ("number", TokenKind.NUMBER),
        ("word", TokenKind.WORD),
    ):
        if found[group] is not None:
            return kind
    return TokenKind.OTHER


def _after_block(text: str, position: int) -> int:
    """Where a comment ends; such comments nest."""
    depth = 1
    for mark in _BLOCK_MARK.finditer(text, position):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return len(text)
