"""Attributes of relation fields: ``@relation``, and those that they cannot have."""

from typing import Final

from pgarchitect.schema.psl.syntax import Expression
from pgarchitect.schema.psl.validation.attribute_reader import AttributeReader, Given
from pgarchitect.schema.psl.validation.facts import FieldFacts, ModelFacts, RelationFacts, SchemaFacts
from pgarchitect.schema.psl.validation.key_fields import key_fields

_ACTIONS: Final = {"Cascade", "Restrict", "NoAction", "SetNull", "SetDefault"}


def relation_field_attributes(schema: SchemaFacts, field: FieldFacts) -> None:
    """Read a relation field's attributes, and note what is wrong with them."""
    field.relation = RelationFacts()
    reader = AttributeReader(schema, field.model.file, field.declared.attributes)
    if given := reader.single("relation"):
        field.relation = _relation(given, field)
        given.close()
    if given := reader.single("id"):
        given.error(
            f"The field `{field.name}` is a relation field and cannot be marked with `@id`. "
            "Only scalar fields can be declared as id."
        )
    if given := reader.single("ignore"):
        field.ignored = True
        given.close()
    if given := reader.single("default"):
        given.error("Cannot set a default value on a relation field.")
    if given := reader.single("map"):
        given.error("The attribute `@map` cannot be used on relation fields.")
        given.required("name")
    if given := reader.single("unique"):
        _unique(given, field)
    reader.close()


def _unique(given: Given, field: FieldFacts) -> None:
    columns = [each.name for each in (field.relation.fields if field.relation else None) or ()]
    meant = f" Did you mean to provide `@@unique([{', '.join(columns)}])`?" if columns else ""
    if len(columns) == 1:
        meant = f" Did you mean to put it on `{columns[0]}`?"
    given.error(
        f"The field `{field.name}` is a relation field and cannot be marked with `unique`. "
        f"Only scalar fields can be made unique.{meant}"
    )


def _relation(given: Given, field: FieldFacts) -> RelationFacts:
    facts = RelationFacts(given.attribute)
    if (value := given.optional("fields")) is not None:
        facts.fields = _fields(given, field.model, value)
    if (value := given.optional("references")) is not None and field.related is not None:
        facts.references = _references(given, field.related, value)
    name = given.string(given.required("name", report=False))
    if name == "":
        given.error("A relation cannot have an empty name.")
    facts.name = name or None
    facts.on_delete = _action(given, "onDelete")
    facts.on_update = _action(given, "onUpdate")
    facts.map = given.name("map")
    return facts


def _fields(given: Given, model: ModelFacts, value: Expression) -> list[FieldFacts]:
    found = key_fields(given, value, model, with_arguments=False)
    start = "Error validating: The argument fields must refer only to"
    if found.unknown:
        names = ", ".join(found.unknown)
        text = f"{start} existing fields. The following fields do not exist in this model: {names}"
        given.schema.error(given.file, value, text)
    if found.relations:
        names = ", ".join(each.name for each in found.relations)
        text = f"{start} scalar fields. But it is referencing the following relation fields: {names}"
        given.schema.error(given.file, value, text)
    return [each.field for each in found.fields] if found.is_right else []


def _references(given: Given, related: ModelFacts, value: Expression) -> list[FieldFacts]:
    found = key_fields(given, value, related, with_arguments=False)
    start = "Error validating: The argument `references` must refer only to"
    if found.unknown:
        names = ", ".join(found.unknown)
        text = (
            f"{start} existing fields in the related model `{related.name}`. The following fields do "
            f"not exist in the related model: {names}"
        )
        given.schema.error(given.file, given.attribute, text)
    if found.relations:
        names = ", ".join(each.name for each in found.relations)
        text = (
            f"{start} scalar fields in the related model `{related.name}`. But it is referencing the "
            f"following relation fields: {names}"
        )
        given.schema.error(given.file, given.attribute, text)
    return [each.field for each in found.fields] if found.is_right else []


def _action(given: Given, name: str) -> tuple[str, Expression] | None:
    value = given.optional(name)
    word = given.word(value)
    if word is None or value is None:
        return None
    if word not in _ACTIONS:
        text = f'Error parsing attribute "@relation": Invalid referential action: `{word}`'
        given.schema.error(given.file, value, text)
        return None
    return word, value
