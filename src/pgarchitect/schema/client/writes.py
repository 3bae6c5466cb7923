"""Types of what the generated client writes: rows with their relations, rows of plain columns, and changes of both."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from pgarchitect.schema.client.column_types import column_type
from pgarchitect.schema.client.naming import class_name, field_names
from pgarchitect.schema.mirrors.python_types import annotation
from pgarchitect.schema.psl.prisma_schema import Arity, Field, Model, PrismaSchema

_Members = list[tuple[str, str]]
_MIXED: Final = 2
"""So many required relations may be written, or have their keys given, in any mixture; of more all or none."""


class WriteTypes:
    """Writes the types of one model.

    Args:
        model: whose.
        schema: all of it.
        default_schema: namespace of what names none.
    """

    __slots__ = ("_default_schema", "_model", "_names", "_related", "_schema", "name")

    def __init__(self, model: Model, schema: PrismaSchema, default_schema: str) -> None:
        self._model = model
        self._schema = schema
        self._default_schema = default_schema
        self._names = field_names(model)
        self._related = list(schema.related(model))
        self.name = class_name(model)

    def text(self) -> Iterator[str]:
        """All types."""
        plain = f"A row of {self._model.name} of plain columns."
        yield from typed_dict(f"{self.name}CreateMany", plain, self._columns(()), total=True)
        yield from self._create(f"{self.name}Create", None)
        for field in self._held:
            without = f"Without{_upper(self._names[field.name])}"
            told = f"Likewise, {field.name} comes from the row that it is written with."
            yield from typed_dict(f"{self.name}CreateMany{without}", told, self._columns(_key(field)), total=True)
            yield from self._create(f"{self.name}Create{without}", field)
        changed = f"What is changed of rows of {self._model.name}."
        yield from typed_dict(f"{self.name}UpdateMany", changed, self._updates())
        told = f"What is changed of a row of {self._model.name}, and of the rows that its relations lead to."
        yield from typed_dict(f"{self.name}Update", told, self._relation_updates(), base=f"{self.name}UpdateMany")

    @property
    def _held(self) -> list[Field]:
        return [field for field, _, _ in self._related if _key(field)]

    def _create(self, name: str, without: Field | None) -> Iterator[str]:
        """A row to write: each relation that it must have is written with it, or its key is given."""
        left_out = set(_key(without))
        required = [each for each in self._held if each is not without and self._is_required(each)]
        required = [each for each in required if not left_out & set(_key(each))]
        shared = {column for each in required for column in _key(each)}
        told = f"A row of {self._model.name} to write."
        base = self._columns({*left_out, *shared})
        base += [
            (self._names[each.name], f"NotRequired[{self._new(each, other, opposite)}]")
            for each, other, opposite in self._related
            if each is not without and each not in required
        ]
        if not required:
            yield from typed_dict(name, told, base, total=True)
            return
        yield from typed_dict(f"_{name}", told, base, total=True)
        made = []
        for chosen in _choices(required):
            suffix = "".join(_upper(self._names[each.name]) for each in chosen) or "Keys"
            made.append(f"{name}By{suffix}")
            yield from typed_dict(made[-1], told, self._chosen(required, chosen), total=True, base=f"_{name}")
        yield f"{name} = {' | '.join(made)}"
        yield f'"""{told}"""'
        yield ""
        yield ""

    def _chosen(self, required: Sequence[Field], chosen: Sequence[Field]) -> _Members:
        """Members of a row of which some relations are written, and the keys of the others are given."""
        written = {column for each in chosen for column in _key(each)}
        given = {column for each in required for column in _key(each)} - written
        members = [(self._names[each.name], self._value(each)) for each in self._model.columns if each.name in given]
        members += [
            (self._names[each.name], self._new(each, other, opposite))
            for each, other, opposite in self._related
            if each in chosen
        ]
        return members

    def _is_required(self, field: Field) -> bool:
        """Whether a new row must say what the relation leads to."""
        columns = (self._model.field(each) for each in _key(field))
        return any(each is not None and not _may_be_left_out(each) for each in columns)

    def _columns(self, left_out: Iterable[str]) -> _Members:
        members = []
        for each in self._model.columns:
            if each.name not in set(left_out):
                kind = self._value(each)
                members.append((self._names[each.name], f"NotRequired[{kind}]" if _may_be_left_out(each) else kind))
        return members

    def _updates(self) -> _Members:
        members = []
        for each in self._model.columns:
            kind = self._value(each)
            if each.is_list:
                kind += " | ListUpdate"
            elif column_type(each, self._schema, self._default_schema).kind == "NUMBER":
                kind += " | NumberUpdate"
            members.append((self._names[each.name], kind))
        return members

    def _value(self, field: Field) -> str:
        kind = column_type(field, self._schema, self._default_schema).written
        if field.is_list:
            return f"Sequence[{kind}]"
        return f"{kind} | None" if field.arity is Arity.OPTIONAL else kind

    def _new(self, field: Field, other: Model, opposite: Field) -> str:
        """What a new row says of a relation."""
        name = class_name(other)
        created = _without(other, "Create", opposite)
        if not field.is_list:
            return f"NewOne[{name}Unique, {created}]"
        if opposite.is_list:
            return f"NewJoined[{name}Unique, {created}]"
        return f"NewMany[{name}Unique, {created}, {_without(other, 'CreateMany', opposite)}]"

    def _relation_updates(self) -> _Members:
        return [(self._names[each.name], self._changed(each, *rest)) for each, *rest in self._related]

    def _changed(self, field: Field, other: Model, opposite: Field) -> str:
        """What a change of a row says of a relation."""
        name, created = class_name(other), _without(other, "Create", opposite)
        if not field.is_list:
            kind = "OneOptional"
            if _key(field):
                kind = "OneRequired" if not _is_nullable(self._model, field) else kind
            elif not _is_nullable(other, opposite):
                kind = "OneOwned"
            return f"{kind}[{name}Unique, {created}, {name}Update]"
        rest = f"{name}Update, {name}UpdateMany, {name}Where]"
        if opposite.is_list:
            return f"ManyJoined[{name}Unique, {created}, {rest}"
        kind = "ManyOptional" if _is_nullable(other, opposite) else "ManyOwned"
        return f"{kind}[{name}Unique, {created}, {_without(other, 'CreateMany', opposite)}, {rest}"


def typed_dict(
    name: str, told: str, members: _Members, *, total: bool = False, base: str = "TypedDict"
) -> Iterator[str]:
    """A class of a mapping's members."""
    yield f"class {name}({base}{'' if total else ', total=False'}):"
    yield f'    """{told}"""'
    yield ""
    names = [member for member, _ in members]
    yield from (f"    {member}: {annotation(kind, names)}" for member, kind in members)
    yield ""
    yield ""


def _choices(required: Sequence[Field]) -> Iterator[list[Field]]:
    """Which of the required relations are written."""
    if len(required) > _MIXED:
        yield from ([], list(required))
        return
    for mask in product((False, True), repeat=len(required)):
        yield [each for each, is_chosen in zip(required, mask, strict=True) if is_chosen]


def _key(field: Field | None) -> tuple[str, ...]:
    """Fields of the foreign key that a relation's own model has; empty: the other model has it, or none."""
    return field.relation.fields if field is not None and field.relation is not None else ()


def _without(model: Model, what: str, opposite: Field) -> str:
    """The type of a row of a relation's other model: its key comes from the row that it is written with."""
    without = f"Without{_upper(field_names(model)[opposite.name])}" if _key(opposite) else ""
    return f"{class_name(model)}{what}{without}"


def _is_nullable(model: Model, field: Field) -> bool:
    columns = [model.field(each) for each in _key(field)]
    return all(each is not None and each.arity is Arity.OPTIONAL for each in columns)


def _may_be_left_out(field: Field) -> bool:
    return field.arity is not Arity.REQUIRED or field.default is not None or field.updated_at


def _upper(name: str) -> str:
    """``referred_by`` → ``ReferredBy``."""
    return "".join(each[:1].upper() + each[1:] for each in name.split("_"))
