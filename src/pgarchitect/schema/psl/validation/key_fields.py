"""The fields of a key or index, or of a relation, found by their names."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.schema.psl.attribute_arguments import items
from pgarchitect.schema.psl.syntax import Argument, Arguments, Call, Constant, Expression, StringLiteral
from pgarchitect.schema.psl.validation.attribute_reader import Given
from pgarchitect.schema.psl.validation.facts import FieldFacts, KeyField, ModelFacts
from pgarchitect.schema.psl.validation.operator_classes import OPERATOR_CLASSES


@dataclass(frozen=True, slots=True)
class Resolved:
    """Fields found, and the names that are no field or a relation field; ``told``: what is wrong was noted already."""

    fields: tuple[KeyField, ...] = ()
    unknown: tuple[str, ...] = ()
    relations: tuple[FieldFacts, ...] = ()
    told: bool = False

    @property
    def is_right(self) -> bool:
        """All names are of columns."""
        return not (self.told or self.unknown or self.relations)


def key_fields(given: Given, value: Expression, model: ModelFacts, *, with_arguments: bool) -> Resolved:
    """The fields that an array names; ``with_arguments``: they may say how they are sorted and the like."""
    names = [_name(given, each, with_arguments=with_arguments) for each in items(value)]
    if any(each is None for each in names):
        return Resolved(told=True)
    found: list[KeyField] = []
    unknown: list[str] = []
    relations: list[FieldFacts] = []
    for name, arguments in [each for each in names if each is not None]:
        field = model.field(name) or model.untyped.get(name)
        if field is None:
            unknown.append(_unknown(name, model))
        elif field.related is not None or name in model.untyped:
            relations.append(field)
        elif any(each.field is field for each in found):
            text = f"The unique index definition refers to the field {name} multiple times."
            owner = f'Error validating model "{model.name}": {text}'
            given.schema.error(given.file, given.attribute, owner)
            return Resolved(told=True)
        else:
            found.append(_with_arguments(given, field, arguments))
    return Resolved(tuple(found), tuple(unknown), tuple(relations))


def _unknown(name: str, model: ModelFacts) -> str:
    first = name.split(".", 1)[0]
    return name if model.field(first) else first


def _name(given: Given, value: Expression, *, with_arguments: bool) -> tuple[str, Arguments | None] | None:
    if isinstance(value, Constant):
        return value.text, None
    if isinstance(value, Call) and with_arguments:
        return value.name.text, value.arguments
    given.mismatch("constant literal" if with_arguments else "constant", value)
    return None


def _with_arguments(given: Given, field: FieldFacts, arguments: Arguments | None) -> KeyField:
    if arguments is None:
        return KeyField(field)
    sort = _argument(arguments.items, "sort")
    length = _argument(arguments.items, "length")
    operators = _argument(arguments.items, "ops")
    name, raw = _operator_class(given, operators) if operators else (None, False)
    return KeyField(
        field,
        _sort(given, sort) if sort else None,
        given.integer(length.value) if length else None,
        name,
        raw,
    )


def _argument(arguments: Sequence[Argument], name: str) -> Argument | None:
    return next((each for each in arguments if each.name and each.name.text == name), None)


def _sort(given: Given, argument: Argument) -> str | None:
    word = given.word(argument.value)
    if word is not None and word not in {"Asc", "Desc"}:
        given.schema.error(given.file, argument, "Unexpected token. Expected one of: Asc, Desc")
        return None
    return word


def _operator_class(given: Given, argument: Argument) -> tuple[str | None, bool]:
    value = argument.value
    if isinstance(value, Constant) and value.text in OPERATOR_CLASSES:
        return value.text, False
    if isinstance(value, Constant):
        problem = f"Invalid operator class: {value.text}"
        given.schema.error(given.file, value, f"Unexpected token. Expected one of: {problem}")
    elif isinstance(value, Call) and value.name.text == "raw":
        return _raw(given, value), True
    else:
        given.schema.error(given.file, argument, "Unexpected token. Expected one of: operator class")
    return None, False


def _raw(given: Given, value: Call) -> str | None:
    arguments = value.arguments.items
    only = arguments[0].value if len(arguments) == 1 else None
    if isinstance(only, StringLiteral):
        return only.value
    problem = "Invalid parameter type: expected string"
    if len(arguments) != 1:
        problem = f"Wrong number of arguments. Expected: 1, got: {len(arguments)}"
    given.schema.error(given.file, value, f"Unexpected token. Expected one of: {problem}")
    return None
