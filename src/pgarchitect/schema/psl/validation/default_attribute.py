"""``@default``: whether its value is of the field's type."""

from typing import Final

from pgarchitect.schema.psl.displayed import displayed
from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import Array, Block, Call, Constant, Expression, Number, StringLiteral
from pgarchitect.schema.psl.validation.attribute_reader import Given
from pgarchitect.schema.psl.validation.facts import FieldFacts

KNOWN_FUNCTIONS: Final = frozenset({"autoincrement", "cuid", "dbgenerated", "nanoid", "now", "uuid", "ulid", "auto"})
_OF_TYPE: Final = {
    "autoincrement": {Scalar.INT, Scalar.BIG_INT},
    "cuid": {Scalar.STRING},
    "nanoid": {Scalar.STRING},
    "ulid": {Scalar.STRING},
    "uuid": {Scalar.STRING},
    "now": {Scalar.DATE_TIME},
}
"""Functions and the types of fields that may have them as their default."""
_BY_STRING: Final = {Scalar.STRING, Scalar.JSON, Scalar.BYTES, Scalar.DATE_TIME, Scalar.DECIMAL}
_BY_NUMBER: Final = {Scalar.INT, Scalar.BIG_INT, Scalar.FLOAT, Scalar.DECIMAL}
_VERSIONS: Final = {
    "uuid": ({4, 7}, "which is either 4 or 7"),
    "cuid": ({1, 2}, "which is either 1 or 2"),
    "nanoid": (set(range(2, 256)), "between 2 and 255"),
}


def read_default(given: Given, field: FieldFacts) -> None:
    """Read a field's default, and note what is wrong with it."""
    value = given.required("value")
    if value is None:
        return
    field.default_map = given.name("map")
    field.default, field.default_attribute = value, given.attribute
    if isinstance(value, Call) and value.name.text == "dbgenerated":
        _database_generated(given, value)
    elif field.composite is not None:
        text = "Defaults on fields of type composite are not supported. Please remove the `@default` attribute."
        where = f"Error validating field `{field.name}` in composite type `{field.composite.name.text}`"
        given.schema.error(given.file, given.attribute, f"{where}: {text}")
    elif field.enum is not None:
        _of_enum(given, value, field.enum, is_list=field.is_list)
    elif field.unsupported is not None:
        given.error('Only @default(dbgenerated("...")) can be used for Unsupported types.')
    elif field.scalar is not None:
        _of_scalar(given, value, field, field.scalar)


def _of_scalar(given: Given, value: Expression, field: FieldFacts, scalar: Scalar) -> None:
    if isinstance(value, Call):
        _function(given, value, field, scalar)
    elif field.is_list:
        if isinstance(value, Array):
            all(_literal(given, each, scalar) for each in value.items)
        else:
            given.error("The default value of a list field must be a list.")
    elif isinstance(value, Array):
        given.error("The default value of a non-list field cannot be a list.")
    else:
        _literal(given, value, scalar)


def _literal(given: Given, value: Expression, scalar: Scalar) -> bool:
    if isinstance(value, Constant) and scalar is Scalar.BOOLEAN:
        if value.text in {"true", "false"}:
            return True
        text = 'Error parsing attribute "@default": A boolean literal must be `true` or `false`.'
        given.schema.error(given.file, value, text)
        return False
    fits = (isinstance(value, StringLiteral) and scalar in _BY_STRING) or (
        isinstance(value, Number) and scalar in _BY_NUMBER
    )
    if not fits:
        given.error(f"Expected a {scalar} value, but found `{displayed(value)}`.")
    return fits


def _function(given: Given, value: Call, field: FieldFacts, scalar: Scalar) -> None:
    name = value.name.text
    if name == "autoincrement" and field.default_map is not None:
        given.error("Naming an autoincrement default value is not allowed.")
    elif name not in KNOWN_FUNCTIONS or name == "auto":
        return  # refused by the rules, when all else is right
    elif scalar not in _OF_TYPE[name]:
        given.error(f"The function `{name}()` cannot be used on fields of type `{scalar}`.")
    elif name in _VERSIONS:
        _version(given, value)
    elif value.arguments.items:
        given.error(f"The `{name}` function does not take any argument. Consider changing this default to `{name}()`.")


def _version(given: Given, value: Call) -> None:
    name, items = value.name.text, value.arguments.items
    allowed, which = _VERSIONS[name]
    if len(items) > 1:
        given.error(f"`{name}()` takes a single Int argument.")
    if not items:
        return
    first = items[0].value
    if not isinstance(first, Number):
        if len(items) == 1:
            given.error(f"`{name}()` takes a single Int argument.")
    elif not first.text.isdecimal() or int(first.text) not in allowed:
        given.error(f"`{name}()` takes either no argument, or a single integer argument {which}.")


def _database_generated(given: Given, value: Call) -> None:
    items = value.arguments.items
    first = items[0].value if items else None
    if len(items) > 1 or (items and not isinstance(first, StringLiteral)):
        given.error("`dbgenerated()` takes a single String argument")
    elif isinstance(first, StringLiteral) and not first.value:
        given.error("dbgenerated() takes either no argument, or a single nonempty string argument.")


def _of_enum(given: Given, value: Expression, enum: Block, *, is_list: bool) -> None:
    if is_list and isinstance(value, Array):
        all(_enum_value(given, each, enum) for each in value.items)
    elif is_list:
        given.error(f"Expected an enum value, but found `{displayed(value)}`.")
    else:
        _enum_value(given, value, enum)


def _enum_value(given: Given, value: Expression, enum: Block) -> bool:
    if not isinstance(value, Constant):
        given.error(f"Expected an enum value, but found `{displayed(value)}`.")
        return False
    if any(each.name.text == value.text for each in enum.values):
        return True
    given.error(f"The defined default value `{value.text}` is not a valid value of the enum specified for the field.")
    return False
