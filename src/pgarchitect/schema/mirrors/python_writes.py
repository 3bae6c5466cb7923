"""``writes.py``: what is written, checked before it goes to the database (pydantic): ``UserCreate``, ``UserUpdate``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
    statement,
    string,
)
from pgarchitect.schema.mirrors.python_constraints import Constrained
from pgarchitect.schema.mirrors.python_enums import enum_classes
from pgarchitect.schema.mirrors.python_shapes import Shape
from pgarchitect.schema.mirrors.python_types import TAKEN, annotation, python_type
from pgarchitect.schema.mirrors.source import MirrorSource
from pgarchitect.schema.mirrors.write_rules import may_be_left_out
from pgarchitect.schema.psl.prisma_schema import Field

_OF_BASE_MODEL: Final = frozenset(
    [
        "construct",
        "copy",
        "dict",
        "from_orm",
        "json",
        "model_computed_fields",
        "model_config",
        "model_construct",
        "model_copy",
        "model_dump",
        "model_dump_json",
        "model_extra",
        "model_fields",
        "model_fields_set",
        "model_json_schema",
        "model_parametrized_name",
        "model_post_init",
        "model_rebuild",
        "model_validate",
        "model_validate_json",
        "model_validate_strings",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
    ]
)
"""Attributes of pydantic's ``BaseModel``, which no field may hide."""
_TYPING: Final = ("Annotated", "Any", "Literal", "Never", "NotRequired")
_PYDANTIC: Final = ("BaseModel", "ConfigDict", "Field", "JsonValue", "with_config")
_BASE: Final = '''class Written(BaseModel):
    """What all writes have in common: no unknown fields, and columns by their names."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        protected_namespaces=(),
        ser_json_bytes="base64",
        use_attribute_docstrings=True,
        val_json_bytes="base64",
    )

    def columns(self) -> dict[str, Any]:
        """Column → value of what was given; the rest is left to defaults."""
        return self.model_dump(by_alias=True, exclude_unset=True)


def left_out() -> Any:
    """The value of what was not given: none, since the database or the client has one."""
    return None
'''


def writes_module(source: MirrorSource) -> str:
    """The text of ``writes.py``.

    Raises:
        SchemaInvalid: an annotation in ``///`` cannot be read.
    """
    models = [each for each in source.tables if not each.model.ignored and not each.model.is_view]
    enums = enum_classes(source)
    wanted = [(each.model.name, upper_first(each.model.name)) for each in models]
    taken = {"Decimal", "TypedDict", "UUID", "Written", *_TYPING, *_PYDANTIC, *enums.values()}
    names = each_once([(f"{model}{what}", f"{name}{what}") for model, name in wanted for what in _KINDS], taken)
    used = {*taken, *names.values()}
    shapes = {model: _Shapes(name, used) for model, name in wanted}
    types = _Types(enums, shapes, Constrained(used))
    texts = [
        line
        for each in models
        for what in _KINDS
        for line in _write(each, types, names[f"{each.model.name}{what}"], what)
    ]
    above = "\n".join([*types.constrained.definitions, *(line for each in shapes.values() for line in each.classes)])
    body = "\n".join(texts).rstrip()
    parts = ["\n".join(_head(source, body + above)), f"\n\n{_BASE}", f"\n{above}\n" if above else "", body]
    return "\n".join(filter(None, parts)).rstrip() + "\n"


_KINDS: Final = ("Create", "Update")


class _Shapes:
    """The shapes of one model's Json fields, each translated once."""

    __slots__ = ("_known", "_name", "_taken", "classes")

    def __init__(self, name: str, taken: set[str]) -> None:
        self._name = name
        self._taken = taken
        self._known: dict[str, str] = {}
        self.classes: list[str] = []

    def type_of(self, field: Field) -> str:
        """The type of a field's values."""
        schema = annotations(field.documentation).shape_schema
        if schema is None:
            return "JsonValue"
        if field.name not in self._known:
            shape = Shape(f"{self._name}{upper_first(field.name)}", f"{self._name}.{field.name}", self._taken)
            self._known[field.name] = shape.type_of(schema)
            self.classes += shape.classes
        return self._known[field.name]


@dataclass(frozen=True, slots=True)
class _Types:
    """Where the types of values come from: classes of enums, shapes of each model, types with bounds."""

    enums: Mapping[tuple[str, str], str]
    shapes: Mapping[str, _Shapes]
    constrained: Constrained


def _head(source: MirrorSource, body: str) -> Iterator[str]:
    yield header(source.digest, "#") + '"""What is written to the database, checked before."""'
    yield ""
    if "builtins." in body:
        yield "import builtins"
    if has("dt.", body):
        yield "import datetime as dt"
    if has("Decimal", body):
        yield "from decimal import Decimal"
    yield imported("typing", [each for each in _TYPING if has(each, body + _BASE)])
    if has("UUID", body):
        yield "from uuid import UUID"
    yield ""
    yield imported("pydantic", [each for each in _PYDANTIC if has(each, body + _BASE)])
    if has("TypedDict", body):
        yield "from typing_extensions import TypedDict"
    used = sorted(name for name in enum_classes(source).values() if has(name, body))
    if used:
        yield ""
        yield imported(".enums", used)


def _write(table: Mirrored, types: _Types, name: str, what: str) -> Iterator[str]:
    names = each_once(
        [(field.name, snake(field.name)) for field, _ in table.shown], _OF_BASE_MODEL | TAKEN | {"columns"}
    )
    yield ""
    yield statement(f"class {name}(", Node("", ("Written",), "):"))
    told = (
        f"A row of {table.model.table} to write."
        if what == "Create"
        else f"What is changed of rows of {table.model.table}."
    )
    yield docstring(told, 4)
    yield ""
    for field, column in table.shown:
        optional = what == "Update" or may_be_left_out(field, column)
        kind = annotation(_type(table, field, column, types), set(names.values()))
        settings = [keyword("default_factory", "left_out")] if optional else []
        if names[field.name] != column.name:
            settings.append(keyword("serialization_alias", string(column.name)))
        line = annotated(names[field.name], kind)
        if settings and "# fmt" not in line:
            yield statement(f"{line.strip()} = ", call("Field", *settings), 4)
        else:
            yield line.replace("  # fmt", f" = Field({', '.join(map(str, settings))})  # fmt") if settings else line
        if prose := annotations(field.documentation).prose:
            yield docstring(prose, 4)
    if not table.shown:
        yield "    pass"
    yield ""


def _type(table: Mirrored, field: Field, column: Column, types: _Types) -> str:
    kind = python_type(column.type)
    one = types.enums[kind.enum] if kind.enum else kind.name
    if one == "JsonValue":
        one = types.shapes[table.model.name].type_of(field)
    one = types.constrained.one(one, table.model, field, column)
    if column.type.array:
        one = types.constrained.several(one, table.model, field, column)
    return f"{one} | None" if column.nullable else one
