"""What must hold of a unique key or index."""

from typing import Final

from pgarchitect.schema.psl.validation.constraint_names import GLOBAL, ConstraintNames, key_name, taken
from pgarchitect.schema.psl.validation.facts import FieldFacts, KeyFacts, KeyField, ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.model_rules import (
    check_clustered,
    check_length,
    named_argument,
    of_key,
    of_model,
)
from pgarchitect.schema.psl.validation.operator_classes import BRIN_TYPES, OPERATOR_CLASSES, SCALARS_OF

_DEFAULTS: Final = {
    "Gist": frozenset[str](),
    "Gin": frozenset({"JsonB"}),
    "SpGist": frozenset({"Inet", "Text", "VarChar", "Char"}),
    "Brin": BRIN_TYPES,
}
"""Method of access → native types that need no operator class to be written."""


def check_types_of_index(schema: SchemaFacts, model: ModelFacts, key: KeyFacts) -> None:
    """PostgreSQL can index columns of these types by this method with these operator classes."""
    for each in key.fields:
        if each.field.native_type == "Xml":
            text = "You cannot define an index on fields with native type `Xml` of Postgres."
            if key.kind == "unique":
                text = "Native type `Xml` cannot be unique in Postgres."
            schema.error(model.file, each.field.declared, text)
            break
    for each in key.fields:
        problem = None if each.raw else _problem(key.method or "BTree", each)
        if problem is not None:
            of_key(schema, model, key, problem)
    if key.method == "SpGist" and len(key.fields) != 1:
        of_key(schema, model, key, "SpGist does not support multi-column indices.")


def _problem(method: str, key: KeyField) -> str | None:
    operators = key.operator_class
    if operators is not None and method not in OPERATOR_CLASSES[operators].methods:
        return f"The given operator class `{operators}` is not supported with the `{method}` index type."
    if method not in _DEFAULTS:
        return None
    if operators == "ArrayOps":
        if key.field.is_list:
            return None
        return f"The given operator class `ArrayOps` expects the type of field `{key.field.name}` to be an array."
    return _default_problem(method, key.field) if operators is None else _class_problem(operators, key.field)


def _default_problem(method: str, field: FieldFacts) -> str | None:
    if method == "Gin" and field.is_list:
        return None
    if field.native_type:
        if field.native_type in _DEFAULTS[method]:
            return None
        return f"The {method} index field type `{field.native_type}` has no default operator class."
    if field.unsupported is not None or field.scalar in SCALARS_OF[method]:
        return None
    return f"The {method} index type does not support the type of the field `{field.name}`."


def _class_problem(operators: str, field: FieldFacts) -> str | None:
    known = OPERATOR_CLASSES[operators]
    if field.native_type:
        if field.native_type in known.native:
            return None
        return (
            f"The given operator class `{operators}` does not support native type "
            f"`{field.native_type}` of field `{field.name}`."
        )
    if known.scalar is None:
        return f"The given operator class `{operators}` expects the field `{field.name}` to define a valid native type."
    if field.scalar is known.scalar:
        return None
    return (
        f"The given operator class `{operators}` points to the field `{field.name}` that is not of {known.scalar} type."
    )


def check_index(schema: SchemaFacts, model: ModelFacts, key: KeyFacts, names: ConstraintNames) -> None:
    """It has fields, a name of its own, and only what PostgreSQL's indexes have."""
    if not key.fields:
        text = "The list of fields in an index cannot be empty. Please specify at least one field."
        of_key(schema, model, key, text)
    name = key_name(model, key)
    if names.taken_everywhere(model, name):
        of_key(schema, model, key, taken(name, GLOBAL), named_argument(key, "map", "name"))
    _client_name(schema, model, key, names)
    if any(each.length is not None for each in key.fields):
        text = "The length argument is not supported in an index definition with the current connector"
        of_key(schema, model, key, text)
    if key.method == "Hash" and any(each.sort is not None for each in key.fields):
        of_key(schema, model, key, "Hash type does not support sort option.")
    if key.kind == "fulltext":
        of_key(schema, model, key, "Defining fulltext indexes is not supported with the current connector.")
    check_length(schema, model, key, key.map)
    check_clustered(schema, model, key)
    if key.kind != "index" and any(each.operator_class is not None for each in key.fields):
        of_key(schema, model, key, "Operator classes can only be defined to fields in an @@index attribute.")
    if key.is_partial and "partialIndexes" not in schema.preview_features:
        text = 'Partial indexes are a preview feature. Add "partialIndexes" to previewFeatures in your generator block.'
        of_key(schema, model, key, text)


def _client_name(schema: SchemaFacts, model: ModelFacts, key: KeyFacts, names: ConstraintNames) -> None:
    if key.kind != "unique":
        return
    joined = "_".join(key.names)
    if len(key.fields) > 1 and (clash := model.field(joined)) and clash.related is None:
        text = (
            f"The field `{joined}` clashes with the `{key.shown}` name. Please resolve the conflict "
            f'by providing a custom id name: `{key.shown}([...], name: "custom_name")`'
        )
        of_model(schema, model, key.attribute, text)
    if key.name is not None and names.custom[id(model), key.name] > 1:
        text = (
            f"The given custom name `{key.name}` has to be unique on the model. Please provide a "
            "different name for the `name` argument."
        )
        of_key(schema, model, key, text, named_argument(key, "name"))
