"""What an attribute or function is given, by name or by place."""

from collections.abc import Iterable

from pgarchitect.schema.psl.syntax import Arguments, Array, Attribute, Call, Constant, Expression, Number, StringLiteral


def attribute(attributes: Iterable[Attribute], name: str) -> Attribute | None:
    """The first attribute of that name."""
    for each in attributes:
        if each.name.text == name:
            return each
    return None


def argument(arguments: Arguments | None, name: str, *, default: bool = False) -> Expression | None:
    """The value of an argument; ``default``: it may stand without its name."""
    for each in arguments.items if arguments else ():
        if (each.name.text == name) if each.name else default:
            return each.value
    return None


def string(value: Expression | None) -> str | None:
    """The value of a string literal; None of anything else."""
    return value.value if isinstance(value, StringLiteral) else None


def word(value: Expression | None) -> str | None:
    """A bare word; None of anything else."""
    return value.text if isinstance(value, Constant) else None


def items(value: Expression | None) -> tuple[Expression, ...]:
    """The items of an array; a value that is none stands for an array of itself."""
    if value is None:
        return ()
    return value.items if isinstance(value, Array) else (value,)


def words(value: Expression | None) -> tuple[str, ...]:
    """The bare words in an array."""
    return tuple(each.text for each in items(value) if isinstance(each, Constant))


def written(value: Expression) -> str:
    """A value as text: a string's value, a number or word as written, a call's name."""
    if isinstance(value, StringLiteral):
        return value.value
    if isinstance(value, (Number, Constant)):
        return value.text
    return value.name.text if isinstance(value, Call) else ""


def positional(arguments: Arguments | None) -> tuple[str, ...]:
    """All arguments as texts."""
    return tuple(written(each.value) for each in (arguments.items if arguments else ()) if each.value is not None)
