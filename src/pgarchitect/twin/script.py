"""A migration's script cut into its statements, each with its line and with what a twin can do with it.

It is cut as psql would: quotes, dollar quotes, nested comments, parentheses and the bodies of SQL functions
(``BEGIN ATOMIC … END``) may hold semicolons; a line of psql's own commands ends with the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_TOKENS: Final = re.compile(
    r"""(?P<blank> \s+ | --[^\n]* )
      | (?P<comment> /\* )
      | (?P<quoted> "(?:[^"]|"")*" | \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*'
        | (?<![\w$]) \$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$ )
      | (?P<meta> \\[^\n]* )
      | (?P<word> [^\W\d][\w$]* )
      | (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK: Final = re.compile(r"/\*|\*/")
_COPY_DATA: Final = re.compile(r"COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_END_OF_DATA: Final = re.compile(r"^\\\.[ \t\r]*$\n?", re.MULTILINE)
_ROUTINE: Final = frozenset({"FUNCTION", "PROCEDURE"})
_HEAD: Final = 4
"""Words of ``CREATE OR REPLACE FUNCTION``, among which psql looks for a routine."""


class Kind(Enum):
    """What a twin can do with a statement."""

    DEFINITION = auto()
    """Run it: definitions, settings, transaction control."""
    QUERY = auto()
    """Run it, and let it fail: a SELECT calls a function, or checks rows that are not there."""
    DATA = auto()
    """Leave it out: it changes rows, which a twin lacks."""
    FILLING = auto()
    """Run it, and do not believe the rows: CREATE TABLE AS, CREATE MATERIALIZED VIEW, SELECT INTO."""
    UPKEEP = auto()
    """Leave it out without loss: VACUUM, ANALYZE; plans are shown as after ANALYZE."""
    ELSEWHERE = auto()
    """Leave it out: it concerns other databases, other servers or the disk."""
    META = auto()
    """Leave it out: psql's own command."""


@dataclass(frozen=True, slots=True)
class ScriptStatement:
    """One statement: its first line in the script, counted from 1, and its text without the semicolon."""

    line: int
    text: str
    kind: Kind


def statements_in(script: str) -> tuple[ScriptStatement, ...]:
    """Cut a script into its statements, in their order."""
    return tuple(
        ScriptStatement(script.count("\n", 0, first) + 1, script[first:end].rstrip(), kind_of(script[first:end]))
        for first, end in _spans(script)
    )


def kind_of(text: str) -> Kind:
    """What a twin can do with the statement ``text``, which begins with its first word."""
    if text.startswith("\\"):
        return Kind.META
    bare = " ".join(_words(text))
    return next((kind for kind, pattern in _KINDS if pattern.match(bare)), Kind.DEFINITION)


_KINDS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.FILLING, r"CREATE (UNLOGGED |LOCAL |GLOBAL |TEMP |TEMPORARY )*(TABLE|MATERIALIZED VIEW) .*\bAS .*"),
        (Kind.FILLING, r"(SELECT|WITH)\b.*\bINTO\b(?!.*\b(INSERT|MERGE)\b)"),
        (Kind.DATA, r"(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b|WITH\b.*\b(INSERT INTO|UPDATE|DELETE FROM|MERGE)\b"),
        (Kind.QUERY, r"(SELECT|WITH|VALUES|TABLE|CALL)\b"),
        (Kind.UPKEEP, r"(VACUUM|ANALYZE|ANALYSE|CHECKPOINT|EXPLAIN|LISTEN|NOTIFY|UNLISTEN|LOAD|PREPARE|EXECUTE)\b"),
        (Kind.ELSEWHERE, r"(CREATE|DROP) (DATABASE|TABLESPACE|SUBSCRIPTION|PUBLICATION)\b"),
        (Kind.ELSEWHERE, r"ALTER (TABLESPACE|SUBSCRIPTION|PUBLICATION)\b|.*\bSET TABLESPACE\b|ALTER SYSTEM RESET\b"),
    )
)


def _words(text: str) -> Iterator[str]:
    """The words outside quotes and comments, in upper case, as far as they tell the kind; names in quotes as ``Q``."""
    for token, _, _ in tokens(text):
        if token["word"]:
            yield token["word"].upper()
        elif token["quoted"] and token["quoted"].startswith('"'):
            yield "Q"


def tokens(script: str, position: int = 0) -> Iterator[tuple[re.Match[str], int, int]]:
    """Tokens with where they begin and end; a nested comment is one token."""
    while (token := _TOKENS.match(script, position)) is not None:
        end = _after_comment(script, token.end()) if token["comment"] else token.end()
        yield token, position, end
        position = end


def _after_comment(script: str, position: int) -> int:
    depth = 1
    for mark in _COMMENT_MARK.finditer(script, position):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return len(script)


def _spans(script: str) -> Iterator[tuple[int, int]]:
    position = 0
    while position < len(script):
        cut = _Cut()
        following = len(script)
        for token, start, end in tokens(script, position):
            if cut.ends_with(token, start):
                following = end
                break
        if cut.first is not None:
            stop = cut.stop if cut.stop is not None else len(script)
            yield cut.first, stop
            if _COPY_DATA.match(script, cut.first, stop):
                data_end = _END_OF_DATA.search(script, following)
                following = data_end.end() if data_end else len(script)
        position = following


class _Cut:
    """One statement while its tokens come by."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.stop: int | None = None
        self._words: list[str] = []
        self._parentheses = 0
        self._blocks = 0

    def ends_with(self, token: re.Match[str], start: int) -> bool:
        """Take the next token; whether the statement ends there."""
        if token["blank"] or token["comment"]:
            return False
        if token["other"] == ";" and not self._parentheses and not self._blocks:
            self.stop = start
            return True
        if token["meta"]:
            # Within a statement psql would obey it too; what stands before it is then sent with what follows.
            if self.first is None:
                self.first, self.stop = start, token.end()
                return True
            return False
        if self.first is None:
            self.first = start
        self._count(token)
        return False

    def _count(self, token: re.Match[str]) -> None:
        if token["other"] in {"(", ")"}:
            self._parentheses = max(0, self._parentheses + (1 if token["other"] == "(" else -1))
        elif token["word"]:
            word = token["word"].upper()
            if len(self._words) < _HEAD:
                self._words.append(word)
            if self._words[0] == "CREATE" and not _ROUTINE.isdisjoint(self._words):
                if word == "BEGIN" or (word == "CASE" and self._blocks):
                    self._blocks += 1
                elif word == "END" and self._blocks:
                    self._blocks -= 1
