"""``@db.…``: whether a field can have its native type."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.psl.displayed import displayed
from pgarchitect.schema.psl.native_types import NATIVE_TYPES
from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.validation.facts import FieldFacts, SchemaFacts

_LARGEST: Final = 2**32 - 1
_UNSUPPORTED: Final = re.compile(r"^([^(]+)(?:\((.*?)\))?(.+)?$")


@dataclass(frozen=True, slots=True)
class _Native:
    """A native type with its arguments as numbers."""

    name: str
    arguments: tuple[int, ...]

    @property
    def shown(self) -> str:
        """``Decimal(10,2)``."""
        listed = f"({','.join(map(str, self.arguments))})" if self.arguments else ""
        return f"{self.name}{listed}"


def check_native_type(schema: SchemaFacts, field: FieldFacts) -> None:
    """Note what is wrong with a field's native type."""
    attribute = field.native
    if attribute is None or field.scalar is None:
        return
    scope, name = attribute.name.text.split(".", 1)
    file = field.model.file
    if schema.datasource is not None and schema.datasource != scope:
        text = (
            f"The prefix {scope} is invalid. It must be equal to the name of an existing datasource "
            f"e.g. {schema.datasource}. Did you mean to use {schema.datasource}.{name}?"
        )
        schema.error(file, attribute, text)
    written = attribute.arguments.items if attribute.arguments else ()
    problem = _problem(name, [displayed(each.value) for each in written], field.scalar)
    if problem is not None:
        schema.error(file, attribute, problem)


def _problem(name: str, arguments: Sequence[str], scalar: Scalar) -> str | None:
    if name not in NATIVE_TYPES:
        return f"Native type {name} is not supported for postgresql connector."
    expected, optional = NATIVE_TYPES[name].scalar, NATIVE_TYPES[name].most
    if len(arguments) > optional:
        if optional == 0:
            return f'Function "{name}" takes 0 arguments, but received {len(arguments)}.'
        return f"Native type {name} takes {optional} optional arguments, but received {len(arguments)}."
    if scalar is not expected:
        return (
            f"Native type {name} is not compatible with declared field type {scalar}, expected field type {expected}."
        )
    parsed = _parsed(name, arguments)
    if parsed is None:
        number = "two nonnegative integers" if optional == 2 else "a nonnegative integer"
        return f"Expected {number}, but found ({','.join(arguments)})."
    return _out_of_range(parsed)


def _parsed(name: str, arguments: Sequence[str]) -> _Native | None:
    optional = NATIVE_TYPES[name].most
    if optional == 0:
        return _Native(name, ())
    numbers = [int(each) for each in arguments if re.fullmatch(r"\+?[0-9]+", each)]
    if len(numbers) != len(arguments) or len(numbers) not in {0, optional} or any(each > _LARGEST for each in numbers):
        return None
    return _Native(name, tuple(numbers))


def _out_of_range(native: _Native) -> str | None:
    match native.name, native.arguments:
        case "Decimal", (precision, scale) if scale > precision:
            return f"The scale must not be larger than the precision for the {native.shown} native type in Postgres."
        case "Decimal", (precision, _) if not 0 < precision <= 1000:
            reason = "Precision must be positive with a maximum value of 1000."
        case (("Bit" | "VarBit"), (0,)):
            reason = "M must be a positive integer."
        case (("Timestamp" | "Timestamptz" | "Time" | "Timetz"), (digits,)) if digits > 6:
            reason = "M can range from 0 to 6."
        case _:
            return None
    return f"Argument M is out of range for native type `{native.shown}` of Postgres: {reason}"


def check_unsupported(schema: SchemaFacts, field: FieldFacts) -> None:
    """Note an ``Unsupported("…")`` that Prisma has a word for."""
    if field.unsupported is None or schema.datasource is None:
        return
    found = _UNSUPPORTED.match(field.unsupported.value)
    name = found[1].strip() if found else ""
    if found is None or name not in NATIVE_TYPES:
        return
    arguments = [each.strip() for each in found[2].split(",")] if found[2] is not None else []
    native = _parsed(name, arguments)
    if native is not None:
        written = f'Unsupported("{field.unsupported.value}")'
        text = (
            f"The type `{written}` you specified in the type definition for the field `{field.name}` "
            "is supported as a native type by Prisma. Please use the native type notation "
            f"`{NATIVE_TYPES[name].scalar} @{schema.datasource}.{native.shown}` for full support."
        )
        schema.error(field.model.file, field.declared, f"Error validating: {text}")
