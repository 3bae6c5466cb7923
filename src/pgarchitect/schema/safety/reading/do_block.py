"""DO blocks: the statements that stand in their bodies, which run in the same transaction as the block.

What a body puts together as text (EXECUTE) is not seen.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pgarchitect.schema.safety.reading.statement import Statement, statements_in
from pgarchitect.schema.safety.reading.tokens import Token, TokenKind

_SQL: Final = frozenset(
    "ALTER CREATE DROP TRUNCATE UPDATE DELETE INSERT WITH LOCK REINDEX REFRESH CLUSTER".split()  # noqa: SIM905
)
_BEFORE: Final = frozenset({"BEGIN", "THEN", "ELSE", "LOOP"})


def statements_of_block(block: Statement) -> Iterator[Statement]:
    """The statements of SQL in the body of a DO; of another statement none."""
    if not block.begins("DO"):
        return
    body = next((token for token in block.tokens if token.kind is TokenKind.STRING), None)
    if body is None:
        return
    opening = body.text[: body.text.index("$", 1) + 1] if body.text.startswith("$") else "'"
    line = block.line + block.text.count("\n", 0, body.start)
    text = body.text[len(opening) : len(body.text) - len(opening)]
    for found in statements_in(text if opening != "'" else text.replace("''", "'")):
        first = _first(found.tokens)
        if first is not None:
            yield _moved(_from(found, first), line - 1)


def _first(tokens: tuple[Token, ...]) -> int | None:
    """The number of the token where SQL begins behind BEGIN, IF … THEN and the like."""
    for number, token in enumerate(tokens):
        if token.word in _SQL and (number == 0 or tokens[number - 1].word in _BEFORE):
            return number
    return None


def _from(statement: Statement, first: int) -> Statement:
    start = statement.tokens[first].start
    tokens = (replace(each, start=each.start - start, end=each.end - start) for each in statement.tokens[first:])
    line = statement.line + statement.text.count("\n", 0, start)
    return replace(statement, text=statement.text[start:], line=line, tokens=tuple(tokens))


def _moved(statement: Statement, lines: int) -> Statement:
    return replace(statement, line=statement.line + lines, end_line=statement.end_line + lines)
