"""Text of one file to its syntax tree, by recursive descent; what is wrong is noted, and reading goes on behind it.

The decisions are those of Prisma's grammar: a line is a declaration as a whole or none of the language, and a block
without its closing brace is none either.
"""

import re
from typing import Final

from pgarchitect.schema.psl import lexing
from pgarchitect.schema.psl.comments import documentation
from pgarchitect.schema.psl.declarations import DeclarationReader
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.syntax import (
    BlankLines,
    Block,
    BlockAttribute,
    BlockItem,
    Comment,
    CommentBlock,
    FieldDeclaration,
    Name,
    Setting,
    StrayLine,
    SyntaxTree,
    TopItem,
    TypeAlias,
    UnknownBlock,
    ValueDeclaration,
)

_KEYWORDS: Final = "model|view|type|enum|datasource|generator"
_STRAY: Final = {
    "datasource": "This line is not a valid definition within a datasource.",
    "generator": "This line is not a valid definition within a generator.",
    "enum": "This line is not an enum value definition.",
    "model": "This line is not a valid field or attribute definition.",
    "view": "This line is not a valid field or attribute definition.",
    "type": "This line is not a valid field or attribute definition.",
}
_header: Final = lexing.pattern(rf"({_KEYWORDS}){lexing.BLANK}({lexing.NAME}){lexing.BLANK}\{{[^\r\n]*+{lexing.BREAK}")
_closing: Final = lexing.pattern(r"(\})")
_closings: Final = re.compile(rf"(?:^|[\r\n]|\*/){lexing.BLANK}\}}")
_unknown_block: Final = lexing.pattern(
    rf"({lexing.NAME}{lexing.BLANK}\{{[^\r\n]*+{lexing.BREAK}{lexing.BLANK}[^}}]*+\}})"
)
_alias: Final = lexing.pattern(rf"(type{lexing.BLANK}{lexing.NAME}{lexing.BLANK}=)")


def parse(file: str, text: str, diagnostics: Diagnostics) -> SyntaxTree:
    """The syntax tree of a file; errors of syntax are added to ``diagnostics``, none is raised."""
    return _Parser(file, text, diagnostics).tree()


class _Parser:
    def __init__(self, file: str, text: str, diagnostics: Diagnostics) -> None:
        self.file = file
        self.text = text
        self.read = DeclarationReader(text, file)
        self.lexed = self.read.lexed
        self.pending = self.read.expressions.pending
        self.diagnostics = diagnostics
        self.closings = [found.end() for found in _closings.finditer(self.lexed)]
        self.documentation = ""

    def tree(self) -> SyntaxTree:
        items: list[TopItem] = []
        at, end = 0, len(self.text)
        while at < end:
            skipped = lexing.skip_blanks(self.lexed, at)
            if skipped is not None and skipped.end() == end:
                break
            item = self._top(at)
            items.append(item)
            at = item.end
        return SyntaxTree(self.file, self.text, tuple(items))

    def _top(self, at: int) -> TopItem:
        if block := self._block(at) or self._type_alias(at) or self._unknown_block(at):
            self.documentation = ""
            return block
        if comments := self._comments(at):
            self.documentation = documentation(comments)
            return comments
        self.documentation = ""
        return self._blank(at) or self._stray_top(at)

    def _unclosed(self, at: int) -> bool:
        return not self.closings or at > self.closings[-1]

    def _block(self, at: int) -> Block | None:
        header = _header(self.lexed, at)
        if header is None or self._unclosed(header.end()):
            return None
        documentation, self.documentation = self.documentation, ""
        before = len(self.diagnostics.found)
        items: list[BlockItem] = []
        inside = header.end()
        end = len(self.text)
        while not (closing := _closing(self.lexed, inside)):
            item = self._item(header[1], inside) if inside < end else None
            if item is None:
                del self.diagnostics.found[before:]
                self.documentation = documentation
                return None
            items.append(item)
            inside = item.end
            if isinstance(item, (BlockAttribute, Setting)):
                inside = self._behind_break(inside)
        name = Name(header[2], header.start(2), header.end(2))
        places = (header.end(), closing.start(1), header.start(1), closing.end())
        return Block(header[1], name, tuple(items), documentation, *places)

    def _behind_break(self, at: int) -> int:
        found = lexing.line_end(self.lexed, at)
        return found.end() if found else at

    def _item(self, keyword: str, at: int) -> BlockItem | None:
        if keyword in {"datasource", "generator"}:
            declared: BlockItem | None = self.read.setting(at)
        else:
            own = self.read.value if keyword == "enum" else self.read.field
            declared = own(at, self.documentation) or self.read.block_attribute(at)
        if declared is not None:
            if isinstance(declared, (FieldDeclaration, ValueDeclaration)):
                self.documentation = ""
            self.diagnostics.take(self.pending)
            return declared
        self.pending.found.clear()
        if comments := self._comments(at):
            self.documentation = documentation(comments)
            return comments
        return self._blank(at) or self._stray(at, keyword)

    def _comments(self, at: int) -> CommentBlock | None:
        found: list[Comment] = []
        while each := self.read.comment(at):
            found.append(each)
            broken = lexing.line_end(self.lexed, each.end) if self.lexed[each.end : each.end + 1] in "\r\n" else None
            at = broken.end() if broken else each.end
        return CommentBlock(tuple(found), found[0].start, at) if found else None

    def _blank(self, at: int) -> BlankLines | None:
        match = lexing.blank_lines(self.lexed, at)
        return BlankLines(at, match.end()) if match else None

    def _stray(self, at: int, keyword: str) -> StrayLine | None:
        found = lexing.line(self.lexed, at)
        if found is None:
            return None
        self._invalid(found.start(1), found.end(), _STRAY[keyword])
        return StrayLine(found.start(1), found.end())

    def _stray_top(self, at: int) -> StrayLine:
        found = lexing.line(self.lexed, at)
        start, end = (found.start(1), found.end()) if found else (at, at + 1)
        self._invalid(start, end, "This line is invalid. It does not start with any known Prisma schema keyword.")
        return StrayLine(start, end)

    def _unknown_block(self, at: int) -> UnknownBlock | None:
        found = _unknown_block(self.lexed, at)
        if found is None:
            return None
        self._invalid(
            found.start(1),
            found.end(),
            "This block is invalid. It does not start with any known Prisma schema keyword. Valid keywords include "
            "'model', 'enum', 'type', 'datasource' and 'generator'.",
        )
        return UnknownBlock(found.start(1), found.end())

    def _type_alias(self, at: int) -> TypeAlias | None:
        head = _alias(self.lexed, at)
        aliased = self.read.type(head.end()) if head else None
        if head is None or aliased is None:
            return None
        end = aliased.end - len(aliased.suffix)
        attributes = self.read.attributes(end)
        self.pending.found.clear()
        end = attributes[-1].end if attributes else end
        text = "Invalid type definition. Please check the documentation in https://pris.ly/d/composite-types"
        self._invalid(head.start(1), end, text)
        return TypeAlias(head.start(1), end)

    def _invalid(self, start: int, end: int, text: str) -> None:
        self.diagnostics.error(self.file, start, end, f"Error validating: {text}")
