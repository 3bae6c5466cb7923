"""``schema.prisma`` laid out as Prisma's formatter does: columns aligned, attributes in one order, comments kept."""

from collections.abc import Iterable, Sequence
from typing import Final

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.parser import parse
from pgarchitect.schema.psl.spelling import attribute_text, spelled_type, value_text
from pgarchitect.schema.psl.syntax import (
    Attribute,
    AttributeLine,
    BlankLine,
    Block,
    CommentLine,
    FieldLine,
    Line,
    SettingLine,
    TopLine,
)

_INDENT: Final = "  "
_FIELD_ORDER: Final = ("id", "unique", "default", "updatedAt", "map", "relation", "ignore")
_BLOCK_ORDER: Final = ("id", "unique", "index", "fulltext", "map", "ignore", "schema")

Row = tuple[str, ...]
"""The cells of a line, aligned with those of its neighbours; a trailing comment is no cell."""


def formatted(text: str) -> str:
    """A schema in Prisma's layout; what is formatted already comes back as it is.

    Raises:
        SchemaInvalid: a line cannot be read, so that nothing is changed.
    """
    diagnostics = Diagnostics({"schema.prisma": text})
    tree = parse("schema.prisma", text, diagnostics)
    if diagnostics.found:
        raise SchemaInvalid(diagnostics.told())
    return _top(tree.lines)


def _top(lines: Sequence[TopLine]) -> str:
    made: list[str] = []
    for line in lines:
        if isinstance(line, BlankLine):
            _blank(made)
        elif isinstance(line, CommentLine):
            if made and made[-1] == "}":
                made.append("")
            made.append(line.text)
        elif isinstance(line, Block):
            if made and made[-1] == "}":
                made.append("")
            made += _block(line)
    while made and not made[-1]:
        made.pop()
    return "\n".join(made) + "\n" if made else ""


def _blank(made: list[str]) -> None:
    if made and made[-1]:
        made.append("")


def _block(block: Block) -> list[str]:
    opening = f"{block.keyword} {block.name.text} {{"
    comments = [block.comment] if block.comment else []
    lines: list[Line] = [*comments, *block.lines]
    if block.keyword in {"datasource", "generator"}:
        return [opening, *_laid_out(lines), "}"]
    body, attributes = _parted(lines)
    laid = _laid_out(body)
    tail = _attribute_lines(attributes)
    between = [""] if laid and tail else []
    return [opening, *laid, *between, *tail, "}"]


def _parted(lines: Iterable[Line]) -> tuple[list[Line], list[tuple[list[CommentLine], AttributeLine]]]:
    """The lines of fields, and the ``@@`` attributes with the comments that stand straight above them."""
    body: list[Line] = []
    attributes: list[tuple[list[CommentLine], AttributeLine]] = []
    earlier = 0
    for line in lines:
        if isinstance(line, AttributeLine):
            above: list[CommentLine] = []
            while len(body) > earlier and isinstance(body[-1], CommentLine):
                above.insert(0, body.pop())  # type: ignore[arg-type]  # it was just asked what it is
            while not above and body and isinstance(body[-1], BlankLine):
                body.pop()
            # A comment above one attribute does not belong to the next.
            earlier = len(body)
            attributes.append((above, line))
        else:
            body.append(line)
    return body, attributes


def _attribute_lines(attributes: list[tuple[list[CommentLine], AttributeLine]]) -> list[str]:
    order = {name: number for number, name in enumerate(_BLOCK_ORDER)}
    attributes = sorted(attributes, key=lambda each: order.get(each[1].attribute.name.text, len(order)))
    made: list[str] = []
    for above, line in attributes:
        made += [_INDENT + each.text for each in above]
        made.append(f"{_INDENT}@@{attribute_text(line.attribute)}{_trailing(line.comment)}")
    return made


def _laid_out(lines: Sequence[Line]) -> list[str]:
    """Lines in aligned columns; a blank line begins new columns, and there is one at most between two lines."""
    made: list[str] = []
    section: list[Line] = []
    for line in [*lines, BlankLine(0)]:
        if not isinstance(line, BlankLine):
            section.append(line)
        elif section:
            made += ([""] if made else []) + _section(section)
            section = []
    return made


def _section(lines: Sequence[Line]) -> list[str]:
    rows = {number: row for number, line in enumerate(lines) if (row := _row(line)) is not None}
    widths = _widths(rows.values())
    made = []
    for number, line in enumerate(lines):
        if number in rows:
            comment = line.comment if isinstance(line, FieldLine | SettingLine) else None
            made.append(_INDENT + _aligned(rows[number], widths) + _trailing(comment))
        elif isinstance(line, CommentLine):
            made.append(_INDENT + line.text)
    return made


def _row(line: Line) -> Row | None:
    if isinstance(line, SettingLine):
        return (line.name.text, "= " + value_text(line.value)) if line.value is not None else (line.name.text, "=")
    if isinstance(line, FieldLine):
        attributes = " ".join("@" + attribute_text(each) for each in _sorted(line.attributes))
        kind = spelled_type(line.type) if line.type is not None else None
        return (line.name.text, attributes) if kind is None else (line.name.text, kind, attributes)
    return None


def _sorted(attributes: Sequence[Attribute]) -> list[Attribute]:
    order = {name: number for number, name in enumerate(_FIELD_ORDER)}
    return sorted(attributes, key=lambda each: order.get(each.name.text, len(order)))


def _widths(rows: Iterable[Row]) -> list[int]:
    widths: list[int] = []
    for row in rows:
        for number, cell in enumerate(row):
            if number == len(widths):
                widths.append(0)
            widths[number] = max(widths[number], len(cell))
    return widths


def _aligned(row: Row, widths: Sequence[int]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()


def _trailing(comment: CommentLine | None) -> str:
    return f" {comment.text}" if comment else ""
