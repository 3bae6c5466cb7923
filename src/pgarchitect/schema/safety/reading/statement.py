"""A script cut into its statements, each with its line, its tokens and the comments that belong to it."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.schema.safety.reading.tokens import Token, TokenKind, tokens

_END_OF_DATA: Final = re.compile(r"^\\\.[ \t\r]*$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Attributes:
        text: without its semicolon and without comments around it.
        line: of its first word, counted from 1.
        end_line: of its last.
        tokens: without comments; they count from the beginning of ``text``.
        comments: before it, within it, and behind it on its last line; as they stand.
    """

    text: str
    line: int
    end_line: int
    tokens: tuple[Token, ...]
    comments: tuple[str, ...]

    def begins(self, *words: str) -> bool:
        """Whether it begins with these words (upper case)."""
        return (
            self.tokens[0].word == words[0]
            and len(self.tokens) >= len(words)
            and all(token.word == word for token, word in zip(self.tokens, words, strict=False))
        )


def statements_in(script: str) -> tuple[Statement, ...]:
    """Cut a script into its statements, in their order; psql's own commands and the data of COPY are left out."""
    return tuple(_merged(script, list(_cut(script))))


def _cut(script: str) -> Iterator[tuple[list[Token], list[Token]]]:
    """The tokens of each statement, and the comments before and within it."""
    inside: list[Token] = []
    comments: list[Token] = []
    depth = blocks = skip = 0
    for token in tokens(script):
        if token.start < skip:
            continue
        if token.kind is TokenKind.COMMENT:
            comments.append(token)
        elif token.text == "\\" and not inside:
            skip = _line_end(script, token.start)
        elif token.text == ";" and depth <= 0 and not blocks:
            yield inside, comments
            if _takes_data(inside):
                ended = _END_OF_DATA.search(script, token.end)
                skip = ended.end() if ended else len(script)
            inside, comments, depth = [], [], 0
        else:
            depth += (token.text == "(") - (token.text == ")")
            blocks = _blocks(blocks, inside, token)
            inside.append(token)
    yield inside, comments


def _blocks(blocks: int, inside: Sequence[Token], token: Token) -> int:
    """How deep the body of an SQL function, ``BEGIN ATOMIC … END``, is after ``token``."""
    if token.word == "ATOMIC" and inside and inside[-1].word == "BEGIN":
        return 1
    if blocks:
        return blocks + (token.word == "CASE") - (token.word == "END")
    return 0


def _takes_data(inside: Sequence[Token]) -> bool:
    words = [token.word for token in inside]
    return words[:1] == ["COPY"] and any(pair == ("FROM", "STDIN") for pair in itertools.pairwise(words))


def _line_end(script: str, position: int) -> int:
    found = script.find("\n", position)
    return len(script) if found < 0 else found


def _merged(script: str, parts: list[tuple[list[Token], list[Token]]]) -> Iterator[Statement]:
    """Statements; a comment behind a semicolon on the same line goes to what stands before it."""
    for number, (inside, comments) in enumerate(parts):
        if not inside:
            continue
        end = inside[-1].end
        behind = parts[number + 1][1] if number + 1 < len(parts) else []
        trailing = [each for each in behind if "\n" not in script[end : each.start]]
        own = [each for each in comments if not _trails(script, parts, number, each)]
        yield _statement(script, inside, [*own, *trailing])


def _trails(script: str, parts: list[tuple[list[Token], list[Token]]], number: int, comment: Token) -> bool:
    before = parts[number - 1][0] if number else []
    return bool(before) and "\n" not in script[before[-1].end : comment.start]


def _statement(script: str, inside: list[Token], comments: list[Token]) -> Statement:
    start, end = inside[0].start, inside[-1].end
    return Statement(
        text=script[start:end],
        line=script.count("\n", 0, start) + 1,
        end_line=script.count("\n", 0, end) + 1,
        tokens=tuple(replace(each, start=each.start - start, end=each.end - start) for each in inside),
        comments=tuple(each.text for each in comments),
    )
