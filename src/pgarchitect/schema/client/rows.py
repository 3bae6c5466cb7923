"""Rows of the generated client: an alias of literals for each enum, a slotted struct for each model."""

from collections.abc import Iterator

from pgarchitect.schema.client.column_types import column_type
from pgarchitect.schema.client.naming import class_names, counts_name, field_names
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.python_code import Node, docstring, statement, string
from pgarchitect.schema.mirrors.python_types import annotation
from pgarchitect.schema.psl.prisma_schema import Arity, Enum, Field, Model, ModelRef, PrismaSchema


def enum_text(enum: Enum, schema: PrismaSchema) -> Iterator[str]:
    """An enum, as the literals that the database has."""
    labels = tuple(string(each.label) for each in enum.values)
    yield statement(f"{class_names(schema)[enum.name]} = ", Node("Literal[", labels, "]"))
    yield docstring(annotations(enum.documentation).prose or f"Values of the enum {enum.type_name}.")


def row_text(model: Model, schema: PrismaSchema, default_schema: str) -> Iterator[str]:
    """The class of a model's rows."""
    names = field_names(model)
    settings = ", omit_defaults=True" if model.relations else ""
    yield f"class {class_names(schema)[model.name]}(Struct, frozen=True{settings}):"
    yield docstring(annotations(model.documentation).prose or f"A row of {model.table}.", 4)
    yield ""
    for field in model.columns:
        yield f"    {names[field.name]}: {annotation(_annotation(field, schema, default_schema), names.values())}"
        if prose := annotations(field.documentation).prose:
            yield docstring(prose, 4)
    for field in model.relations:
        yield f"    {names[field.name]}: {annotation(_related(field, schema), names.values())} = NOT_LOADED"
    if several := [names[field.name] for field in model.relations if field.is_list]:
        counted = f"dict[Literal[{', '.join(map(string, several))}], int]"
        yield f"    {counts_name(model)}: {annotation(counted, names.values())} = NOT_LOADED"


def _annotation(field: Field, schema: PrismaSchema, default_schema: str) -> str:
    kind = column_type(field, schema, default_schema).python
    if field.is_list:
        return f"list[{kind}]"
    return f"{kind} | None" if field.arity is Arity.OPTIONAL else kind


def _related(field: Field, schema: PrismaSchema) -> str:
    assert isinstance(field.type, ModelRef)  # noqa: S101  # asked of relations only
    target = class_names(schema)[field.type.name]
    if field.is_list:
        return f'"list[{target}]"'
    return f'"{target} | None"' if field.arity is Arity.OPTIONAL else f'"{target}"'
