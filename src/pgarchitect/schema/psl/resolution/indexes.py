"""Keys and indexes, of fields and of models."""

from collections.abc import Callable, Iterator

from pgarchitect.schema.psl.attribute_arguments import argument, attribute, items, string, word, written
from pgarchitect.schema.psl.prisma_schema import Index, IndexField, OperatorClass, PrimaryKey, SortOrder, Span
from pgarchitect.schema.psl.syntax import (
    Arguments,
    Attribute,
    Block,
    Call,
    Constant,
    Expression,
    FieldDeclaration,
    Number,
)

Condition = Callable[[Expression | None], str | None]
"""What ``where:`` means as SQL."""


def primary_key(block: Block) -> PrimaryKey | None:
    """``@id`` or ``@@id`` of a model."""
    for field in block.fields:
        if given := attribute(field.attributes, "id"):
            return PrimaryKey((_of_field(field, given),), None, _map(given), on_field=True)
    if given := attribute(block.attributes, "id"):
        return PrimaryKey(_fields(given), _name(given), _map(given), on_field=False)
    return None


def indexes(file: str, block: Block, condition: Condition) -> Iterator[Index]:
    """``@unique``, ``@@unique`` and ``@@index`` of a model, those of fields first."""
    for field in block.fields:
        if given := attribute(field.attributes, "unique"):
            where = condition(argument(given.arguments, "where"))
            span = Span(file, given.start, given.end)
            fields = (_of_field(field, given),)
            yield Index(fields, True, None, _map(given), None, where, on_field=True, span=span)  # noqa: FBT003
    for given in block.attributes:
        if given.name.text in {"unique", "index"}:
            yield _index(file, given, condition)


def _index(file: str, given: Attribute, condition: Condition) -> Index:
    unique = given.name.text == "unique"
    name, mapped = _name(given), _map(given)
    return Index(
        fields=_fields(given),
        unique=unique,
        name=name if unique else None,
        map=mapped if unique or mapped is not None else name,
        method=word(argument(given.arguments, "type")),
        where=condition(argument(given.arguments, "where")),
        on_field=False,
        span=Span(file, given.start, given.end),
    )


def _name(given: Attribute) -> str | None:
    return string(argument(given.arguments, "name"))


def _map(given: Attribute) -> str | None:
    return string(argument(given.arguments, "map"))


def _of_field(field: FieldDeclaration, given: Attribute) -> IndexField:
    return _index_field(field.name.text, given.arguments)


def _fields(given: Attribute) -> tuple[IndexField, ...]:
    found = items(argument(given.arguments, "fields", default=True))
    return tuple(
        _index_field(each.name.text, each.arguments) if isinstance(each, Call) else _index_field(written(each), None)
        for each in found
    )


def _index_field(name: str, arguments: Arguments | None) -> IndexField:
    sort = word(argument(arguments, "sort"))
    length = argument(arguments, "length")
    return IndexField(
        name,
        SortOrder(sort) if sort is not None else None,
        int(length.text) if isinstance(length, Number) else None,
        _operator_class(argument(arguments, "ops")),
    )


def _operator_class(value: Expression | None) -> OperatorClass | None:
    if isinstance(value, Call):
        return OperatorClass("".join(written(each.value) for each in value.arguments.items if each.value), raw=True)
    return OperatorClass(value.text) if isinstance(value, Constant) else None
