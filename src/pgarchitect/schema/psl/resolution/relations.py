"""Relations: which two fields are the ends of one, and what holds it."""

from collections.abc import Iterable, Iterator

from pgarchitect.schema.psl.attribute_arguments import argument, attribute, string, word, words
from pgarchitect.schema.psl.prisma_schema import Arity, ManyToMany, Model, ModelRef, ReferentialAction, Relation
from pgarchitect.schema.psl.resolution.declared import Declared
from pgarchitect.schema.psl.syntax import Block, Expression, FieldDeclaration


def relation(block: Block, field: FieldDeclaration, schema: Declared) -> Relation:
    """What ``@relation`` says of a field that is known to have one opposite."""
    given = attribute(field.attributes, "relation")
    arguments = given.arguments if given else None
    return Relation(
        name=relation_name(field),
        fields=words(argument(arguments, "fields")),
        references=words(argument(arguments, "references")),
        on_delete=_action(argument(arguments, "onDelete")),
        on_update=_action(argument(arguments, "onUpdate")),
        map=string(argument(arguments, "map")),
        opposite=next(opposites(block, field, schema)).name.text,
    )


def relation_name(field: FieldDeclaration) -> str | None:
    """The name that is written for a field's relation."""
    given = attribute(field.attributes, "relation")
    return string(argument(given.arguments, "name", default=True)) if given else None


def opposites(block: Block, field: FieldDeclaration, schema: Declared) -> Iterator[FieldDeclaration]:
    """The fields that could be the other end: of the other model, back to this one, of the same relation name."""
    kind = field.type.name.text if field.type else ""
    name = relation_name(field)
    _, other = schema.models[kind]
    for each in other.fields:
        back = each.type.name.text if each.type else ""
        if back == block.name.text and relation_name(each) == name and each is not field:
            yield each


def _action(value: Expression | None) -> ReferentialAction | None:
    text = word(value)
    return ReferentialAction(text) if text is not None else None


def many_to_many(models: Iterable[Model]) -> tuple[ManyToMany, ...]:
    """The implicit many-to-many relations between some models."""
    by_name = {each.name: each for each in models}
    found: list[ManyToMany] = []
    for model in by_name.values():
        for field in model.relations:
            other = by_name[field.type.name] if isinstance(field.type, ModelRef) else None
            back = other.field(field.relation.opposite) if other and field.relation else None
            if other is None or back is None or field.arity is not Arity.LIST or back.arity is not Arity.LIST:
                continue
            if (model.name, field.name) <= (other.name, back.name) and field.relation is not None:
                name = field.relation.name or f"{model.name}To{other.name}"
                found.append(ManyToMany(name, model.name, field.name, other.name, back.name))
    return tuple(found)
