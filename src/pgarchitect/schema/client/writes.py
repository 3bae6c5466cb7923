"""Types of what the generated client writes: rows with their relations, rows of plain columns, and changes of both."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from pgarchitect.schema.client.column_types import column_type
from pgarchitect.schema.client.naming import class_names, field_names, written_name
from pgarchitect.schema.client.relations import RelationTypes, key_of, may_be_left_out, required_of, without
from pgarchitect.schema.client.typed_dicts import Members, typed_dict
from pgarchitect.schema.psl.prisma_schema import Arity, Field, Model, PrismaSchema

_MIXED: Final = 2
"""So many required relations may be written, or have their keys given, in any mixture; of more all or none."""


class WriteTypes:
    """Writes the types of one model.

    Args:
        model: whose.
        schema: all of it.
        default_schema: namespace of what names none.
    """

    __slots__ = ("_kinds", "_model", "_names", "_related", "name")

    def __init__(self, model: Model, schema: PrismaSchema, default_schema: str) -> None:
        classes = class_names(schema)
        self._model = model
        self._names = field_names(model)
        self._kinds = {each.name: column_type(each, schema, default_schema) for each in model.columns}
        self._related = [
            (field, RelationTypes(model, field, other, opposite, classes))
            for field, other, opposite in schema.related(model)
        ]
        self.name = classes[model.name]

    def text(self) -> Iterator[str]:
        """All types."""
        plain = f"A row of {self._model.name} of plain columns."
        yield from typed_dict(f"{self.name}CreateMany", plain, self._columns(()), total=True)
        yield from self._create()
        for field, _ in self._related:
            if suffix := without(self._model, field):
                yield from self._create_without(field, suffix)
        changed = f"What is changed of rows of {self._model.name}."
        yield from typed_dict(f"{self.name}UpdateMany", changed, self._updates())
        told = f"What is changed of a row of {self._model.name}, and of the rows that its relations lead to."
        members = [(self._names[each.name], types.change) for each, types in self._related]
        yield from typed_dict(f"{self.name}Update", told, members, base=f"{self.name}UpdateMany")

    def _create(self) -> Iterator[str]:
        """A row to write: each relation that it must have is written with it, or its key is given.

        In rows of other tables one type stands for all ways to do so, since mypy takes minutes over mappings that lead
        through unions of mappings to themselves.
        """
        name, required = f"{self.name}Create", required_of(self._model)
        base = self._row(None, {column for each in required for column in key_of(each)}, required)
        told = f"A row of {self._model.name} to write."
        if not required:
            yield from typed_dict(name, told, base, total=True)
            return
        yield from typed_dict(f"_{name}", told, base, total=True)
        made = []
        for chosen in _choices(required):
            suffix = "".join(written_name(self._names[each.name]) for each in chosen) or "Keys"
            made.append(f"{name}By{suffix}")
            yield from typed_dict(made[-1], told, self._chosen(required, chosen), total=True, base=f"_{name}")
        yield f"{name} = {' | '.join(made)}"
        yield f'"""{told}"""'
        yield ""
        yield ""
        either = [*self._chosen(required, ()), *self._chosen(required, required)]
        told = "Likewise, in a row of another table."
        yield from typed_dict(f"{name}Nested", told, [_optional(*each) for each in either], total=True, base=f"_{name}")

    def _create_without(self, field: Field, suffix: str) -> Iterator[str]:
        """A row to write with the one that a relation of its own leads to."""
        told = f"Likewise, {field.name} comes from the row that it is written with."
        plain = self._columns(key_of(field))
        yield from typed_dict(f"{self.name}CreateMany{suffix}", told, plain, total=True)
        keys = {column for each in required_of(self._model) if each is not field for column in key_of(each)}
        rest = self._row(field, {*key_of(field), *keys}, ())
        rest += [_optional(name, kind) for name, kind in self._keys(keys - set(key_of(field)))]
        yield from typed_dict(f"{self.name}Create{suffix}", told, rest, total=True)

    def _row(self, without: Field | None, left_out: Iterable[str], required: Sequence[Field]) -> Members:
        """Members that all rows have, however relations are written."""
        related = [(each, types) for each, types in self._related if each is not without and each not in required]
        members = self._columns(left_out)
        return members + [_optional(self._names[each.name], types.new) for each, types in related]

    def _chosen(self, required: Sequence[Field], chosen: Sequence[Field]) -> Members:
        """Members of a row of which some relations are written, and the keys of the others are given."""
        written = {column for each in chosen for column in key_of(each)}
        members = self._keys({column for each in required for column in key_of(each)} - written)
        return members + [(self._names[each.name], types.new) for each, types in self._related if each in chosen]

    def _keys(self, names: Collection[str]) -> Members:
        return [(self._names[each.name], self._value(each)) for each in self._model.columns if each.name in names]

    def _columns(self, left_out: Iterable[str]) -> Members:
        members = []
        for each in self._model.columns:
            if each.name not in set(left_out):
                kind = self._value(each)
                members.append((self._names[each.name], f"NotRequired[{kind}]" if may_be_left_out(each) else kind))
        return members

    def _updates(self) -> Members:
        members = []
        for each in self._model.columns:
            kind = self._value(each)
            if each.is_list:
                kind += " | ListUpdate"
            elif self._kinds[each.name].kind == "NUMBER":
                kind += " | NumberUpdate"
            members.append((self._names[each.name], kind))
        return members

    def _value(self, field: Field) -> str:
        kind = self._kinds[field.name].written
        if field.is_list:
            return f"Sequence[{kind}]"
        return f"{kind} | None" if field.arity is Arity.OPTIONAL else kind


def _choices(required: Sequence[Field]) -> Iterator[list[Field]]:
    """Which of the required relations are written."""
    if len(required) > _MIXED:
        yield from ([], list(required))
        return
    for mask in product((False, True), repeat=len(required)):
        yield [each for each, is_chosen in zip(required, mask, strict=True) if is_chosen]


def _optional(name: str, kind: str) -> tuple[str, str]:
    return name, f"NotRequired[{kind}]"
