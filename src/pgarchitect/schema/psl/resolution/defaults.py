"""``@default``."""

from pgarchitect.schema.psl.attribute_arguments import argument, attribute, positional
from pgarchitect.schema.psl.prisma_schema import (
    Default,
    EnumRef,
    FieldType,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
)
from pgarchitect.schema.psl.syntax import Argument, Array, Call, Constant, Expression, FieldDeclaration, StringLiteral


def default(field: FieldDeclaration, kind: FieldType) -> Default | None:
    """The default of a field, or None."""
    given = attribute(field.attributes, "default")
    value = argument(given.arguments, "value", default=True) if given else None
    if value is None:
        return None
    if isinstance(value, Array):
        return ListDefault(tuple(_literal(each, kind) for each in value.items))
    if isinstance(value, Call):
        return FunctionDefault(value.name.text, _arguments(value))
    return _literal(value, kind)


def _literal(value: Expression, kind: FieldType) -> LiteralDefault:
    if isinstance(value, StringLiteral):
        return LiteralDefault(LiteralKind.STRING, value.value)
    if isinstance(value, Constant):
        return LiteralDefault(LiteralKind.ENUM if isinstance(kind, EnumRef) else LiteralKind.BOOLEAN, value.text)
    return LiteralDefault(LiteralKind.NUMBER, getattr(value, "text", ""))


def _arguments(call: Call) -> tuple[str, ...]:
    return tuple(
        _named(each, text) for each, text in zip(call.arguments.items, positional(call.arguments), strict=True)
    )


def _named(given: Argument, text: str) -> str:
    return f"{given.name.text}: {text}" if given.name else text
