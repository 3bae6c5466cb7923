"""Expressions as Prisma's messages show them."""

from typing import Final

from pgarchitect.schema.psl.syntax import Argument, Array, Call, Constant, Expression, Number, Object, StringLiteral

_ESCAPED: Final = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def displayed(value: Expression | None) -> str:
    """An expression as Prisma writes it in a message: spaces as it likes them, strings escaped."""
    match value:
        case StringLiteral():
            return f'"{value.value.translate(_ESCAPED)}"'
        case Number() | Constant():
            return value.text
        case Array():
            return f"[{','.join(displayed(each) for each in value.items)}]"
        case Call():
            return f"{value.name.text}({','.join(_argument(each) for each in value.arguments.items)})"
        case Object():
            return f"{{ {', '.join(f'{name.text}: {displayed(each)}' for name, each in value.members)} }}"
    return ""


def _argument(argument: Argument) -> str:
    shown = displayed(argument.value)
    return f"{argument.name.text}: {shown}" if argument.name else shown


def kind_of(value: Expression) -> str:
    """What Prisma calls an expression's kind."""
    match value:
        case StringLiteral():
            return "string"
        case Number():
            return "numeric"
        case Constant():
            return "literal"
        case Array():
            return "array"
        case Call():
            return "functional"
    return "object"
