"""``@default(…)``: what may stand there for each type."""

import re
from typing import Final

from pgarchitect.schema.psl.arguments import Arguments
from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    Default,
    EnumRef,
    FieldType,
    FunctionDefault,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    Scalar,
)
from pgarchitect.schema.psl.scope import Scope
from pgarchitect.schema.psl.syntax import (
    ArrayValue,
    CallValue,
    ConstantValue,
    NumberValue,
    StringValue,
    Value,
)

_WHOLE: Final = re.compile(r"-?\d+")
_FUNCTIONS: Final = {
    "now": frozenset({Scalar.DATE_TIME}),
    "uuid": frozenset({Scalar.STRING}),
    "cuid": frozenset({Scalar.STRING}),
    "ulid": frozenset({Scalar.STRING}),
    "nanoid": frozenset({Scalar.STRING}),
    "autoincrement": frozenset({Scalar.INT, Scalar.BIG_INT}),
}
_VERSIONS: Final = {"uuid": ("4", "7"), "cuid": ("1", "2")}


def default_of(arguments: Arguments, kind: FieldType, arity: Arity, scope: Scope) -> Default | None:
    """The default of a field of that type; None where it is none, which is noted."""
    value = arguments.needed("value", first=True)
    name = arguments.take("map")
    if name is not None:
        arguments.wrong("You defined a database name for the default value of a field. This is not supported.", name)
    arguments.finish()
    if value is None:
        return None
    if arity is Arity.LIST and not isinstance(value, CallValue):
        return _list(arguments, value, kind, scope)
    return _single(arguments, value, kind, scope, is_list=arity is Arity.LIST)


def _list(arguments: Arguments, value: Value, kind: FieldType, scope: Scope) -> ListDefault | None:
    if not isinstance(value, ArrayValue):
        arguments.wrong("The default value of a list field must be a list.", value)
        return None
    items = [_literal(arguments, each, kind, scope) for each in value.items]
    return ListDefault(tuple(each for each in items if each is not None))


def _single(arguments: Arguments, value: Value, kind: FieldType, scope: Scope, *, is_list: bool) -> Default | None:
    if isinstance(value, CallValue):
        return _function(arguments, value, kind, is_list=is_list)
    if isinstance(value, ArrayValue):
        arguments.wrong("The default value of a field that is no list cannot be a list.", value)
        return None
    return _literal(arguments, value, kind, scope)


def _literal(arguments: Arguments, value: Value, kind: FieldType, scope: Scope) -> LiteralDefault | None:
    if isinstance(kind, EnumRef):
        return _enum_value(arguments, value, kind, scope)
    found = _scalar_literal(value, kind)
    if found is None:
        expected = kind.value if isinstance(kind, Scalar) else "dbgenerated()"
        arguments.wrong(f"Expected a {expected} value, but found {_source(value)}.", value)
    return found


def _scalar_literal(value: Value, kind: FieldType) -> LiteralDefault | None:
    if isinstance(value, StringValue) and kind in {
        Scalar.STRING,
        Scalar.JSON,
        Scalar.BYTES,
        Scalar.DATE_TIME,
        Scalar.DECIMAL,
    }:
        return LiteralDefault(LiteralKind.STRING, value.text)
    if isinstance(value, NumberValue):
        whole = _WHOLE.fullmatch(value.text) is not None
        if kind in {Scalar.FLOAT, Scalar.DECIMAL} or (whole and kind in {Scalar.INT, Scalar.BIG_INT}):
            return LiteralDefault(LiteralKind.NUMBER, value.text)
    if isinstance(value, ConstantValue) and kind is Scalar.BOOLEAN and value.text in {"true", "false"}:
        return LiteralDefault(LiteralKind.BOOLEAN, value.text)
    return None


def _enum_value(arguments: Arguments, value: Value, kind: EnumRef, scope: Scope) -> LiteralDefault | None:
    names = [each.name.text for each in scope.enums[kind.name].block.fields]
    if isinstance(value, ConstantValue) and value.text in names:
        return LiteralDefault(LiteralKind.ENUM, value.text)
    if isinstance(value, ConstantValue):
        arguments.wrong(
            f"The defined default value `{value.text}` is not a valid value of the enum `{kind.name}`.", value
        )
    else:
        arguments.wrong(f"Expected an enum value, but found {_source(value)}.", value)
    return None


def _function(arguments: Arguments, value: CallValue, kind: FieldType, *, is_list: bool) -> FunctionDefault | None:
    name = value.name.text
    given = tuple(_argument(each.value) for each in value.arguments)
    if name == "dbgenerated":
        return _dbgenerated(arguments, value, given)
    allowed = _FUNCTIONS.get(name)
    if allowed is None:
        arguments.wrong(
            f"The function `{name}` is not a known function. You can read about the available functions here: https://pris.ly/d/attribute-functions.",
            value,
        )
        return None
    if is_list or kind not in allowed:
        arguments.wrong(f"The function `{name}()` cannot be used on fields of this type.", value)
        return None
    versions = _VERSIONS.get(name)
    if versions is not None and given and (len(given) > 1 or given[0] not in versions):
        arguments.wrong(
            f"`{name}()` takes either no argument, or a single integer argument which is either"
            f" {' or '.join(versions)}.",
            value,
        )
    elif name == "nanoid" and given and (len(given) > 1 or not given[0].isdigit() or not 2 <= int(given[0]) <= 255):
        arguments.wrong("`nanoid()` takes either no argument, or a single integer argument between 2 and 255.", value)
    elif name in {"now", "autoincrement", "ulid"} and given:
        arguments.wrong(f"The `{name}` function does not take any argument.", value)
    return FunctionDefault(name, given)


def _dbgenerated(arguments: Arguments, value: CallValue, given: tuple[str, ...]) -> FunctionDefault | None:
    if len(given) > 1 or (value.arguments and not isinstance(value.arguments[0].value, StringValue)):
        arguments.wrong("`dbgenerated()` takes a single String argument.", value)
        return None
    if given == ("",):
        arguments.wrong("dbgenerated() takes either no argument, or a single nonempty string argument.", value)
        return None
    return FunctionDefault("dbgenerated", given)


def _argument(value: Value | None) -> str:
    if isinstance(value, StringValue | NumberValue | ConstantValue):
        return value.text
    return ""


def _source(value: Value) -> str:
    if isinstance(value, StringValue):
        return f"`{value.text}`"
    if isinstance(value, NumberValue | ConstantValue):
        return f"`{value.text}`"
    return f"`{value.name.text}()`" if isinstance(value, CallValue) else "a list"
