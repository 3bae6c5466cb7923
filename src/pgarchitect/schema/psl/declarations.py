"""The lines within blocks: fields, values of enums, settings, attributes, comments.

Each method takes a place and gives what stands there; None: it does not stand there, not wholly at least.
"""

import re
from typing import Final

from pgarchitect.schema.psl import lexing
from pgarchitect.schema.psl.comments import joined
from pgarchitect.schema.psl.expressions import ExpressionReader
from pgarchitect.schema.psl.syntax import (
    Attribute,
    BlockAttribute,
    Comment,
    FieldDeclaration,
    Name,
    Setting,
    StringLiteral,
    TypeExpression,
    ValueDeclaration,
)

_BASE: Final = rf"(?:(Unsupported)\({lexing.BLANK}({lexing.STRING}){lexing.BLANK}\)|({lexing.NAME}))"
_type: Final = lexing.pattern(rf"{_BASE}(?:{lexing.BLANK}(\[\]{lexing.BLANK}\?|\[\]|\?|!))?")
_legacy_list: Final = lexing.pattern(rf"\[{lexing.BLANK}{_BASE}{lexing.BLANK}\]")
_sigil: Final = lexing.pattern("(@@?)")
_colon: Final = lexing.pattern("(:)")
_equals: Final = lexing.pattern("(=)")


class DeclarationReader:
    """Reads declarations of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.expressions = ExpressionReader(text, file)
        self.lexed = self.expressions.lexed

    def comment(self, at: int) -> Comment | None:
        """One comment."""
        match = lexing.comment(self.lexed, at)
        if match is None:
            return None
        mark = "/*" if match[3] else match[2]
        return Comment(mark, self.text[match.start(1) : match.end()], match.start(1), match.end())

    def field(self, at: int, documentation: str) -> FieldDeclaration | None:
        """``name Type @…``."""
        found = lexing.name(self.lexed, at)
        if found is None:
            return None
        name = Name(found[1], found.start(1), found.end())
        at = name.end
        if colon := _colon(self.lexed, at):
            at = colon.end()
        declared = self.type(at)
        attributes = self.attributes(declared.end if declared else at)
        at = attributes[-1].end if attributes else declared.end if declared else at
        comment = self.comment(at)
        broken = lexing.line_end(self.lexed, comment.end if comment else at)
        if broken is None:
            return None
        place = colon.start(1) if colon else None
        words = joined(documentation, comment)
        return FieldDeclaration(name, place, declared, attributes, comment, words, name.start, broken.end())

    def type(self, at: int) -> TypeExpression | None:
        """The type of a field."""
        found = _type(self.lexed, at)
        if found is None:
            found = _legacy_list(self.lexed, at)
            suffix = "[…]"
        else:
            suffix = "".join((found[4] or "").split())
        if found is None:
            return None
        group = 1 if found[1] else 3
        name = Name(found[group], found.start(group), found.end(group))
        start = self.lexed.index("[", at) if suffix == "[…]" else name.start
        unsupported = self._unsupported(found) if found[1] else None
        return TypeExpression(name, unsupported, suffix, start, found.end())

    def _unsupported(self, found: re.Match[str]) -> StringLiteral:
        return self.expressions.string(found.start(2), found.end(2))[0]

    def value(self, at: int, documentation: str) -> ValueDeclaration | None:
        """A value of an enum."""
        found = lexing.name(self.lexed, at)
        if found is None:
            return None
        name = Name(found[1], found.start(1), found.end())
        attributes = self.attributes(name.end)
        at = attributes[-1].end if attributes else name.end
        comment = self.comment(at)
        broken = lexing.line_end(self.lexed, comment.end if comment else at)
        if broken is None:
            return None
        words = joined(documentation, comment)
        return ValueDeclaration(name, attributes, comment, words, name.start, broken.end())

    def attributes(self, at: int) -> tuple[Attribute, ...]:
        """Any number of ``@`` attributes."""
        found: list[Attribute] = []
        while attribute := self._attribute(at, "@"):
            found.append(attribute)
            at = attribute.end
        return tuple(found)

    def _attribute(self, at: int, sigil: str) -> Attribute | None:
        found = _sigil(self.lexed, at)
        if found is None or found[1] != sigil:
            return None
        path = lexing.path(self.lexed, found.end())
        if path is None:
            return None
        name = Name(path[1], path.start(1), path.end())
        arguments = self.expressions.arguments(name.end)
        if arguments is not None:
            return Attribute(name, arguments, found.start(1), arguments.end)
        skipped = lexing.skip_blanks(self.lexed, name.end)
        return Attribute(name, None, found.start(1), skipped.end() if skipped else name.end)

    def block_attribute(self, at: int) -> BlockAttribute | None:
        """``@@name(…)`` on a line of its own."""
        attribute = self._attribute(at, "@@")
        if attribute is None:
            return None
        comment = self.comment(attribute.end)
        end = comment.end if comment else attribute.end
        if lexing.line_end(self.lexed, end) is None:
            return None
        if comment is not None:  # Prisma counts the comment as part of the attribute
            attribute = Attribute(attribute.name, attribute.arguments, attribute.start, end)
        return BlockAttribute(attribute, comment, attribute.start, end)

    def setting(self, at: int) -> Setting | None:
        """``key = value``."""
        found = lexing.name(self.lexed, at)
        equals = _equals(self.lexed, found.end()) if found else None
        if found is None or equals is None:
            return None
        value = self.expressions.expression(equals.end())
        at = value[1] if value else equals.end()
        comment = self.comment(at)
        end = comment.end if comment else at
        if lexing.line_end(self.lexed, end) is None:
            return None
        name = Name(found[1], found.start(1), found.end())
        return Setting(name, value[0] if value else None, comment, name.start, end)
