"""Relations: which field is at the other end of which, what ``@relation`` says, and what must hold between the two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pgarchitect.schema.psl.arguments import Arguments
from pgarchitect.schema.psl.prisma_schema import (
    Field,
    ManyToMany,
    Model,
    ModelRef,
    ReferentialAction,
    Relation,
)
from pgarchitect.schema.psl.relation_rules import check_pair
from pgarchitect.schema.psl.scope import Scope
from pgarchitect.schema.psl.syntax import Attribute, ConstantValue, Value


@dataclass(frozen=True, slots=True)
class End:
    """A relation field with its model."""

    model: Model
    field: Field

    @property
    def target(self) -> str:
        """Name of the model that it leads to."""
        return self.field.type.name if isinstance(self.field.type, ModelRef) else ""

    @property
    def relation(self) -> Relation:
        """What its ``@relation`` says."""
        assert self.field.relation is not None  # noqa: S101  # read before ends are made
        return self.field.relation


def resolved(models: Mapping[str, Model], scope: Scope) -> tuple[tuple[Model, ...], tuple[ManyToMany, ...]]:
    """The models with their relations, and the implicit many-to-many ones; what is wrong is noted."""
    read = {name: replace(each, fields=_read(each, scope)) for name, each in models.items()}
    ends = [End(model, field) for model in read.values() for field in model.fields if field.relation is not None]
    opposites = {(each.model.name, each.field.name): _opposite(each, ends, scope) for each in ends}
    for each in ends:
        other = opposites[each.model.name, each.field.name]
        if other is not None and (each.model.name, each.field.name) <= (other.model.name, other.field.name):
            check_pair(each.model, each.field, other.model, other.field, scope)
    made = tuple(replace(each, fields=_with_opposites(each, opposites)) for each in read.values())
    return made, tuple(_many_to_many(ends, opposites))


def _read(model: Model, scope: Scope) -> tuple[Field, ...]:
    lines = scope.fields(model.name)
    return tuple(
        replace(each, relation=_relation(model, each, lines[each.name].attributes, scope)) if each.is_relation else each
        for each in model.fields
    )


def _relation(model: Model, field: Field, attributes: tuple[Attribute, ...], scope: Scope) -> Relation:
    attribute = next((each for each in attributes if each.name.text == "relation"), None)
    if attribute is None:
        return Relation(None, (), (), None, None, None, "")
    arguments = scope.arguments(attribute, model.span.file)
    name = arguments.string("name", first=True)
    fields, references = arguments.take("fields"), arguments.take("references")
    actions = arguments.take("onDelete"), arguments.take("onUpdate")
    mapped = arguments.string("map")
    arguments.finish()
    if name == "":
        arguments.wrong("A relation cannot have an empty name.")
    target = scope.fields(field.type.name) if isinstance(field.type, ModelRef) else {}
    return Relation(
        name,
        _names(arguments, fields, frozenset(scope.fields(model.name)), model.name),
        _names(arguments, references, frozenset(target), getattr(field.type, "name", "")),
        _action(arguments, actions[0]),
        _action(arguments, actions[1]),
        mapped,
        "",
    )


def _names(arguments: Arguments, value: Value | None, known: frozenset[str], model: str) -> tuple[str, ...]:
    found = arguments.names(value) or ()
    unknown = [each.text for each in found if each.text not in known]
    if unknown:
        arguments.wrong(
            f"The argument refers to fields that do not exist in the model {model}: {', '.join(unknown)}.", value
        )
    return tuple(each.text for each in found if each.text in known)


def _action(arguments: Arguments, value: Value | None) -> ReferentialAction | None:
    found = arguments.of_kind(value, ConstantValue)
    if found is None:
        return None
    known = {each.value for each in ReferentialAction}
    if found.text not in known:
        arguments.wrong(f"Invalid referential action: `{found.text}`. It may be {', '.join(sorted(known))}.", value)
        return None
    return ReferentialAction(found.text)


def _opposite(end: End, ends: list[End], scope: Scope) -> End | None:
    found = [
        each
        for each in ends
        if each.model.name == end.target
        and each.target == end.model.name
        and each.relation.name == end.relation.name
        and (each.model.name, each.field.name) != (end.model.name, end.field.name)
    ]
    mine = [
        each
        for each in ends
        if each.model.name == end.model.name and each.target == end.target and each.relation.name == end.relation.name
    ]
    if len(found) == 1 and (len(mine) == 1 or (end.target == end.model.name and len(mine) == 2)):
        return found[0]
    _note(end, found, mine, scope)
    return None


def _note(end: End, found: list[End], mine: list[End], scope: Scope) -> None:
    field, model, target = end.field.name, end.model.name, end.target
    start = f"Error validating field `{field}` in model `{model}`: "
    if not found:
        scope.diagnostics.at(
            f"{start}The relation field `{field}` on model `{model}` is missing an opposite relation field on the model"
            f" `{target}`. Add it there.",
            end.field.span,
        )
        return
    own = model == target
    names = sorted({each.field.name for each in (*mine, *([] if not own else found))})
    what = "self relation" if own else "relation"
    listed = ", ".join(f"`{each}`" for each in (names if len(names) > 1 else [each.field.name for each in found]))
    where = model if len(names) > 1 else target
    scope.diagnostics.at(
        f'Error validating model "{model}": Ambiguous {what} detected. The fields {listed} in model `{where}` refer to'
        f" `{target if len(names) > 1 else model}`. Please provide different relation names for them by adding"
        " `@relation(<name>)`.",
        end.field.span,
    )


def _with_opposites(model: Model, opposites: Mapping[tuple[str, str], End | None]) -> tuple[Field, ...]:
    made = []
    for each in model.fields:
        other = opposites.get((model.name, each.name))
        named = other.field.name if other else ""
        made.append(replace(each, relation=replace(each.relation, opposite=named)) if each.relation else each)
    return tuple(made)


def _many_to_many(ends: list[End], opposites: Mapping[tuple[str, str], End | None]) -> Iterator[ManyToMany]:
    for each in ends:
        other = opposites[each.model.name, each.field.name]
        if other is None or not (each.field.is_list and other.field.is_list):
            continue
        here, there = (each.model.name, each.field.name), (other.model.name, other.field.name)
        if here < there:
            name = each.relation.name or f"{here[0]}To{there[0]}"
            yield ManyToMany(name, *here, *there)
