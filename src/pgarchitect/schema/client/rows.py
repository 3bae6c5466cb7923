"""Rows of the generated client: an alias of literals for each enum, a slotted struct for each model."""

from collections.abc import Iterator

from pgarchitect.schema.client.column_types import column_type
from pgarchitect.schema.client.naming import class_name, field_names
from pgarchitect.schema.psl.prisma_schema import Arity, Enum, Field, Model, ModelRef, PrismaSchema


def enum_text(enum: Enum) -> Iterator[str]:
    """An enum, as the literals that the database has."""
    labels = ", ".join(
        repr(each.label).replace("'", '"') if "'" not in each.label else repr(each.label) for each in enum.values
    )
    yield f"{enum.name} = Literal[{labels}]"
    yield docstring(enum.documentation or f"Values of the enum {enum.type_name}.", "")


def row_text(model: Model, schema: PrismaSchema, default_schema: str) -> Iterator[str]:
    """The class of a model's rows."""
    names = field_names(model)
    yield f"class {class_name(model)}(Struct, frozen=True, kw_only=False):"
    yield docstring(model.documentation or f"A row of {model.table}.", "    ")
    yield ""
    for field in model.columns:
        yield f"    {names[field.name]}: {_annotation(field, schema, default_schema)}"
        if field.documentation:
            yield docstring(field.documentation, "    ")
    for field in model.relations:
        yield f"    {names[field.name]}: {_related(field)} = NOT_LOADED"


def _annotation(field: Field, schema: PrismaSchema, default_schema: str) -> str:
    kind = column_type(field, schema, default_schema).python
    if field.is_list:
        return f"list[{kind}]"
    return f"{kind} | None" if field.arity is Arity.OPTIONAL else kind


def _related(field: Field) -> str:
    assert isinstance(field.type, ModelRef)  # noqa: S101  # asked of relations only
    target = field.type.name[:1].upper() + field.type.name[1:]
    if field.is_list:
        return f'"list[{target}]"'
    return f'"{target} | None"' if field.arity is Arity.OPTIONAL else f'"{target}"'


def docstring(text: str, indent: str) -> str:
    """A documentation text as Python has it; what would end it is escaped."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if safe.endswith('"'):
        safe += " "
    lines = safe.split("\n")
    if len(lines) == 1:
        return f'{indent}"""{safe}"""'
    return "\n".join([f'{indent}"""{lines[0]}', *(f"{indent}{each}".rstrip() for each in lines[1:]), f'{indent}"""'])
