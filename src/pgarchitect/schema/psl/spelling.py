"""Values, types and attributes of the syntax tree as text."""

from pgarchitect.schema.psl.syntax import (
    Argument,
    ArrayValue,
    Attribute,
    CallValue,
    ObjectValue,
    StringValue,
    TypeExpression,
    Value,
)


def attribute_text(attribute: Attribute) -> str:
    """An attribute without its ``@``."""
    if attribute.arguments is None:
        return attribute.name.text
    return f"{attribute.name.text}({_arguments(attribute.arguments)})"


def value_text(value: Value) -> str:
    """A value."""
    if isinstance(value, StringValue):
        return value.source
    if isinstance(value, ArrayValue):
        return f"[{', '.join(value_text(each) for each in value.items)}]"
    if isinstance(value, CallValue):
        return f"{value.name.text}({_arguments(value.arguments)})"
    if isinstance(value, ObjectValue):
        return f"{{ {', '.join(f'{name.text}: {value_text(each)}' for name, each in value.members)} }}"
    return value.text


def spelled_type(expression: TypeExpression) -> str:
    """The type of a field."""
    base = f"Unsupported({expression.unsupported.source})" if expression.unsupported else expression.name
    return f"{base}{'[]' if expression.is_list else ''}{'?' if expression.optional else ''}"


def _arguments(arguments: tuple[Argument, ...]) -> str:
    return ", ".join(_argument(each) for each in arguments)


def _argument(argument: Argument) -> str:
    value = value_text(argument.value) if argument.value is not None else ""
    return f"{argument.name.text}: {value}".rstrip() if argument.name else value
