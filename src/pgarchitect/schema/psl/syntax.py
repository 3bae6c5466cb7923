"""The syntax tree of a ``schema.prisma``: what stands where, comments and blank lines included.

Positions are offsets in characters. The tree is what the formatter prints and what is resolved into a
:class:`~pgarchitect.schema.psl.prisma_schema.PrismaSchema`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, perhaps with dots (``db.VarChar``), and where it begins."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class StringValue:
    """A text in quotes: its value, and as it stands in the source."""

    text: str
    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number as it is written."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ConstantValue:
    """A word: ``true``, an enum value, a field, ``Cascade``; perhaps with dots."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ArrayValue:
    """``[a, b]``."""

    items: tuple["Value", ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """``{ field: value }``, the condition of a partial index."""

    members: tuple[tuple[Name, "Value"], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CallValue:
    """``name(arguments)``."""

    name: Name
    arguments: tuple["Argument", ...]
    start: int
    end: int


Value = StringValue | NumberValue | ConstantValue | ArrayValue | CallValue | ObjectValue


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: its name where one is written, its value; None: the value is missing."""

    name: Name | None
    value: Value | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """``@name(…)`` or ``@@name(…)``; ``start`` is that of the first ``@``; None: it has no parentheses."""

    name: Name
    arguments: tuple[Argument, ...] | None
    start: int
    end: int

    @property
    def given(self) -> tuple[Argument, ...]:
        """Its arguments."""
        return self.arguments or ()


@dataclass(frozen=True, slots=True)
class TypeExpression:
    """The type of a field.

    Attributes:
        name: of the type; ``Unsupported`` for a column without one.
        unsupported: the database's own name of that type.
        optional: behind it stands ``?``.
        is_list: behind it stands ``[]``.
    """

    name: str
    unsupported: StringValue | None
    optional: bool
    is_list: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CommentLine:
    """A line that is only a comment; ``doc``: with three slashes."""

    text: str
    doc: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BlankLine:
    """A line with nothing on it."""

    start: int


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of a model, or (without a type) a value of an enum."""

    name: Name
    type: TypeExpression | None
    attributes: tuple[Attribute, ...]
    comment: CommentLine | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """A line that begins with ``@@``."""

    attribute: Attribute
    comment: CommentLine | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SettingLine:
    """``key = value`` of a datasource or generator; None: the value is missing."""

    name: Name
    value: Value | None
    comment: CommentLine | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that could not be read, as it stands."""

    text: str
    start: int
    end: int


Line = CommentLine | BlankLine | FieldLine | AttributeLine | SettingLine | BrokenLine


@dataclass(frozen=True, slots=True)
class Block:
    """``keyword Name { … }``.

    Attributes:
        keyword: ``model``, ``view``, ``type``, ``enum``, ``datasource`` or ``generator``.
        name: behind it.
        lines: between the braces.
        comment: behind the opening brace.
        start: of the keyword.
        end: behind the closing brace.
    """

    keyword: str
    name: Name
    lines: tuple[Line, ...]
    comment: CommentLine | None
    start: int
    end: int

    MODEL_KEYWORDS: ClassVar = frozenset({"model", "view", "type"})

    @property
    def fields(self) -> Iterator[FieldLine]:
        """Its fields, or the values of an enum."""
        return (each for each in self.lines if isinstance(each, FieldLine))

    @property
    def attributes(self) -> Iterator[Attribute]:
        """Its ``@@`` attributes."""
        return (each.attribute for each in self.lines if isinstance(each, AttributeLine))

    @property
    def settings(self) -> Iterator[SettingLine]:
        """Its settings."""
        return (each for each in self.lines if isinstance(each, SettingLine))


TopLine = Block | CommentLine | BlankLine | BrokenLine


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """A file: what stands in it, line by line and block by block."""

    file: str
    text: str
    lines: tuple[TopLine, ...]

    @property
    def blocks(self) -> Iterator[Block]:
        """Its blocks."""
        return (each for each in self.lines if isinstance(each, Block))
