"""Types of the arguments of the generated client: conditions, keys, orders, relations to load."""

from collections.abc import Iterator

from pgarchitect.schema.client.column_types import column_type
from pgarchitect.schema.client.naming import class_names, field_names, key_types
from pgarchitect.schema.client.typed_dicts import typed_dict
from pgarchitect.schema.client.writes import WriteTypes
from pgarchitect.schema.mirrors.names import upper_first
from pgarchitect.schema.mirrors.python_code import Node, statement, string
from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    Enum,
    Field,
    Model,
    ModelRef,
    PrismaSchema,
)


class ArgumentTypes:
    """Writes the types of one model.

    Args:
        model: whose.
        schema: all of it.
        default_schema: namespace of what names none.
    """

    __slots__ = ("_classes", "_default_schema", "_model", "_names", "_schema", "name")

    def __init__(self, model: Model, schema: PrismaSchema, default_schema: str) -> None:
        self._model = model
        self._schema = schema
        self._default_schema = default_schema
        self._names = field_names(model)
        self._classes = class_names(schema)
        self.name = self._classes[model.name]

    def text(self) -> Iterator[str]:
        """All types."""
        yield from self._where()
        yield from self._unique()
        yield from self._fields()
        yield from self._typed_dict("Order", "How rows of {} are ordered.", self._orders())
        yield from WriteTypes(self._model, self._schema, self._default_schema).text()
        yield from self._typed_dict("Include", "What is loaded with rows of {}.", self._includes())
        yield from self._counts()
        yield from self._relation_types()

    def _typed_dict(
        self, suffix: str, told: str, members: list[tuple[str, str]], *, total: bool = False
    ) -> Iterator[str]:
        yield from typed_dict(f"{self.name}{suffix}", told.format(self._model.name), members, total=total)

    def _where(self) -> Iterator[str]:
        members = [(self._names[each.name], kind) for each, kind in self._conditions()]
        yield from self._typed_dict("Where", "Conditions on rows of {}.", [*self._words(), *members])

    def _words(self) -> list[tuple[str, str]]:
        own = f"{self.name}Where"
        both = f'"{own} | Sequence[{own}]"'
        return [("AND", both), ("OR", f'"Sequence[{own}]"'), ("NOT", both)]

    def _conditions(self) -> Iterator[tuple[Field, str]]:
        yield from ((each, self._condition(each)) for each in self._model.columns)
        for each in self._model.relations:
            target = self._target(each)
            yield each, f'"{target}Some"' if each.is_list else f'"{target}Where | {target}Is | None"'

    def _condition(self, field: Field) -> str:
        kind = column_type(field, self._schema, self._default_schema)
        if field.is_list:
            return f"Sequence[{kind.written}] | ListFilter | None"
        filtered = kind.filter or f"{kind.python}Filter"
        return f"{kind.written} | {filtered}{' | None' if field.arity is Arity.OPTIONAL else ''}"

    def _unique(self) -> Iterator[str]:
        """One type for each unique key; a row is named by any of them, and one to find may have more conditions."""
        made: dict[str, list[str]] = {"Unique": [], "One": []}
        for key, name in key_types(self._model).items():
            suffix = name.removeprefix(upper_first(self._model.name))
            fields = [(self._names[each], self._key_type(each)) for each in key]
            yield from self._typed_dict(suffix, "A unique key of {}.", fields, total=True)
            more = [(self._names[each.name], kind) for each, kind in self._conditions() if each.name not in key]
            told = f"A unique key of {self._model.name}, and conditions beside it."
            yield from typed_dict(f"{self.name}One{suffix}", told, [*self._words(), *more], base=f"{self.name}{suffix}")
            made["Unique"].append(f"{self.name}{suffix}")
            made["One"].append(f"{self.name}One{suffix}")
        for name, told in {
            "Unique": "What names one row of {}.",
            "One": "Likewise, with conditions beside it.",
        }.items():
            yield f"{self.name}{name} = {' | '.join(made[name]) if made[name] else 'Mapping[str, Any]'}"
            yield f'"""{told.format(self._model.name)}"""'
            yield ""
            yield ""

    def _key_type(self, name: str) -> str:
        field = self._model.field(name)
        assert field is not None  # noqa: S101  # the reader checked it
        return column_type(field, self._schema, self._default_schema).written

    def _fields(self) -> Iterator[str]:
        labels = tuple(string(self._names[each.name]) for each in self._model.columns)
        yield statement(f"{self.name}Field = ", Node("Literal[", labels, "]")) if labels else f"{self.name}Field = str"
        yield f'"""The fields of {self._model.name}."""'
        yield ""
        yield ""

    def _orders(self) -> list[tuple[str, str]]:
        related = [
            (self._names[each.name], "CountOrder" if each.is_list else f'"{self._target(each)}Order"')
            for each in self._model.relations
        ]
        return [*((self._names[each.name], "Sort") for each in self._model.columns), *related]

    def _includes(self) -> list[tuple[str, str]]:
        made = [(self._names[each.name], f'"bool | {self._target(each)}Args"') for each in self._model.relations]
        return [*made, ("_count", f'"bool | {self.name}IncludeCount"')] if self._several() else made

    def _counts(self) -> Iterator[str]:
        if several := self._several():
            members = [(self._names[each.name], f'"bool | {self._target(each)}CountArgs"') for each in several]
            yield from self._typed_dict("IncludeCount", "Relations of {} whose rows are counted.", members)

    def _several(self) -> list[Field]:
        return [each for each in self._model.relations if each.is_list]

    def _relation_types(self) -> Iterator[str]:
        own = self.name
        yield from self._typed_dict(
            "Some",
            "Conditions on the many rows of {} that a relation leads to.",
            [(n, f'"{own}Where"') for n in ("some", "every", "none")],
        )
        where = f'"{own}Where | None"'
        yield f'{own}Is = TypedDict("{own}Is", {{"is": {where}, "is_not": {where}}}, total=False)'
        yield ""
        yield ""
        args = [
            ("where", f'"{own}Where"'),
            ("order_by", f'"{own}Order | Sequence[{own}Order]"'),
            ("take", "int"),
            ("skip", "int"),
            ("cursor", f'"{own}One"'),
            ("distinct", f"Sequence[{own}Field]"),
            ("select", f"Sequence[{own}Field]"),
            ("include", f'"{own}Include"'),
        ]
        yield from self._typed_dict("Args", "Which rows of {} are loaded, and how.", args)
        if any(opposite.is_list for _, _, opposite in self._schema.related(self._model)):
            yield from self._typed_dict("CountArgs", "Which rows of {} are counted.", [("where", f'"{own}Where"')])

    def _target(self, field: Field) -> str:
        assert isinstance(field.type, ModelRef)  # noqa: S101  # asked of relations only
        return self._classes[field.type.name]


def enum_filter(enum: Enum, schema: PrismaSchema) -> Iterator[str]:
    """The operators of a field of an enum."""
    name = class_names(schema)[enum.name]
    yield f"{name}Filter = TypedDict("
    yield f'    "{name}Filter",'
    yield "    {"
    yield f'        "equals": {name} | _Compared | None,'
    yield f'        "not": "{name} | _Compared | {name}Filter | None",'
    yield f'        "in": Sequence[{name}],'
    yield f'        "not_in": Sequence[{name}],'
    yield "    },"
    yield "    total=False,"
    yield ")"
    yield ""
