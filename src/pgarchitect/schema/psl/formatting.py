"""The formatter: the layout of ``prisma format``, byte for byte, but for what stands behind ``{``, which Prisma drops.

Comments, blank lines between fields and lines that are nothing of the language are kept.
"""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Final

from pgarchitect.schema.psl.alignment import Table
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.missing_relations import completed
from pgarchitect.schema.psl.parsing import parse
from pgarchitect.schema.psl.rendering import arguments, expression
from pgarchitect.schema.psl.syntax import (
    Attribute,
    BlankLines,
    Block,
    BlockAttribute,
    BlockItem,
    Comment,
    CommentBlock,
    FieldDeclaration,
    Setting,
    StrayLine,
    SyntaxTree,
    TopItem,
    TypeExpression,
    ValueDeclaration,
)

_INDENT: Final = "  "
_ORDER: Final = {
    name: place
    for place, name in enumerate(
        ("id", "unique", "default", "updatedAt", "index", "fulltext", "map", "relation", "ignore")
    )
}
_LAST: Final = len(_ORDER)
_BEHIND_BRACE: Final = re.compile(r"\{[^\S\r\n]*([^\r\n]*)")


def formatted(text: str) -> str:
    """A schema of one file, formatted.

    Where nothing is wrong with it but for relations that lack an end or their columns, those are added, as Prisma
    does. What is no schema at all keeps its lines.
    """
    return formatted_files({"schema.prisma": text})["schema.prisma"]


def formatted_files(sources: Mapping[str, str]) -> dict[str, str]:
    """The files of one schema, formatted: file name → text."""
    whole = completed(sources)
    return {file: laid_out(text) for file, text in whole.items()}


def laid_out(text: str) -> str:
    """A file, formatted, with nothing added to it."""
    return _Formatter(parse("schema.prisma", text, Diagnostics())).text()


class _Formatter:
    def __init__(self, tree: SyntaxTree) -> None:
        self.tree = tree
        self.source = tree.text
        self.out: list[str] = []

    def text(self) -> str:
        items = list(self.tree.items)
        if items and isinstance(items[0], BlankLines):
            items.pop(0)
        for item, following in zip_longest(items, items[1:]):
            self._top(item, is_last=following is None)
            if isinstance(item, Block) and following is not None and not isinstance(following, BlankLines):
                self.out.append("\n")  # where it will be when that is formatted once more
        text = "".join(self.out)
        return text if text.endswith("\n") else text + "\n"

    def _top(self, item: TopItem, *, is_last: bool) -> None:
        match item:
            case Block():
                self.out += [f"{each}\n" for each in self._block(item)]
            case CommentBlock():
                table = Table()
                _comments(item, table)
                self.out += [f"{each}\n" for each in table.render("")]
            case BlankLines():
                if not is_last:
                    self.out.append("\n")
            case _:
                self.out.append(self.source[item.start : item.end].replace("\r\n", "\n").replace("\r", "\n"))

    def _block(self, block: Block) -> list[str]:
        return [self._head(block), *_Body(self.source, block).lines(), "}"]

    def _head(self, block: Block) -> str:
        head = f"{block.keyword} {block.name.text} {{"
        behind = _BEHIND_BRACE.match(self.source, self.source.index("{", block.name.end))
        return f"{head} {behind[1]}".rstrip() if behind else head


class _Body:
    """The lines between the braces of a block."""

    def __init__(self, source: str, block: Block) -> None:
        self.source = source
        self.items = block.items
        self.table = Table()
        self.out: list[str] = []
        self.attributes: list[tuple[CommentBlock | None, BlockAttribute]] = []
        self.above: CommentBlock | None = None

    def lines(self) -> list[str]:
        blank = False
        seen = False
        for place, item in enumerate(self.items):
            if isinstance(item, BlankLines):
                blank = seen
                continue
            following = self.items[place + 1] if place + 1 < len(self.items) else None
            if blank and not isinstance(item, (BlockAttribute, CommentBlock)):
                self._part()
            self._item(item, following, after_blank=blank)
            blank, seen = False, True
        self._flush()
        self._attributes()
        return self.out

    def _flush(self) -> None:
        self.out += self.table.render(_INDENT)

    def _part(self) -> None:
        """Columns of what follows are not aligned with those of what precedes."""
        self._flush()
        self.table.add()

    def _item(self, item: BlockItem, following: BlockItem | None, *, after_blank: bool) -> None:
        match item:
            case CommentBlock():
                if isinstance(following, BlockAttribute):
                    self.above = item
                    return
                if after_blank:
                    self._part()
                _comments(item, self.table)
            case FieldDeclaration():
                self._field(item)
            case ValueDeclaration():
                attributes = "".join(self._attribute(each, "@") for each in item.attributes)
                self.table.add(item.name.text, attributes, suffix=_behind(item.comment))
            case Setting():
                value = f" {expression(item.value, self.source)}" if item.value else ""
                self.table.add(item.name.text, f"={value}", suffix=_behind(item.comment))
            case BlockAttribute():
                self.attributes.append((self.above, item))
                self.above = None
            case StrayLine():
                self.table.add_raw(self.source[item.start : item.end].rstrip("\r\n"))

    def _field(self, field: FieldDeclaration) -> None:
        ordered = sorted(field.attributes, key=_place)
        attributes = " ".join(self._attribute(each, "@") for each in ordered)
        kind = self._type(field.type) if field.type else ""
        self.table.add(field.name.text, kind, attributes, suffix=_behind(field.comment))

    def _type(self, kind: TypeExpression) -> str:
        end = kind.end
        if kind.suffix == "[…]":
            inner = self.source[kind.start + 1 : end - 1].strip()
            return f"{inner}[]"
        base = self.source[kind.start : end]
        if kind.suffix:
            base = base[: base.rindex(")") + 1] if kind.unsupported else kind.name.text
        return base + ("" if kind.suffix == "!" else kind.suffix)

    def _attribute(self, attribute: Attribute, sigil: str) -> str:
        given = arguments(attribute.arguments, self.source) if attribute.arguments else ""
        return f"{sigil}{attribute.name.text}{given}"

    def _attributes(self) -> None:
        if not self.attributes:
            return
        self.table.add()
        for above, item in sorted(self.attributes, key=lambda each: _place(each[1].attribute)):
            if above is not None:
                _comments(above, self.table)
            self.table.add(self._attribute(item.attribute, "@@"), suffix=_behind(item.comment))
        self._flush()


def _place(attribute: Attribute) -> int:
    return _ORDER.get(attribute.name.text, _LAST)


def _behind(comment: Comment | None) -> str:
    return comment.text if comment else ""


def _comments(block: CommentBlock, table: Table) -> None:
    for each in block.comments:
        if each.mark != "/*":
            table.add(suffix=each.text)
            continue
        table.add(suffix="/**")
        for line in each.text[2:-2].splitlines():
            stripped = line.strip()
            said = stripped[1:].lstrip() if stripped.startswith("*") else stripped
            if said:
                table.add(suffix=f" * {said}")
        table.add(suffix=" */")
