"""What must hold of a relation: its two ends fit each other."""

from pgarchitect.schema.psl.validation.constraint_names import ConstraintNames, foreign_key_name, on_model, taken
from pgarchitect.schema.psl.validation.facts import FieldFacts, SchemaFacts
from pgarchitect.schema.psl.validation.one_to_one import check_one_to_one
from pgarchitect.schema.psl.validation.relations import RelationEnds, said


def of_relation(schema: SchemaFacts, field: FieldFacts, text: str) -> None:
    """Note an error that Prisma ascribes to a field's ``@relation``."""
    schema.error(field.model.file, field.declared, f'Error parsing attribute "@relation": {text}')


def check_relation(schema: SchemaFacts, ends: RelationEnds, names: ConstraintNames) -> None:
    """Note what is wrong with a relation."""
    if ends.kind == "embedded":
        _embedded(schema, ends)
    elif ends.kind == "m-n":
        _many_to_many(schema, ends)
    else:
        _inline(schema, ends, names)
        _both_sides(schema, ends)
        if ends.kind == "1-1":
            check_one_to_one(schema, ends)
        else:
            _one_to_many(schema, ends)


def _inline(schema: SchemaFacts, ends: RelationEnds, names: ConstraintNames) -> None:
    forward = ends.forward
    if forward is None:
        return
    facts = said(forward)
    if facts.references:
        _references_unique(schema, ends, forward, facts.references)
    if facts.fields is not None and facts.references is not None and len(facts.fields) != len(facts.references):
        text = "You must specify the same number of fields in `fields` and `references`."
        if facts.attribute is not None:
            schema.error(forward.model.file, facts.attribute, f"Error validating: {text}")
    _arity(schema, forward, facts.fields or [])
    for each, other in zip(ends.referencing, ends.referenced, strict=False):
        if not _same_type(each, other):
            text = (
                f"The type of the field `{each.name}` in the model `{each.model.name}` is not "
                f"matching the type of the referenced field `{other.name}` in model "
                f"`{other.model.name}`."
            )
            of_relation(schema, forward, text)
    name = foreign_key_name(ends)
    if ends.referencing and names.taken_on_model(ends.holder, name):
        arguments = facts.attribute.arguments.items if facts.attribute and facts.attribute.arguments else ()
        place = next((each for each in arguments if each.name and each.name.text == "map"), None)
        text = f'Error parsing attribute "@relation": {taken(name, on_model(ends.holder))}'
        schema.error(forward.model.file, place or forward.declared, text)
    if schema.relation_mode == "prisma":
        _set_null(schema, forward, facts.fields or [])


def _arity(schema: SchemaFacts, forward: FieldFacts, fields: list[FieldFacts]) -> None:
    if forward.is_required and any(each.is_optional for each in fields):
        listed = ", ".join(each.name for each in fields)
        text = (
            f"The relation field `{forward.name}` uses the scalar fields {listed}. At least one of "
            "those fields is optional. Hence the relation field must be optional as well."
        )
        schema.error(forward.model.file, forward.declared, f"Error validating: {text}")


def _set_null(schema: SchemaFacts, forward: FieldFacts, fields: list[FieldFacts]) -> None:
    facts = said(forward)
    if not any(each.is_required for each in fields):
        return
    for word, action in (("onDelete", facts.on_delete), ("onUpdate", facts.on_update)):
        if action is not None and action[0] == "SetNull":
            text = (
                f"The `{word}` referential action of a relation must not be set to `SetNull` when a "
                "referenced field is required.\nEither choose another referential action, or make "
                "the referenced fields optional.\n"
            )
            of_relation(schema, forward, text)


def _references_unique(
    schema: SchemaFacts, ends: RelationEnds, forward: FieldFacts, references: list[FieldFacts]
) -> None:
    names = sorted(each.name for each in references)
    if any(sorted(each.names) == names for each in ends.referred.unique_criteria() if not each.is_partial):
        return
    listed = ", ".join(each.name for each in references)
    advice = f"an `@@unique([{listed}])` attribute to the model `{ends.referred.name}`."
    if len(references) == 1:
        advice = f"an `@unique` attribute to the field `{listed}` in the model `{ends.referred.name}`."
    text = f"The argument `references` must refer to a unique criterion in the related model. Consider adding {advice}"
    of_relation(schema, forward, text)


def _same_type(one: FieldFacts, other: FieldFacts) -> bool:
    if one.unsupported is not None and other.unsupported is not None:
        return one.unsupported.value == other.unsupported.value
    return one.scalar is other.scalar and one.enum is other.enum and (one.scalar or one.enum) is not None


def _both_sides(schema: SchemaFacts, ends: RelationEnds) -> None:
    only = ends.forward if ends.back is None else ends.back if ends.forward is None else None
    if only is not None and only.related is not None:
        model = only.model
        text = (
            f"The relation field `{only.name}` on {model.word} `{model.name}` is missing an opposite "
            f"relation field on the model `{only.related.name}`. Either run `prisma format` or add it "
            "manually."
        )
        where = f"Error validating field `{only.name}` in {model.word} `{model.name}`"
        schema.error(model.file, only.declared, f"{where}: {text}")


def _one_to_many(schema: SchemaFacts, ends: RelationEnds) -> None:
    forward, back = ends.forward, ends.back
    if forward is None or back is None:
        return
    start = f"The relation field `{forward.name}` on Model `{forward.model.name}` must specify the"
    if not said(forward).fields:
        text = (
            f"{start} `fields` argument in the @relation attribute. You can run `prisma format` to "
            "fix this automatically."
        )
        of_relation(schema, forward, text)
    if not said(forward).references:
        of_relation(schema, forward, f"{start} `references` argument in the @relation attribute.")
    start = f"The relation field `{back.name}` on Model `{back.model.name}` must not specify the"
    opposite = f"You must only specify it on the opposite field `{forward.name}` on model `{forward.model.name}`"
    if said(back).fields or said(back).references:
        of_relation(schema, back, f"{start} `fields` or `references` argument in the @relation attribute. {opposite}.")
    if said(back).on_delete or said(back).on_update:
        text = (
            f"{start} `onDelete` or `onUpdate` argument in the @relation attribute. {opposite}, or in "
            "case of a many to many relation, in an explicit join table."
        )
        of_relation(schema, back, text)


def _many_to_many(schema: SchemaFacts, ends: RelationEnds) -> None:
    fields = [each for each in (ends.forward, ends.back) if each is not None]
    for field in fields:
        key = field.related.primary_key if field.related else None
        if field.related is not None and (key is None or len(key.fields) != 1):
            model = field.model
            text = (
                f"The relation field `{field.name}` on {model.word} `{model.name}` references "
                f"`{field.related.name}` which does not have an `@id` field. Models without `@id` "
                "cannot be part of a many to many relation. Use an explicit intermediate Model to "
                "represent this relationship."
            )
            where = f"Error validating field `{field.name}` in {model.word} `{model.name}`"
            schema.error(model.file, field.declared, f"{where}: {text}")
        elif key is not None and field.related is not None:
            _references_id(schema, field, key.names)
    for field in fields:
        for action in (said(field).on_delete, said(field).on_update):
            if action is not None:
                text = "Referential actions on implicit many-to-many relations are not supported"
                schema.error(field.model.file, action[1], f"Error validating: {text}")
    for field in fields:
        if said(field).references is not None:
            text = (
                "Implicit many-to-many relation should not have references argument defined. Either "
                "remove it, or change the relation to one-to-many."
            )
            of_relation(schema, field, text)


def _references_id(schema: SchemaFacts, field: FieldFacts, key: list[str]) -> None:
    references = said(field).references
    if references is None or [each.name for each in references] == key or field.related is None:
        return
    listed = ", ".join(each.name for each in references)
    text = (
        "Implicit many-to-many relations must always reference the id field of the related model. "
        "Change the argument `references` to use the id field of the related model "
        f"`{field.related.name}`. But it is referencing the following fields that are not the id: "
        f"{listed}"
    )
    schema.error(field.model.file, field.declared, f"Error validating: {text}")


def _embedded(schema: SchemaFacts, ends: RelationEnds) -> None:
    for field in (ends.forward, ends.back):
        if field is not None:
            text = (
                "Embedded many-to-many relations are not supported on Postgres. Please use the "
                "syntax defined in https://pris.ly/d/relational-database-many-to-many"
            )
            schema.error(field.model.file, field.declared, f"Error validating: {text}")
