"""Blocks of a ``schema.prisma`` changed line by line: what means the same stays to the letter, comments stay anyway."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Enum, EnumValue, Field, Model, Span
from pgarchitect.schema.psl.writing import block_attributes, field_line, index_line, key_line, value_line

_WORD: Final = re.compile(r"\s*(@@[\w.]+|[A-Za-z][\w-]*)")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_NOWHERE: Final = Span("", 0, 0)


def without_block(text: str, span: Span) -> str:
    """The text without a block and the documentation above it."""
    before = text[: span.start].split("\n")
    while len(before) > 1 and before[-2].lstrip().startswith("///"):
        del before[-2]
    return "\n".join(before).rstrip(" ") + text[span.end :].removeprefix("\n")


def edited_block(text: str, old: Model | Enum, new: Model | Enum, datasource: str) -> str:
    """A block as it is now; its columns are not aligned.

    Args:
        text: of the block.
        old: what that means.
        new: what it shall mean.
        datasource: name of the datasource, the prefix of native types.
    """
    opening, *body, closing = _lines(text, old.span.start)
    if isinstance(new, Model) and isinstance(old, Model):
        lines = [each for line in body for each in _model_line(line, old, new, datasource)]
        lines = [*_with_new_fields(lines, old, new, datasource), *_new_attributes(old, new)]
    else:
        assert isinstance(old, Enum)  # noqa: S101  # a block stays what it is
        assert isinstance(new, Enum)  # noqa: S101  # likewise
        lines = _enum_lines(body, old, new)
    return "\n".join([opening.text, *lines, closing.text])


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with those that belong to it: its text, where it begins in the file, its first word."""

    text: str
    start: int

    @property
    def word(self) -> str:
        found = _WORD.match(self.text)
        return found[1] if found else ""

    @property
    def comment(self) -> str:
        """The comment behind it, with a blank before it; empty without."""
        place = _STRING.sub(lambda each: "_" * len(each[0]), self.text).find("//")
        return f" {self.text[place:].rstrip()}" if place >= 0 else ""

    def holds(self, span: Span) -> bool:
        return self.start <= span.start < self.start + len(self.text)


def _lines(block: str, start: int) -> Iterator[_Line]:
    """The lines of a block; one with open parentheses goes on."""
    gathered, depth = "", 0
    for line in block.split("\n"):
        plain = _STRING.sub("", line).partition("//")[0]
        depth += sum(map(plain.count, "([")) - sum(map(plain.count, ")]"))
        gathered = f"{gathered}\n{line}" if gathered else line
        if depth <= 0:
            yield _Line(gathered, start)
            start += len(gathered) + 1
            gathered, depth = "", 0
    if gathered:
        yield _Line(gathered, start)


def _model_line(line: _Line, old: Model, new: Model, datasource: str) -> list[str]:
    if line.word.startswith("@@"):
        return _attribute_line(line, old, new)
    before = old.field(line.word)
    if before is None:
        return [line.text]
    after = new.field(line.word)
    if after is None:
        return [_GONE]
    if _same_field(before, after, old, new):
        return [line.text]
    return [field_line(after, new, datasource) + line.comment]


_GONE: Final = "\0"
"""Stands for a line that goes, until the documentation above it has gone with it."""


def _same_field(before: Field, after: Field, old: Model, new: Model) -> bool:
    return replace(before, span=_NOWHERE) == replace(after, span=_NOWHERE) and _keys(before, old) == _keys(after, new)


def _keys(field: Field, model: Model) -> object:
    """What a field says of keys."""
    key = model.primary_key
    on_field = key if key is not None and key.on_field and key.fields[0].field == field.name else None
    uniques = [each for each in model.indexes if each.on_field and each.fields[0].field == field.name]
    return on_field, [replace(each, span=_NOWHERE) for each in uniques]


def _attribute_line(line: _Line, old: Model, new: Model) -> list[str]:
    index = next((each for each in old.indexes if not each.on_field and line.holds(each.span)), None)
    if index is not None:
        kept = any(replace(each, span=_NOWHERE) == replace(index, span=_NOWHERE) for each in new.indexes)
        return [line.text] if kept else [_GONE]
    if line.word == "@@id":
        key = new.primary_key
        if key == old.primary_key:
            return [line.text]
        return [key_line(key) + line.comment] if key is not None and not key.on_field else [_GONE]
    if line.word == "@@ignore" and not new.ignored:
        return [_GONE]
    return [line.text]


def _with_new_fields(lines: Sequence[str], old: Model, new: Model, datasource: str) -> list[str]:
    made = _settled(lines)
    for field in new.fields:
        if old.field(field.name) is not None:
            continue
        place = _behind(made, old if field.is_relation else replace(old, fields=old.columns), new)
        made.insert(place, field_line(field, new, datasource))
    return made


def _settled(lines: Sequence[str]) -> list[str]:
    """Without the lines that go and the documentation straight above them."""
    made: list[str] = []
    for line in lines:
        if line != _GONE:
            made.append(line)
            continue
        while made and made[-1].lstrip().startswith("///"):
            made.pop()
    return made


def _behind(lines: Sequence[str], old: Model, new: Model) -> int:
    """The place behind the last of the fields; new ones that were put there count as well."""
    names = {each.name for each in old.fields} | {each.name for each in new.columns if old.field(each.name) is None}
    found = 0
    for number, line in enumerate(lines, start=1):
        if _Line(line, 0).word in names:
            found = number
    return found


def _new_attributes(old: Model, new: Model) -> list[str]:
    had = [replace(each, span=_NOWHERE) for each in old.indexes]
    made = [index_line(each) for each in new.indexes if not each.on_field and replace(each, span=_NOWHERE) not in had]
    key = new.primary_key
    if key is not None and not key.on_field and (old.primary_key is None or old.primary_key.on_field):
        made.insert(0, key_line(key))
    has = set(block_attributes(old))
    return made + [each for each in block_attributes(new) if each not in has]


def _enum_lines(body: Sequence[_Line], old: Enum, new: Enum) -> list[str]:
    """The lines of an enum: where values were only added behind or taken out they stay, else they are ordered anew."""
    before, after = [each.label for each in old.values], {each.label: each for each in new.values}
    names = {each.name: each for each in old.values}
    lines = [_value_lines(line, names.get(line.word), after) for line in body]
    made = _settled([each for each in lines if each is not None])
    at = max((number for number, line in enumerate(made, 1) if _Line(line, 0).word in names), default=0)
    added = [value_line(each) for each in new.values if each.label not in before]
    made[at:at] = added
    return (
        made
        if [each for each in before if each in after] + _labels(new, before) == list(after)
        else _ordered(made, new)
    )


def _labels(enum: Enum, known: Sequence[str]) -> list[str]:
    return [each.label for each in enum.values if each.label not in known]


def _value_lines(line: _Line, value: EnumValue | None, after: dict[str, EnumValue]) -> str | None:
    if value is None:
        return line.text
    return line.text if value.label in after else _GONE


def _ordered(lines: Sequence[str], enum: Enum) -> list[str]:
    """The lines with those of values in the enum's order, what stands above a value with it."""
    order = {each.name: number for number, each in enumerate(enum.values)}
    chunks: list[tuple[int, list[str]]] = []
    above: list[str] = []
    for line in lines:
        above.append(line)
        word = _Line(line, 0).word
        if word in order:
            chunks.append((order[word], above))
            above = []
    return [line for _, chunk in sorted(chunks, key=lambda each: each[0]) for line in chunk] + above
