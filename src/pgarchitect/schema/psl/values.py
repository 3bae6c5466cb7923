"""Names, values and attributes: the part of the grammar that stands inside a line."""

import re
from typing import Final

from pgarchitect.schema.psl.lexer import Token, TokenKind
from pgarchitect.schema.psl.syntax import (
    Argument,
    ArrayValue,
    Attribute,
    CallValue,
    ConstantValue,
    Name,
    NumberValue,
    ObjectValue,
    StringValue,
    Value,
)

_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_DEEPEST: Final = 64
"""Arrays and calls within each other; nobody writes more, and the stack bears it."""


class Unreadable(Exception):
    """A line is not what it should be; ``message`` says what it should be, None: what the block says."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message)
        self.message = message


class Cursor:
    """Walks over tokens.

    Args:
        found: all tokens of a source, END at last.
        text: the source.

    Attributes:
        position: of the next token.
    """

    __slots__ = ("_depth", "_found", "_text", "position")

    def __init__(self, found: tuple[Token, ...], text: str) -> None:
        self._found = found
        self._text = text
        self._depth = 0
        self.position = 0

    @property
    def peek(self) -> Token:
        """The next token."""
        return self._found[self.position]

    @property
    def after(self) -> Token:
        """The one after the next."""
        return self.at(1)

    @property
    def previous(self) -> Token:
        """The last token that was taken."""
        return self._found[max(self.position - 1, 0)]

    def at(self, distance: int) -> Token:
        """The token so far ahead, END at most."""
        return self._found[min(self.position + distance, len(self._found) - 1)]

    def next(self) -> Token:
        """Take the next token; END is never passed."""
        found = self._found[self.position]
        if found.kind is not TokenKind.END:
            self.position += 1
        return found

    def took(self, text: str) -> bool:
        """Take the next token if it is this punctuation; whether it was."""
        if self.peek.kind is TokenKind.PUNCTUATION and self.peek.text == text:
            self.next()
            return True
        return False

    def expect(self, text: str) -> None:
        """Take this punctuation.

        Raises:
            Unreadable: something else stands there.
        """
        if not self.took(text):
            raise Unreadable

    def closed(self, text: str) -> bool:
        """Take this punctuation, which must stand here; always True."""
        self.expect(text)
        return True

    def name(self) -> Name:
        """Take an identifier.

        Raises:
            Unreadable: something else stands there.
        """
        if self.peek.kind is not TokenKind.NAME:
            raise Unreadable
        found = self.next()
        return Name(found.text, found.start)

    def path(self) -> Name:
        """Take identifiers with dots between them."""
        first = self.name()
        text = first.text
        while self.peek.text == "." and self.after.kind is TokenKind.NAME:
            self.next()
            text += "." + self.next().text
        return Name(text, first.start)

    def string(self) -> StringValue:
        """Take a text in quotes.

        Raises:
            Unreadable: something else stands there.
        """
        if self.peek.kind is not TokenKind.STRING:
            raise Unreadable
        found = self.next()
        return StringValue(_unescaped(found.text[1:-1]), found.text, found.start, found.end)

    def attribute(self) -> Attribute:
        """Take ``@name(…)`` or ``@@name(…)``."""
        start = self.next().start
        name = self.path()
        arguments = self._arguments() if self.peek.text == "(" else None
        return Attribute(name, arguments, start, self.previous.end)

    def value(self) -> Value:
        """Take a value.

        Raises:
            Unreadable: there is none.
        """
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise Unreadable
            return self._value()
        finally:
            self._depth -= 1

    def _value(self) -> Value:
        found = self.peek
        if found.kind is TokenKind.STRING:
            return self.string()
        if found.kind is TokenKind.NUMBER:
            self.next()
            return NumberValue(found.text, found.start, found.end)
        if found.text == "[" and found.kind is TokenKind.PUNCTUATION:
            return self._array()
        if found.text == "{" and found.kind is TokenKind.PUNCTUATION:
            return self._object()
        name = self.path()
        if self.peek.text == "(":
            arguments = self._arguments()
            return CallValue(name, arguments, name.start, self.previous.end)
        return ConstantValue(name.text, name.start, name.end)

    def _array(self) -> ArrayValue:
        start = self.next().start
        items: list[Value] = []
        self._skip_lines()
        while self.peek.text != "]":
            items.append(self.value())
            self._skip_lines()
            if not self.took(","):
                break
            self._skip_lines()
        self.expect("]")
        return ArrayValue(tuple(items), start, self.previous.end)

    def _object(self) -> ObjectValue:
        start = self.next().start
        members: list[tuple[Name, Value]] = []
        self._skip_lines()
        while self.peek.text != "}":
            name = self.name()
            self.expect(":")
            members.append((name, self.value()))
            self._skip_lines()
            if not self.took(","):
                break
            self._skip_lines()
        self.expect("}")
        return ObjectValue(tuple(members), start, self.previous.end)

    def _arguments(self) -> tuple[Argument, ...]:
        self.expect("(")
        found: list[Argument] = []
        self._skip_lines()
        while self.peek.text != ")":
            found.append(self._argument())
            self._skip_lines()
            if not self.took(","):
                break
            self._skip_lines()
        self.expect(")")
        return tuple(found)

    def _argument(self) -> Argument:
        start = self.peek.start
        name = None
        if self.peek.kind is TokenKind.NAME and self.after.text == ":":
            name = self.name()
            self.next()
            if self.peek.text in {",", ")"}:
                return Argument(name, None, start, self.previous.end)
        value = self.value()
        return Argument(name, value, start, value.end)

    def _skip_lines(self) -> None:
        while self.peek.kind is TokenKind.NEWLINE:
            self.next()


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    made = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2]), text)
    # Two escapes may be the halves of one character.
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
