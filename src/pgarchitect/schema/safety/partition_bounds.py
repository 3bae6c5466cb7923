"""Bounds of partitions as conditions on their rows."""

from typing import Final

from pgarchitect.schema.safety.known import words
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import statements_in
from pgarchitect.schema.safety.reading.tokens import TokenKind, tokens

_OPEN: Final = frozenset({"MINVALUE", "MAXVALUE"})


def condition_of(bound: str, method: str, key: tuple[str, ...]) -> str:
    """What ``FOR VALUES …`` demands of a row, for keys of one column; empty where it cannot be written down.

    Args:
        bound: text from FOR VALUES on.
        method: RANGE, LIST or HASH.
        key: columns of the partition key.
    """
    if len(key) != 1 or method not in {"RANGE", "LIST"}:
        return ""
    column = quoted(key[0])
    reader = Reader(statements_in(bound)[0])
    if not reader.take("FOR", "VALUES"):
        return ""
    if reader.take("IN"):
        inside = reader.group()
        return f"{column} IS NOT NULL AND {column} IN ({inside.text()})" if inside else ""
    reader.take("FROM")
    least = reader.group()
    reader.take("TO")
    most = reader.group()
    parts = [f"{column} IS NOT NULL"]
    if least and least.text().upper() not in _OPEN:
        parts.append(f"{column} >= {least.text()}")
    if most and most.text().upper() not in _OPEN:
        parts.append(f"{column} < {most.text()}")
    return " AND ".join(parts)


def proves(condition: str, bound: str) -> bool:
    """Whether a check is about these bounds: it demands a value, and names every literal of them.

    The server decides by proof; a check that is about the bounds in another way counts as none here.
    """
    literals = {each.text for each in tokens(bound) if each.kind in {TokenKind.STRING, TokenKind.NUMBER}}
    said = {each.text for each in tokens(condition)}
    return bool(literals) and literals <= said and "not null" in " ".join(words(condition))
