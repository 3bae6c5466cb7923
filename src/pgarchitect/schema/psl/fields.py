"""A line of a model → a field: type, native type, names, default and the attributes that need no other model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.psl.arguments import Arguments
from pgarchitect.schema.psl.defaults import default_of
from pgarchitect.schema.psl.documentation import with_trailing
from pgarchitect.schema.psl.native_types import NATIVE_TYPES
from pgarchitect.schema.psl.prisma_schema import Default, Field, FieldType, ModelRef, NativeType, Scalar, Span
from pgarchitect.schema.psl.scope import Placed, Scope, arity_of
from pgarchitect.schema.psl.syntax import (
    Attribute,
    ConstantValue,
    FieldLine,
    NumberValue,
    StringValue,
    TypeExpression,
)

_KNOWN: Final = frozenset({"id", "unique", "default", "updatedAt", "relation", "map", "ignore"})


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the fields of one model; relations are resolved later, when all models are known."""

    model: Placed
    scope: Scope

    def read(self, line: FieldLine, above: str) -> Field | None:
        """The field of a line, ``above`` being its documentation; None: what it is cannot be told, which is noted."""
        if line.type is None:
            told = (
                f'Error validating model "{self.model.name}": This field declaration is invalid. It is either'
                " missing a name or a type."
            )
            self._note(told, line.start, line.end)
            return None
        kind = self._type(line.type)
        if kind is None:
            return None
        attributes = self._attributes(line)
        return Field(
            line.name.text,
            kind,
            arity_of(line.type),
            self._column(line, kind, attributes.get("map")),
            self._native(line, kind),
            self._default(line, kind, attributes.get("default")),
            self._updated_at(line, kind, attributes.get("updatedAt")),
            "ignore" in attributes,
            None,
            with_trailing(above, line.comment),
            Span(self.model.file, line.start, line.end),
        )

    def _type(self, expression: TypeExpression) -> FieldType | None:
        if expression.is_list and expression.optional:
            self._note(
                "Optional lists are not supported. Use either `Type[]` or `Type?`.", expression.start, expression.end
            )
        if expression.name in self.scope.composites:
            told = f"Field of composite type `{expression.name}`: composite types are not supported on PostgreSQL."
            self._note(told, expression.start, expression.end)
            return None
        kind = self.scope.type_of(expression)
        if kind is None:
            meant = self.scope.meant(expression.name)
            tail = f' Did you mean "{meant}"?' if meant else ""
            told = (
                f'Type "{expression.name}" is neither a built-in type, nor refers to another model, composite type,'
                f" or enum.{tail}"
            )
            self._note(told, expression.start, expression.end)
        return kind

    def _attributes(self, line: FieldLine) -> Mapping[str, Attribute]:
        found: dict[str, Attribute] = {}
        for each in line.attributes:
            name = each.name.text
            if "." in name:
                self._check_prefix(each)
            elif name not in _KNOWN:
                self._note(f'Attribute not known: "@{name}".', each.start, each.end)
            if name in found:
                self._note(f'Attribute "@{name}" can only be defined once.', each.start, each.end)
            found[name] = each
        return found

    def _check_prefix(self, attribute: Attribute) -> None:
        prefix = attribute.name.text.partition(".")[0]
        if prefix != self.scope.datasource:
            self._note(
                f"The prefix {prefix} is invalid. It must be equal to the name of an existing datasource e.g."
                f" {self.scope.datasource}. Did you mean to use"
                f" {self.scope.datasource}{attribute.name.text[len(prefix) :]}?",
                attribute.start,
                attribute.end,
            )

    def _arguments(self, attribute: Attribute) -> Arguments:
        return self.scope.arguments(attribute, self.model.file)

    def _column(self, line: FieldLine, kind: FieldType, attribute: Attribute | None) -> str:
        if attribute is None:
            return "" if isinstance(kind, ModelRef) else line.name.text
        arguments = self._arguments(attribute)
        arguments.needed("name", first=True) if not attribute.given else None
        name = arguments.string("name", first=True)
        arguments.finish()
        if isinstance(kind, ModelRef):
            arguments.wrong("The attribute `@map` cannot be used on relation fields.")
            return ""
        if name == "":
            arguments.wrong("The `name` argument cannot be an empty string.")
        return name or line.name.text

    def _native(self, line: FieldLine, kind: FieldType) -> NativeType | None:
        found = [each for each in line.attributes if "." in each.name.text]
        if not found:
            return None
        attribute = found[0]
        name = attribute.name.text.partition(".")[2]
        values = [each.value for each in attribute.given]
        texts = tuple(each.text for each in values if isinstance(each, NumberValue | ConstantValue | StringValue))
        self._check_native(attribute, name, kind, texts)
        return NativeType(name, texts)

    def _check_native(self, attribute: Attribute, name: str, kind: FieldType, texts: tuple[str, ...]) -> None:
        rule = NATIVE_TYPES.get(name)
        if rule is None:
            told = f"Native type {name} is not supported for postgresql connector."
        elif not isinstance(kind, Scalar):
            told = f"Native type {name} cannot be used on a field that has no scalar type."
        elif rule.scalar is not kind:
            told = (
                f"Native type {name} is not compatible with declared field type {kind.value}, expected field type"
                f" {rule.scalar.value}."
            )
        elif not rule.least <= len(texts) <= rule.most:
            told = f"Native type {name} takes {rule.most or 'no'} arguments, but received {len(texts)}."
        elif any(not each.isdigit() for each in texts):
            told = f"Invalid argument for type {name}: {', '.join(texts)}. Allowed values: numbers."
        elif rule.range and texts and not rule.range[0] <= int(texts[0]) <= rule.range[1]:
            told = (
                f"Argument M is out of range for native type `{name}({','.join(texts)})` of PostgreSQL: Argument M"
                f" can range from {rule.range[0]} to {rule.range[1]}."
            )
        else:
            return
        self._note(told, attribute.start, attribute.end)

    def _default(self, line: FieldLine, kind: FieldType, attribute: Attribute | None) -> Default | None:
        if attribute is None or line.type is None:
            return None
        arguments = self._arguments(attribute)
        if isinstance(kind, ModelRef):
            arguments.wrong("Cannot set a default value on a relation field.")
            return None
        return default_of(arguments, kind, arity_of(line.type), self.scope)

    def _updated_at(self, line: FieldLine, kind: FieldType, attribute: Attribute | None) -> bool:
        if attribute is None:
            return False
        arguments = self._arguments(attribute)
        arguments.finish()
        if kind is not Scalar.DATE_TIME:
            arguments.wrong("Fields that are marked with @updatedAt must be of type DateTime.")
        elif line.type is not None and line.type.is_list:
            arguments.wrong("Fields that are marked with @updatedAt cannot be lists.")
        return True

    def _note(self, message: str, start: int, end: int) -> None:
        self.scope.diagnostics.add(message, self.model.file, start, end)
