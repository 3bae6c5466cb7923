"""A type as a script writes it, and the one name that it has under all its spellings."""

from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.tokens import TokenKind

_SAME: Final = {
    "int": "int4",
    "integer": "int4",
    "bigint": "int8",
    "smallint": "int2",
    "decimal": "numeric",
    "dec": "numeric",
    "real": "float4",
    "double precision": "float8",
    "float": "float8",
    "boolean": "bool",
    "character varying": "varchar",
    "char varying": "varchar",
    "character": "bpchar",
    "char": "bpchar",
    "bit varying": "varbit",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
    "serial4": "serial",
    "serial8": "bigserial",
    "serial2": "smallserial",
}
"""Spelling → ``pg_type.typname``, or the shortest name of a serial type, which is no type."""
SERIAL: Final = {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}
"""Serial type → the type of its column."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type.

    Attributes:
        text: as it is written.
        name: ``pg_type.typname``, or ``serial``, ``bigserial``, ``smallserial``; of a user's type its own name.
        modifiers: what stands in the parentheses: ``(10, 2)``.
        array: of ``name``.
    """

    text: str
    name: str
    modifiers: tuple[int, ...] = ()
    array: bool = False


def read_type(reader: Reader, stops: frozenset[str]) -> TypeName:
    """The type that comes next, up to one of ``stops`` (upper case)."""
    start = reader.position
    words: list[str] = []
    modifiers: tuple[int, ...] = ()
    array = False
    while not reader.done and reader.peek() not in stops:
        token = reader.token
        if reader.peek() == "(":
            inside = reader.group()
            modifiers = _numbers(inside) if inside else ()
            continue
        if token is not None and token.is_name:
            words.append(token.name)
        array = array or reader.peek() in {"[", "ARRAY"}
        reader.skip()
    spelled = " ".join(word for word in words if word != "array")
    dotted = words and "." in {token.text for token in reader.statement.tokens[start : reader.position]}
    bare = words[-1] if dotted else spelled
    return TypeName(reader.text(start, reader.position), _SAME.get(bare, bare), modifiers, array)


def _numbers(inside: Reader) -> tuple[int, ...]:
    return tuple(int(token.text) for token in inside.left() if token.kind is TokenKind.NUMBER and token.text.isdigit())
