"""``where:`` of a partial index."""

from typing import Final

from pgarchitect.schema.psl.displayed import displayed
from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import Call, Constant, Expression, Name, Number, Object, StringLiteral
from pgarchitect.schema.psl.validation.attribute_reader import Given
from pgarchitect.schema.psl.validation.facts import FieldFacts, ModelFacts

_EXAMPLE: Final = "`where: raw(\"status = 'active'\")`"
_RAW: Final = f"The `where` argument must be a raw() function with a string argument, e.g. {_EXAMPLE}."
_EITHER: Final = (
    "The `where` argument must be either a raw() function call or an object literal, e.g. "
    f"{_EXAMPLE} or `where: {{ active: true }}`."
)
_STRINGS: Final = {Scalar.STRING, Scalar.DATE_TIME}
_NUMBERS: Final = {Scalar.INT, Scalar.BIG_INT, Scalar.FLOAT, Scalar.DECIMAL}


def read_condition(given: Given, model: ModelFacts) -> bool:
    """Read the condition, and note what is wrong with it; whether there is one."""
    value = given.optional("where")
    if isinstance(value, Object):
        _object(given, model, value)
    elif isinstance(value, Call):
        _raw(given, value)
    elif value is not None:
        given.mismatch("function", value)
        given.error(_EITHER)
    return value is not None


def _raw(given: Given, value: Call) -> None:
    arguments = value.arguments.items
    only = arguments[0].value if len(arguments) == 1 else None
    if value.name.text != "raw" or only is None:
        given.error(_RAW)
    elif not isinstance(only, StringLiteral):
        given.mismatch("string", only)
        given.error(_RAW)
    elif not only.value:
        given.error("The `where` argument cannot contain an empty string.")


def _object(given: Given, model: ModelFacts, value: Object) -> None:
    if not value.members:
        given.error("The `where` argument cannot be an empty object.")
    for name, each in value.members:
        if not _member(given, model, name, each):
            return


def _member(given: Given, model: ModelFacts, name: Name, value: Expression) -> bool:
    field = model.field(name.text)
    if field is None:
        given.error(f"Field '{name.text}' does not exist in model '{model.name}'.")
        return False
    if not isinstance(value, Object):
        return _value(given, field, value)
    for key, each in value.members:
        if key.text != "not":
            given.error(f"Unknown key '{key.text}' in nested where clause object. Only 'not' is supported.")
            return False
        if not _value(given, field, each):
            return False
    return True


def _value(given: Given, field: FieldFacts, value: Expression) -> bool:
    kind, scalars = _kind(value)
    if kind is None:
        given.error(
            f"Invalid value '{displayed(value)}' in where clause. Expected true, false, null, a string, a number, "
            "or an object like { not: null }."
        )
        return False
    if scalars is not None and field.scalar not in scalars:
        shown = field.scalar or (field.enum.name.text if field.enum else "Unsupported")
        given.error(f"Type mismatch: field '{field.name}' is of type {shown}, but the value is a {kind}.")
        return False
    return True


def _kind(value: Expression) -> tuple[str | None, set[Scalar] | None]:
    if isinstance(value, StringLiteral):
        return "String", _STRINGS
    if isinstance(value, Number):
        return "Number", _NUMBERS
    if isinstance(value, Constant) and value.text in {"true", "false"}:
        return "Boolean", {Scalar.BOOLEAN}
    return ("null", None) if isinstance(value, Constant) and value.text == "null" else (None, None)
