"""Tokens → the syntax tree. A line that cannot be read is noted and passed over, so that one pass finds all errors."""

from typing import Final

from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.lexer import Token, TokenKind, tokens
from pgarchitect.schema.psl.syntax import (
    AttributeLine,
    BlankLine,
    Block,
    BrokenLine,
    CommentLine,
    FieldLine,
    Line,
    SettingLine,
    SyntaxTree,
    TopLine,
    TypeExpression,
)
from pgarchitect.schema.psl.values import Cursor, Unreadable

_KEYWORDS: Final = frozenset({"model", "view", "type", "enum", "datasource", "generator"})
_COMMENTS: Final = frozenset({TokenKind.COMMENT, TokenKind.DOC_COMMENT})
_NO_DEFINITION: Final = {
    "datasource": "This line is not a valid definition within a datasource.",
    "generator": "This line is not a valid definition within a generator.",
    "enum": "This line is not an enum value definition.",
}
_NO_FIELD: Final = "This line is not a valid field or attribute definition."
_NO_BLOCK: Final = "This line is invalid. It does not start with any known Prisma schema keyword."


def parse(file: str, text: str, diagnostics: Diagnostics) -> SyntaxTree:
    """Read a file; what cannot be read is noted in ``diagnostics``."""
    return _Parser(file, text, diagnostics).tree()


class _Parser:
    __slots__ = ("_cursor", "_diagnostics", "_file", "_text")

    def __init__(self, file: str, text: str, diagnostics: Diagnostics) -> None:
        self._file = file
        self._text = text
        self._cursor = Cursor(tuple(tokens(text)), text)
        self._diagnostics = diagnostics

    def tree(self) -> SyntaxTree:
        lines: list[TopLine] = []
        while self._cursor.peek.kind is not TokenKind.END:
            lines.append(self._top())
        return SyntaxTree(self._file, self._text, tuple(lines))

    def _top(self) -> TopLine:
        first = self._cursor.peek
        if first.kind is TokenKind.NEWLINE:
            self._cursor.next()
            return BlankLine(first.start)
        if first.kind in _COMMENTS:
            return self._comment_line()
        if first.text in _KEYWORDS and self._cursor.after.kind is TokenKind.NAME and self._cursor.at(2).text == "{":
            return self._block()
        return self._broken(_NO_BLOCK, to_block_end=True)

    def _block(self) -> Block:
        keyword = self._cursor.next()
        name = self._cursor.name()
        self._cursor.next()
        comment = self._trailing()
        self._end_of_line()
        lines: list[Line] = []
        while self._cursor.peek.kind is not TokenKind.END and self._cursor.peek.text != "}":
            lines.append(self._line(keyword.text))
        if self._cursor.peek.kind is TokenKind.END:
            self._note(f"The {keyword.text} {name.text} has no closing brace; add one.", keyword.start, name.end)
            return Block(keyword.text, name, tuple(lines), comment, keyword.start, self._cursor.peek.start)
        end = self._cursor.next().end
        self._end_of_line()
        return Block(keyword.text, name, tuple(lines), comment, keyword.start, end)

    def _line(self, keyword: str) -> Line:
        first = self._cursor.peek
        if first.kind is TokenKind.NEWLINE:
            self._cursor.next()
            return BlankLine(first.start)
        if first.kind in _COMMENTS:
            return self._comment_line()
        mark = self._cursor.position
        try:
            read = self._read(keyword, first)
        except Unreadable as problem:
            self._cursor.position = mark
            return self._broken(problem.message or _NO_DEFINITION.get(keyword, _NO_FIELD))
        return read

    def _read(self, keyword: str, first: Token) -> Line:
        if keyword in {"datasource", "generator"}:
            return self._setting()
        if first.text == "@@":
            attribute = self._cursor.attribute()
            return AttributeLine(attribute, *self._rest(attribute.start, attribute.end))
        return self._field(has_type=keyword != "enum")

    def _setting(self) -> SettingLine:
        name = self._cursor.name()
        self._cursor.expect("=")
        value = None
        if self._cursor.peek.kind is not TokenKind.NEWLINE and self._cursor.peek.kind not in _COMMENTS:
            value = self._cursor.value()
        end = value.end if value is not None else self._cursor.previous.end
        return SettingLine(name, value, *self._rest(name.start, end))

    def _field(self, *, has_type: bool) -> FieldLine:
        name = self._cursor.name()
        kind = self._type() if has_type else None
        attributes = []
        while self._cursor.peek.text == "@":
            attributes.append(self._cursor.attribute())
        return FieldLine(name, kind, tuple(attributes), *self._rest(name.start, self._cursor.previous.end))

    def _type(self) -> TypeExpression | None:
        if self._cursor.peek.text == ":":
            raise Unreadable("Field declarations don't require a `:`.")
        if self._cursor.peek.kind is not TokenKind.NAME:
            return None
        name = self._cursor.name()
        unsupported = None
        if name.text == "Unsupported":
            self._cursor.expect("(")
            unsupported = self._cursor.string()
            self._cursor.expect(")")
        is_list = self._cursor.took("[") and self._cursor.closed("]")
        optional = self._cursor.took("?")
        if self._cursor.peek.text == "!":
            raise Unreadable("Fields are required by default, `!` is no longer required.")
        return TypeExpression(name.text, unsupported, optional, is_list, name.start, self._cursor.previous.end)

    def _rest(self, start: int, end: int) -> tuple[CommentLine | None, int, int]:
        """What ends a line: perhaps a comment, then the line's end or the closing brace."""
        comment = self._trailing()
        if self._cursor.peek.text != "}":
            self._end_of_line(strict=True)
        return comment, start, end

    def _trailing(self) -> CommentLine | None:
        return self._comment() if self._cursor.peek.kind in _COMMENTS else None

    def _comment(self) -> CommentLine:
        found = self._cursor.next()
        return CommentLine(found.text, found.kind is TokenKind.DOC_COMMENT, found.start, found.end)

    def _comment_line(self) -> CommentLine:
        comment = self._comment()
        self._end_of_line()
        return comment

    def _end_of_line(self, *, strict: bool = False) -> None:
        if self._cursor.peek.kind is TokenKind.NEWLINE:
            self._cursor.next()
        elif strict and self._cursor.peek.kind is not TokenKind.END:
            raise Unreadable

    def _broken(self, message: str, *, to_block_end: bool = False) -> BrokenLine:
        """Pass over a line, of a block that nobody knows over all of it."""
        start, depth = self._cursor.peek.start, 0
        end = start
        while self._cursor.peek.kind is not TokenKind.END:
            found = self._cursor.peek
            if found.kind is TokenKind.NEWLINE and depth <= 0:
                self._cursor.next()
                break
            if found.text == "}" and not to_block_end and end > start:
                break
            depth += (found.text == "{") - (found.text == "}") if to_block_end else 0
            end = self._cursor.next().end
        self._note(message, start, self._first_line_end(start, end))
        return BrokenLine(self._text[start:end], start, end)

    def _first_line_end(self, start: int, end: int) -> int:
        line = self._text.find("\n", start, end)
        return end if line < 0 else line

    def _note(self, message: str, start: int, end: int) -> None:
        self._diagnostics.add(message, self._file, start, end)
