"""The syntax tree of one file: every declaration, comment and blank line, with its place.

``start`` and ``end`` are offsets in characters into the file's text, the end exclusive. What means nothing to
Prisma's grammar is kept too, as it stands: the formatter loses nothing.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Name:
    """A name where it is written: of a block, a field, an attribute (``db.VarChar``), an argument."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """``"…"``; ``value`` without quotes and escapes."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    """``-1.5``, as written."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A bare word: ``true``, ``Cascade``, the name of a field or of an enum value."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Array:
    """``[…]``."""

    items: tuple["Expression", ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Object:
    """``{ name: value, … }``, the condition of a partial index."""

    members: tuple[tuple[Name, "Expression"], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Argument:
    """``value``, ``name: value``, or ``name:`` alone, which is refused later."""

    name: Name | None
    value: "Expression | None"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Arguments:
    """``(…)``; ``trailing_comma`` is the place of a comma behind the last one, which is refused later."""

    items: tuple[Argument, ...]
    trailing_comma: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """``name(…)``."""

    name: Name
    arguments: Arguments
    start: int
    end: int


Expression = StringLiteral | Number | Constant | Array | Object | Call


@dataclass(frozen=True, slots=True)
class Attribute:
    """``@name`` or ``@@name`` with its arguments; ``end`` as Prisma counts it, with blanks behind one without any."""

    name: Name
    arguments: Arguments | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: what it begins with (``//``, ``///`` or ``/*``), and the whole of it."""

    mark: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CommentBlock:
    """Comments on lines of their own, without blank lines between them."""

    comments: tuple[Comment, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BlankLines:
    """Any number of blank lines."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StrayLine:
    """A line that is nothing of the language; ``end`` with its line break."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TypeExpression:
    """The type of a field.

    Attributes:
        name: of the type; ``Unsupported`` for an unsupported one.
        unsupported: what stands in ``Unsupported("…")``, else None.
        suffix: ``[]``, ``?`` or nothing; ``[]?``, ``!`` and ``[…]`` (the list of Prisma 1) are refused later.
    """

    name: Name
    unsupported: StringLiteral | None
    suffix: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """``name Type @…``; type None: refused later. ``colon`` is where Prisma 1 had one. ``end`` with its line break."""

    name: Name
    colon: int | None
    type: TypeExpression | None
    attributes: tuple[Attribute, ...]
    comment: Comment | None
    documentation: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ValueDeclaration:
    """A value of an enum; ``end`` with its line break."""

    name: Name
    attributes: tuple[Attribute, ...]
    comment: Comment | None
    documentation: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BlockAttribute:
    """``@@name(…)`` on a line of its own."""

    attribute: Attribute
    comment: Comment | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Setting:
    """``key = value`` of a datasource or generator; value None: refused later."""

    name: Name
    value: Expression | None
    comment: Comment | None
    start: int
    end: int


BlockItem = FieldDeclaration | ValueDeclaration | BlockAttribute | Setting | CommentBlock | BlankLines | StrayLine


@dataclass(frozen=True, slots=True)
class Block:
    """``model``, ``view``, ``type``, ``enum``, ``datasource`` or ``generator``, and what stands in it.

    ``end`` is behind the closing brace; ``inner_start`` and ``inner_end`` enclose the lines between the braces.
    """

    keyword: str
    name: Name
    items: tuple[BlockItem, ...]
    documentation: str
    inner_start: int
    inner_end: int
    start: int
    end: int
    fields: tuple[FieldDeclaration, ...] = field(init=False, repr=False, compare=False)
    values: tuple[ValueDeclaration, ...] = field(init=False, repr=False, compare=False)
    attributes: tuple[Attribute, ...] = field(init=False, repr=False, compare=False)
    settings: tuple[Setting, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the items by what they are, once: every stage asks for them."""
        items = self.items
        by_kind = {
            "fields": tuple(each for each in items if isinstance(each, FieldDeclaration)),
            "values": tuple(each for each in items if isinstance(each, ValueDeclaration)),
            "attributes": tuple(each.attribute for each in items if isinstance(each, BlockAttribute)),
            "settings": tuple(each for each in items if isinstance(each, Setting)),
        }
        for name, found in by_kind.items():
            object.__setattr__(self, name, found)


@dataclass(frozen=True, slots=True)
class TypeAlias:
    """``type X = …``, which Prisma had once; refused later."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnknownBlock:
    """``word { … }``, which is no block of the language; refused later."""

    start: int
    end: int


TopItem = Block | TypeAlias | UnknownBlock | CommentBlock | BlankLines | StrayLine


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """One file: its name, its text, and what it is made of."""

    file: str
    text: str
    items: tuple[TopItem, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its blocks, in order."""
        return tuple(each for each in self.items if isinstance(each, Block))
