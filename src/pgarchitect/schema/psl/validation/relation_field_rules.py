"""What must hold of a relation field by itself, and of names that relations share."""

from collections import defaultdict
from typing import Final

from pgarchitect.schema.psl.syntax import Expression
from pgarchitect.schema.psl.validation.constraint_names import LONGEST
from pgarchitect.schema.psl.validation.facts import FieldFacts, ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.model_rules import of_model, too_long
from pgarchitect.schema.psl.validation.relations import said

Groups = dict[tuple[int, int, str | None], list[FieldFacts]]
"""Model, other model, and relation name → the fields that have them."""

_EMULATED: Final = ("Cascade", "Restrict", "SetNull")


def relation_groups(schema: SchemaFacts) -> Groups:
    """Relation fields by what tells their relations apart; a relation without a name has none that is written."""
    groups: Groups = defaultdict(list)
    for model in schema.models:
        for field in model.relation_fields:
            groups[id(model), id(field.related), said(field).name].append(field)
    return groups


def ambiguity(field: FieldFacts, groups: Groups) -> str | None:
    """What is wrong where several fields could be the ends of one relation."""
    name = said(field).name
    fields = groups[id(field.model), id(field.related), name]
    if len(fields) < 2 or field.related is None:
        return None
    itself = field.related is field.model
    if itself and name is not None and len(fields) == 2:
        return None
    listed = _listed([each.name for each in fields])
    start = f"The fields {listed} in model `{field.model.name}`"
    if itself and name is not None:
        return (
            f"Wrongly named self relation detected. {start} have the same relation name. At most two "
            "relation fields can belong to the same relation and therefore have the same name. "
            "Please assign a different relation name to one of them."
        )
    if itself and len(fields) > 2:
        return (
            f"Unnamed self relation detected. {start} have no relation name. Please provide a "
            "relation name for one of them by adding `@relation(<name>)."
        )
    if itself:
        return (
            f"Ambiguous self relation detected. {start} both refer to `{field.related.name}`. If they "
            "are part of the same relation add the same relation name for them with "
            "`@relation(<name>)`."
        )
    if name is None:
        return (
            f"Ambiguous relation detected. {start} both refer to `{field.related.name}`. Please "
            "provide different relation names for them by adding `@relation(<name>)."
        )
    return (
        f"Wrongly named relation detected. {start} both use the same relation name. Please provide "
        "different relation names for them through `@relation(<name>)."
    )


def _listed(names: list[str]) -> str:
    quoted = [f"`{each}`" for each in names]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def check_client_name(schema: SchemaFacts, model: ModelFacts, field: FieldFacts) -> None:
    """No key has the name of a field."""
    keys = [*(each for each in model.indexes if each.kind == "unique"), model.primary_key]
    for key in keys:
        if key is not None and key.name == field.name:
            text = (
                f"The custom name `{field.name}` specified for the `@@{key.kind}` attribute is "
                "already used as a name for a field. Please choose a different name."
            )
            of_model(schema, model, model.block, text)


def check_relation_field(schema: SchemaFacts, model: ModelFacts, field: FieldFacts) -> None:
    """Its other model is not ignored, its actions can be done, its name is short enough."""
    related, facts = field.related, said(field)
    if related is not None and related.ignored and not field.ignored and not model.ignored:
        text = (
            f"The relation field `{field.name}` on Model `{model.name}` must specify the `@ignore` "
            f"attribute, because the model {related.name} it is pointing to is marked ignored."
        )
        schema.error(model.file, field.declared, f'Error parsing attribute "@ignore": {text}')
    if schema.relation_mode == "prisma":
        _action(schema, model, field, "onDelete", facts.on_delete)
        _action(schema, model, field, "onUpdate", facts.on_update)
    if facts.map is not None and len(facts.map.encode()) > LONGEST and facts.attribute is not None:
        text = too_long(facts.map, "@relation")
        schema.error(model.file, facts.attribute, f'Error validating model "{model.name}": {text}')


def _action(
    schema: SchemaFacts, model: ModelFacts, field: FieldFacts, name: str, given: tuple[str, Expression] | None
) -> None:
    if given is None or given[0] in _EMULATED:
        return
    listed = ", ".join(f"`{each}`" for each in _EMULATED)
    text = f"Error validating: Invalid referential action: `{given[0]}`. Allowed values: ({listed})"
    if given[0] == "NoAction":
        text += (
            '. `NoAction` is not implemented for Postgres when using `relationMode = "prisma"`, you '
            "could try using `Restrict` instead. Learn more at https://pris.ly/d/relation-mode"
        )
    attribute = said(field).attribute
    arguments = attribute.arguments.items if attribute and attribute.arguments else ()
    place = next((each for each in arguments if each.name and each.name.text == name), None)
    schema.error(model.file, place or field.declared, text)
