"""``rows.py``: for each model the struct of its rows, slotted and frozen (msgspec)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pgarchitect.schema.database_schema import Column
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.header import header
from pgarchitect.schema.mirrors.mirrored import Mirrored
from pgarchitect.schema.mirrors.names import each_once, snake, upper_first
from pgarchitect.schema.mirrors.python_code import (
    Node,
    annotated,
    call,
    docstring,
    has,
    imported,
    keyword,
    mapping,
    skipped,
    statement,
    string,
    tupled,
)
from pgarchitect.schema.mirrors.python_enums import enum_classes
from pgarchitect.schema.mirrors.python_types import TAKEN, annotation, python_type
from pgarchitect.schema.mirrors.source import MirrorSource
from pgarchitect.schema.psl.prisma_schema import Model

_UNNAMEABLE: Final = re.compile(r"[\x00-\x1f\"\\]")
"""What msgspec takes for no part of a name; ``__columns__`` has it all the same."""
_CLASSES: Final = frozenset({"Any", "ClassVar", "Decimal", "JsonValue", "Struct", "TypeAlias", "UUID"})


def row_classes(source: MirrorSource) -> Mapping[str, str]:
    """Model → the class of its rows; models with ``@@ignore`` have none."""
    shown = (each.model.name for each in source.tables if not each.model.ignored)
    return each_once([(each, upper_first(each)) for each in shown], _CLASSES | set(enum_classes(source).values()))


def attributes(model: Model) -> Mapping[str, str]:
    """Field → its attribute in Python."""
    return each_once([(each.name, snake(each.name)) for each in model.columns if not each.ignored], TAKEN)


def rows_module(source: MirrorSource) -> str:
    """The text of ``rows.py``."""
    classes = row_classes(source)
    rows = [line for each in source.tables if each.model.name in classes for line in _row(each, source, classes)]
    body = "\n".join(rows)
    return "\n".join([*_head(source, body), body]).rstrip() + "\n"


def _head(source: MirrorSource, body: str) -> Iterator[str]:
    yield header(source.digest, "#") + '"""Rows of the database, a struct for each model."""'
    yield ""
    yield from _standard(body)
    yield ""
    yield "from msgspec import Struct"
    used = sorted(name for name in enum_classes(source).values() if has(name, body))
    if used:
        yield ""
        yield imported(".enums", used)
    if has("JsonValue", body):
        yield ""
        yield "JsonValue: TypeAlias = Any"
        yield '"""What a JSON document holds."""'
    yield ""


def _row(table: Mirrored, source: MirrorSource, classes: Mapping[str, str]) -> Iterator[str]:
    names = attributes(table.model)
    renamed = [
        (string(names[field.name]), string(column.name))
        for field, column in table.shown
        if names[field.name] != column.name and not _UNNAMEABLE.search(column.name)
    ]
    settings = [keyword("frozen", "True")]
    if renamed:
        settings.append(mapping(renamed, "rename="))
    yield ""
    yield statement(f"class {classes[table.model.name]}(", Node("", ("Struct", *settings), "):"))
    what = "view" if table.model.is_view else "table"
    prose = annotations(table.model.documentation).prose
    yield docstring(prose or f"A row of the {what} {table.model.table}.", 4)
    yield ""
    place = call("", string(table.schema), string(table.model.table))
    yield statement("__table__: ClassVar[tuple[str, str]] = ", place, 4)
    yield _columns([string(column.name) for _, column in table.shown])
    yield ""
    enums = enum_classes(source)
    for field, column in table.shown:
        yield annotated(names[field.name], _annotation(column, enums, frozenset(names.values())))
        if documented := annotations(field.documentation).prose:
            yield docstring(documented, 4)
    yield ""


def _columns(names: list[str]) -> str:
    opening = "__columns__: ClassVar[tuple[str, ...]] = "
    if len(names) == 1:
        # The comma of a tuple of one keeps no formatter from joining its lines.
        return skipped(f"    {opening}({names[0]},)")
    return statement(opening, tupled(names), 4)


def _annotation(column: Column, enums: Mapping[tuple[str, str], str], names: frozenset[str]) -> str:
    kind = python_type(column.type)
    one = enums[kind.enum] if kind.enum else kind.name
    several = f"list[{one}]" if column.type.array else one
    return annotation(f"{several} | None" if column.nullable else several, names)


def _standard(body: str) -> Iterator[str]:
    """Imports of the standard library in the order that sorters want."""
    if "builtins." in body:
        yield "import builtins"
    if "dt." in body:
        yield "import datetime as dt"
    if has("Decimal", body):
        yield "from decimal import Decimal"
    yield "from typing import " + ("Any, ClassVar, TypeAlias" if has("JsonValue", body) else "ClassVar")
    if has("UUID", body):
        yield "from uuid import UUID"
