"""Expressions and arguments: what stands in attributes and behind ``=``."""

from typing import Final

from pgarchitect.schema.psl import lexing
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.string_literals import unescaped
from pgarchitect.schema.psl.syntax import (
    Argument,
    Arguments,
    Array,
    Call,
    Constant,
    Expression,
    Name,
    Number,
    Object,
    StringLiteral,
)

DEEPEST: Final = 200
"""Arrays and calls within each other that are read; Prisma has no limit, but no schema has ten."""

_brace: Final = lexing.pattern(r"([{}])")
_value: Final = lexing.pattern(rf"(?:({lexing.STRING})|(?![0-9])({lexing.PATH})|(-?+[0-9]++(?:\.[0-9]++)?+)|([\[{{]))")
_STRING, _WORD, _NUMBER, _OPENING = 1, 2, 3, 4


class ExpressionReader:
    """Reads expressions of one file; each method takes a place and gives what stands there and where it ends.

    None: it does not stand there. Errors within strings are kept back until the line around them is known to be one.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.lexed = lexing.for_lexing(text)
        self.file = file
        self.pending = Diagnostics()
        self._depth = 0

    def expression(self, at: int) -> tuple[Expression, int] | None:
        """Any expression."""
        found = _value(self.lexed, at)
        if found is None:
            return None
        kind = found.lastindex
        if kind == _STRING:
            return self.string(found.start(kind), found.end())
        if kind == _OPENING:
            return self._array(at) or self._object(at)
        name = Name(found[_WORD], found.start(_WORD), found.end()) if kind == _WORD else self._digits(at)
        if name is not None and (called := self._call(name)):
            return called
        if kind == _NUMBER:
            return Number(found[_NUMBER], found.start(_NUMBER), found.end()), found.end()
        return (Constant(name.text, name.start, name.end), name.end) if name else None

    def _digits(self, at: int) -> Name | None:
        """A name that begins with digits, which may be that of a call."""
        found = lexing.path(self.lexed, at)
        return Name(found[1], found.start(1), found.end()) if found else None

    def string(self, start: int, end: int) -> tuple[StringLiteral, int]:
        """The string literal that stands between two places, quotes included."""
        value = unescaped(self.text[start + 1 : end - 1], start + 1, self._wrong)
        return StringLiteral(value, start, end), end

    def _wrong(self, start: int, end: int, text: str) -> None:
        self.pending.error(self.file, start, end, text)

    def _call(self, name: Name) -> tuple[Call, int] | None:
        arguments = self.arguments(name.end)
        return (Call(name, arguments, name.start, arguments.end), arguments.end) if arguments else None

    def _array(self, at: int) -> tuple[Array, int] | None:
        opening = lexing.mark(self.lexed, at)
        if opening is None or opening[1] != "[" or self._depth > DEEPEST:
            return None
        items: list[Expression] = []
        self._depth += 1
        at, comma = opening.end(), None
        while item := self.expression(at):
            items.append(item[0])
            at = item[1]
            comma = self._comma(at)
            if comma is None:
                break
            at = comma + 1
        self._depth -= 1
        closing = lexing.mark(self.lexed, at)
        if closing is None or closing[1] != "]" or comma is not None:
            return None
        return Array(tuple(items), opening.start(1), closing.end()), closing.end()

    def _object(self, at: int) -> tuple[Object, int] | None:
        opening = _brace(self.lexed, at)
        if opening is None or opening[1] != "{" or self._depth > DEEPEST:
            return None
        members: list[tuple[Name, Expression]] = []
        self._depth += 1
        at, comma = opening.end(), None
        while (item := self._argument(at)) and item.name and item.value:
            members.append((item.name, item.value))
            at = item.end
            comma = self._comma(at)
            if comma is None:
                break
            at = comma + 1
        self._depth -= 1
        closing = _brace(self.lexed, at)
        if closing is None or closing[1] != "}" or comma is not None:
            return None
        return Object(tuple(members), opening.start(1), closing.end()), closing.end()

    def arguments(self, at: int) -> Arguments | None:
        """``(…)``."""
        opening = lexing.mark(self.lexed, at)
        if opening is None or opening[1] != "(" or self._depth > DEEPEST:
            return None
        items: list[Argument] = []
        self._depth += 1
        at, comma = opening.end(), None
        while item := self._argument(at):
            items.append(item)
            at = item.end
            comma = self._comma(at)
            if comma is None:
                break
            at = comma + 1
        self._depth -= 1
        if not items and (comma := self._comma(at)) is not None:
            at = comma + 1
        closing = lexing.mark(self.lexed, at)
        if closing is None or closing[1] != ")":
            return None
        return Arguments(tuple(items), comma, opening.start(1), closing.end())

    def _comma(self, at: int) -> int | None:
        found = lexing.mark(self.lexed, at)
        return found.start(1) if found is not None and found[1] == "," else None

    def _argument(self, at: int) -> Argument | None:
        name = lexing.name(self.lexed, at)
        colon = lexing.mark(self.lexed, name.end()) if name else None
        if name is None or colon is None or colon[1] != ":":
            value = self.expression(at)
            return Argument(None, value[0], value[0].start, value[1]) if value else None
        named = Name(name[1], name.start(1), name.end())
        value = self.expression(colon.end())
        if value is None:
            return Argument(named, None, named.start, colon.end())
        return Argument(named, value[0], named.start, value[1])
