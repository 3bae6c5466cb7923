"""``@id``, ``@unique``, ``@@id``, ``@@unique`` and ``@@index``."""

from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.psl.arguments import Arguments
from pgarchitect.schema.psl.conditions import condition
from pgarchitect.schema.psl.prisma_schema import (
    Index,
    IndexField,
    ModelRef,
    OperatorClass,
    PrimaryKey,
    SortOrder,
    Span,
)
from pgarchitect.schema.psl.scope import Placed, Scope
from pgarchitect.schema.psl.syntax import (
    Argument,
    ArrayValue,
    Attribute,
    CallValue,
    ConstantValue,
    FieldLine,
    NumberValue,
    StringValue,
    Value,
)

METHODS: Final = ("BTree", "Hash", "Gist", "Gin", "SpGist", "Brin")
"""``type:`` of ``@@index``; https://www.prisma.io/docs/orm/prisma-schema/data-model/indexes"""


class Keys:
    """Reads the keys and indexes of one model.

    Args:
        model: whose they are.
        scope: what names mean.
    """

    __slots__ = ("_fields", "_model", "_scope")

    def __init__(self, model: Placed, scope: Scope) -> None:
        self._model = model
        self._scope = scope
        self._fields: Mapping[str, FieldLine] = scope.fields(model.name)

    def field_id(self, line: FieldLine, attribute: Attribute) -> PrimaryKey:
        """``@id`` on a field."""
        arguments = self._scope.arguments(attribute, self._model.file)
        key = self._on_field(line, arguments)
        name = arguments.string("map", first=True)
        arguments.finish()
        self._must_be_required(line, arguments)
        return PrimaryKey((key,), None, name, on_field=True)

    def field_unique(self, line: FieldLine, attribute: Attribute) -> Index:
        """``@unique`` on a field."""
        arguments = self._scope.arguments(attribute, self._model.file)
        key = self._on_field(line, arguments)
        where = self._where(arguments)
        name = arguments.string("map", first=True)
        arguments.finish()
        span = Span(self._model.file, attribute.start, attribute.end)
        return Index((key,), True, None, name, None, where, on_field=True, span=span)  # noqa: FBT003  # as the noun has it

    def block_id(self, attribute: Attribute) -> PrimaryKey | None:
        """``@@id``."""
        arguments = self._scope.arguments(attribute, self._model.file, block=True)
        keys = self._keys(arguments)
        name, mapped = arguments.string("name"), arguments.string("map")
        arguments.finish()
        for each in keys:
            self._must_be_required(self._fields[each.field], arguments)
        return PrimaryKey(keys, name, mapped, on_field=False) if keys else None

    def block_index(self, attribute: Attribute) -> Index | None:
        """``@@unique`` or ``@@index``."""
        unique = attribute.name.text == "unique"
        arguments = self._scope.arguments(attribute, self._model.file, block=True)
        keys = self._keys(arguments)
        method = None if unique else self._method(arguments)
        where = self._where(arguments)
        name, mapped = arguments.string("name"), arguments.string("map")
        arguments.take("clustered")
        arguments.finish()
        if not unique and name is not None and mapped is None:
            # As in the days before `map`, an index's name is its name in the database.
            name, mapped = None, name
        self._check_method(method, keys, arguments)
        span = Span(self._model.file, attribute.start, attribute.end)
        return Index(keys, unique, name, mapped, method, where, on_field=False, span=span) if keys else None

    def _on_field(self, line: FieldLine, arguments: Arguments) -> IndexField:
        sort = self._sort(arguments, arguments.take("sort"))
        length = arguments.of_kind(arguments.take("length"), NumberValue)
        if length is not None:
            arguments.wrong(
                "The length argument is not supported in an index definition with the current connector.", length
            )
        return IndexField(line.name.text, sort)

    def _must_be_required(self, line: FieldLine, arguments: Arguments) -> None:
        if line.type is not None and (line.type.optional or line.type.is_list):
            arguments.wrong("Fields that are marked as id must be required.")

    def _keys(self, arguments: Arguments) -> tuple[IndexField, ...]:
        found = arguments.of_kind(arguments.needed("fields", first=True), ArrayValue)
        if found is None:
            return ()
        keys = [key for each in found.items if (key := self._key(arguments, each)) is not None]
        if not found.items:
            arguments.wrong("The list of fields cannot be empty. Please specify at least one field.", found)
        names = [each.field for each in keys]
        for name in sorted({each for each in names if names.count(each) > 1}):
            arguments.wrong(f"The field `{name}` is listed more than once.", found)
        return tuple(keys)

    def _key(self, arguments: Arguments, value: Value) -> IndexField | None:
        name = value.name.text if isinstance(value, CallValue) else getattr(value, "text", "")
        if not isinstance(value, CallValue | ConstantValue):
            arguments.wrong("Expected the name of a field.", value)
            return None
        line = self._fields.get(name)
        if line is None:
            self._unknown(arguments, name, value)
            return None
        kind = self._scope.type_of(line.type) if line.type else None
        if isinstance(kind, ModelRef):
            arguments.wrong(
                f"The definition refers to the relation fields: {name}. Index definitions must reference only scalar"
                " fields.",
                value,
            )
            return None
        given = value.arguments if isinstance(value, CallValue) else ()
        return self._with_options(arguments, name, given)

    def _with_options(self, arguments: Arguments, name: str, given: tuple[Argument, ...]) -> IndexField:
        options = {each.name.text: each.value for each in given if each.name}
        for each in given:
            if each.name is None or each.name.text not in {"sort", "length", "ops"}:
                arguments.wrong("No such argument.", each.value)
        if options.get("length") is not None:
            arguments.wrong(
                "The length argument is not supported in an index definition with the current connector.",
                options["length"],
            )
        operators = self._operators(arguments, options.get("ops"))
        return IndexField(name, self._sort(arguments, options.get("sort")), None, operators)

    def _unknown(self, arguments: Arguments, name: str, value: Value) -> None:
        arguments.wrong(
            f"The field `{name}` does not exist in the {self._model.block.keyword} `{self._model.name}`.", value
        )

    def _sort(self, arguments: Arguments, value: Value | None) -> SortOrder | None:
        found = arguments.of_kind(value, ConstantValue)
        if found is None:
            return None
        if found.text not in {each.value for each in SortOrder}:
            arguments.wrong("The `sort` argument can only be `Asc` or `Desc`.", found)
            return None
        return SortOrder(found.text)

    def _operators(self, arguments: Arguments, value: Value | None) -> OperatorClass | None:
        if value is None:
            return None
        if isinstance(value, ConstantValue):
            return OperatorClass(value.text)
        raw = _raw(value)
        if raw is None:
            arguments.wrong('Expected the name of an operator class or raw("…").', value)
            return None
        return OperatorClass(raw, raw=True)

    def _where(self, arguments: Arguments) -> str | None:
        value = arguments.take("where")
        if value is None:
            return None
        if "partialIndexes" not in self._scope.previews:
            arguments.wrong(
                'Partial indexes are a preview feature. Add "partialIndexes" to previewFeatures in your generator'
                " block.",
                value,
            )
        columns = {name: _column(line) for name, line in self._fields.items()}
        found = condition(value, columns)
        if found is None:
            arguments.wrong('A condition is raw("…") or an object: { field: value, other: { not: null } }.', value)
        return found

    def _method(self, arguments: Arguments) -> str | None:
        found = arguments.of_kind(arguments.take("type"), ConstantValue)
        if found is None:
            return None
        if found.text not in METHODS:
            arguments.wrong(f"Unknown index type: {found.text}.", found)
            return None
        return found.text

    def _check_method(self, method: str | None, keys: tuple[IndexField, ...], arguments: Arguments) -> None:
        if method == "Hash" and len(keys) > 1:
            arguments.wrong("Hash type does not support multi-column indices.")
        if method not in {None, "BTree"} and any(each.sort for each in keys):
            arguments.wrong(f"Given type {method} does not support the `sort` argument.")


def _column(line: FieldLine) -> str:
    """The column of a field."""
    for each in line.attributes:
        if each.name.text == "map" and each.given and isinstance(each.given[0].value, StringValue):
            return each.given[0].value.text
    return line.name.text


def _raw(value: Value) -> str | None:
    if isinstance(value, CallValue) and value.name.text == "raw" and len(value.arguments) == 1:
        inner = value.arguments[0].value
        return inner.text if isinstance(inner, StringValue) else None
    return None
