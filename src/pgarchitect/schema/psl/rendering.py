"""Expressions written back as Prisma's formatter writes them."""

from pgarchitect.schema.psl.syntax import Argument, Arguments, Array, Call, Expression, Object


def expression(value: Expression, source: str) -> str:
    """An expression, strings and numbers as they stand in the source."""
    match value:
        case Call():
            return value.name.text + arguments(value.arguments, source)
        case Array():
            return f"[{', '.join(expression(each, source) for each in value.items)}]"
        case Object():
            members = ", ".join(f"{name.text}: {expression(each, source)}" for name, each in value.members)
            return f"{{ {members} }}"
    return source[value.start : value.end]


def arguments(given: Arguments, source: str) -> str:
    """``(…)`` without a trailing comma."""
    return f"({', '.join(_argument(each, source) for each in given.items)})"


def _argument(argument: Argument, source: str) -> str:
    value = expression(argument.value, source) if argument.value else ""
    return f"{argument.name.text}: {value}" if argument.name else value
