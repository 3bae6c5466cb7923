"""Types of what the generated client writes of a relation: of a new row, and of one that is changed.

They are spelled out, since type checkers do not infer what a generic mapping leaves out; each is called by what it is
made of and written once, however many relations lead to the same rows. They are made by calls and not by classes: of a
class mypy follows every field through all that it leads to, again for each, which takes it minutes with many models.
"""

from collections.abc import Iterator, Mapping

from pgarchitect.schema.client.naming import class_names, field_names, written_name
from pgarchitect.schema.client.typed_dicts import Members, called_dict
from pgarchitect.schema.psl.prisma_schema import Arity, Field, Model, PrismaSchema


class RelationTypes:
    """The types of one relation.

    Args:
        model: where it is.
        field: it.
        other: the model that it leads to.
        opposite: the field at its other end.
        classes: of all models.
    """

    __slots__ = ("_created", "_cut", "_field", "_opposite", "_other", "_without")

    def __init__(self, model: Model, field: Field, other: Model, opposite: Field, classes: Mapping[str, str]) -> None:
        self._field = field
        self._opposite = opposite
        self._other = classes[other.name]
        self._without = without(other, opposite)
        self._created = f"{self._other}Create{self._without or ('Nested' if required_of(other) else '')}"
        holder, key = (model, field) if key_of(field) else (other, opposite)
        self._cut = not key_of(key) or is_nullable(holder, key)

    @property
    def new(self) -> str:
        """The type of what a new row says of it."""
        return f"_{self._created}{'Many' if self._field.is_list else 'One'}"

    @property
    def change(self) -> str:
        """The type of what a change of a row says of it."""
        owned = "" if self._field.is_list or key_of(self._field) else "Owned"
        return f"{self.new}{'Cut' if self._cut else owned}Change"

    def parts(self) -> Iterator[tuple[str, Members, bool]]:
        """All types: names, members, and whether all of them must be there."""
        key, update = ("where", f"{self._other}Unique"), f"{self._other}Update"
        created = ("create", self._created)
        yield f"_{self._created}Ensured", [key, created], True
        if not self._field.is_list:
            yield f"_{self._created}UpsertedAlone", [created, ("update", update)], True
            new, change = self._new(), self._one()
        else:
            yield f"_{self._created}Upserted", [key, created, ("update", update)], True
            yield f"_{self._other}Edited", [key, ("data", update)], True
            yield f"_{self._other}EditedAll", [("where", f"{self._other}Where"), ("data", f"{update}Many")], True
            if not self._opposite.is_list:
                rows = ("data", f"Sequence[{self._other}CreateMany{self._without}]")
                yield self._rows, [rows, ("skip_duplicates", "NotRequired[bool]")], True
            new, change = self._new_many(), self._many()
        yield self.new, new, False
        yield self.change, [*new, *change], False

    @property
    def _rows(self) -> str:
        return f"_{self._other}CreateMany{self._without}Rows"

    def _new(self) -> Members:
        return [
            ("create", self._created),
            ("connect", f"{self._other}Unique"),
            ("connect_or_create", f"_{self._created}Ensured"),
        ]

    def _one(self) -> Members:
        members = [("update", f"{self._other}Update"), ("upsert", f"_{self._created}UpsertedAlone")]
        if self._cut:
            members.append(("disconnect", "bool"))
        if self._cut or not key_of(self._field):
            members.append(("delete", "bool"))
        return members

    def _new_many(self) -> Members:
        members = [(name, f"{kind} | Sequence[{kind}]") for name, kind in self._new()]
        return members if self._opposite.is_list else [*members, ("create_many", self._rows)]

    def _many(self) -> Members:
        key = f"{self._other}Unique"
        kinds = {
            "update": f"_{self._other}Edited",
            "update_many": f"_{self._other}EditedAll",
            "upsert": f"_{self._created}Upserted",
            "delete": key,
            "delete_many": f"{self._other}Where",
        }
        if self._cut:
            kinds["disconnect"] = key
        members = [(name, f"{kind} | Sequence[{kind}]") for name, kind in kinds.items()]
        return [*members, ("set", f"Sequence[{key}]")] if self._cut else members


def relation_types(schema: PrismaSchema) -> Iterator[str]:
    """The types of all relations, each once."""
    classes = class_names(schema)
    made: dict[str, tuple[Members, bool]] = {}
    for model in schema.models:
        for field, other, opposite in () if model.ignored else schema.related(model):
            for name, members, total in RelationTypes(model, field, other, opposite, classes).parts():
                made.setdefault(name, (members, total))
    for name, (members, total) in made.items():
        yield from called_dict(name, members, total=total)


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
