"""Types of what the generated client writes of a relation: of a new row, and of one that is changed.

They are spelled out for each relation, since type checkers do not infer what a generic mapping leaves out.
"""

from collections.abc import Iterator, Mapping

from pgarchitect.schema.client.naming import field_names, written_name
from pgarchitect.schema.client.typed_dicts import Members, typed_dict
from pgarchitect.schema.psl.prisma_schema import Arity, Field, Model


class RelationTypes:
    """Writes the types of one relation.

    Args:
        model: where it is.
        field: it.
        other: the model that it leads to.
        opposite: the field at its other end.
        classes: of all models.
    """

    __slots__ = ("_created", "_cut", "_field", "_name", "_opposite", "_other", "_told", "_without")

    def __init__(self, model: Model, field: Field, other: Model, opposite: Field, classes: Mapping[str, str]) -> None:
        self._field = field
        self._opposite = opposite
        self._other = classes[other.name]
        self._name = f"_{classes[model.name]}{written_name(field_names(model)[field.name])}"
        self._without = without(other, opposite)
        self._created = f"{self._other}Create{self._without or ('Nested' if required_of(other) else '')}"
        self._told = f"{model.name}.{field.name}"
        holder, key = (model, field) if key_of(field) else (other, opposite)
        self._cut = not key_of(key) or is_nullable(holder, key)

    @property
    def new(self) -> str:
        """The type of what a new row says of it."""
        return f"{self._name}New"

    @property
    def change(self) -> str:
        """The type of what a change of a row says of it."""
        return f"{self._name}Change"

    def text(self) -> Iterator[str]:
        """All types."""
        created = self._created
        key = ("where", f"{self._other}Unique")
        yield from self._dict("Ensured", [key, ("create", created)])
        if not self._field.is_list:
            yield from self._dict("Upserted", [("create", created), ("update", f"{self._other}Update")])
            new, change = self._new(), self._one()
        else:
            yield from self._dict("Upserted", [key, ("create", created), ("update", f"{self._other}Update")])
            yield from self._dict("Edited", [key, ("data", f"{self._other}Update")])
            data = ("data", f"{self._other}UpdateMany")
            yield from self._dict("EditedAll", [("where", f"{self._other}Where"), data])
            if not self._opposite.is_list:
                rows = ("data", f"Sequence[{self._other}CreateMany{self._without}]")
                yield from self._dict("Rows", [rows, ("skip_duplicates", "NotRequired[bool]")])
            new, change = self._new_many(), self._many()
        yield from typed_dict(self.new, f"What a new row says of {self._told}.", new)
        yield from typed_dict(self.change, f"What becomes of {self._told}.", change, base=self.new)

    def _dict(self, suffix: str, members: Members) -> Iterator[str]:
        yield from typed_dict(
            f"{self._name}{suffix}", f"A part of what is written of {self._told}.", members, total=True
        )

    def _new(self) -> Members:
        return [
            ("create", self._created),
            ("connect", f"{self._other}Unique"),
            ("connect_or_create", f"{self._name}Ensured"),
        ]

    def _one(self) -> Members:
        members = [("update", f"{self._other}Update"), ("upsert", f"{self._name}Upserted")]
        if self._cut:
            members.append(("disconnect", "bool"))
        if self._cut or not key_of(self._field):
            members.append(("delete", "bool"))
        return members

    def _new_many(self) -> Members:
        members = [(name, f"{kind} | Sequence[{kind}]") for name, kind in self._new()]
        return members if self._opposite.is_list else [*members, ("create_many", f"{self._name}Rows")]

    def _many(self) -> Members:
        key = f"{self._other}Unique"
        kinds = {
            "update": f"{self._name}Edited",
            "update_many": f"{self._name}EditedAll",
            "upsert": f"{self._name}Upserted",
            "delete": key,
            "delete_many": f"{self._other}Where",
        }
        if self._cut:
            kinds["disconnect"] = key
        members = [(name, f"{kind} | Sequence[{kind}]") for name, kind in kinds.items()]
        return [*members, ("set", f"Sequence[{key}]")] if self._cut else members


def key_of(field: Field) -> tuple[str, ...]:
    """Fields of the foreign key that a relation's own model has; empty: the other model has it, or none."""
    return field.relation.fields if field.relation is not None else ()


def without(model: Model, field: Field) -> str:
    """End of the names of types of rows that come with a relation; empty: nothing of them comes with it."""
    return f"Without{written_name(field_names(model)[field.name])}" if key_of(field) else ""


def required_of(model: Model) -> list[Field]:
    """Relations of which a new row must say what they lead to, by writing it or by giving its key."""
    return [each for each in model.relations if any(not may_be_left_out(column) for column in _columns(model, each))]


def may_be_left_out(field: Field) -> bool:
    """Whether a new row needs no value for a column."""
    return field.arity is not Arity.REQUIRED or field.default is not None or field.updated_at


def _columns(model: Model, field: Field) -> list[Field]:
    return [each for each in model.columns if each.name in key_of(field)]


def is_nullable(model: Model, field: Field) -> bool:
    """Whether a relation may lead to nothing."""
    return all(each.arity is Arity.OPTIONAL for each in _columns(model, field))
