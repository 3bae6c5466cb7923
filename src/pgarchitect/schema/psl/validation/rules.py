"""What must hold between the parts of a schema, each of which is right by itself. The last stage."""

from pgarchitect.schema.psl.syntax import Call
from pgarchitect.schema.psl.validation.constraint_names import ConstraintNames, constraint_names
from pgarchitect.schema.psl.validation.default_attribute import KNOWN_FUNCTIONS
from pgarchitect.schema.psl.validation.facts import ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.index_rules import check_index, check_types_of_index
from pgarchitect.schema.psl.validation.literal_values import check_default_value
from pgarchitect.schema.psl.validation.model_rules import (
    check_enum,
    check_model,
    check_tables,
    check_types,
    check_view,
    of_model,
)
from pgarchitect.schema.psl.validation.native_types import check_native_type, check_unsupported
from pgarchitect.schema.psl.validation.relation_field_rules import (
    Groups,
    ambiguity,
    check_client_name,
    check_relation_field,
    relation_groups,
)
from pgarchitect.schema.psl.validation.relation_rules import check_relation
from pgarchitect.schema.psl.validation.relations import relation_ends


def check_rules(schema: SchemaFacts) -> None:
    """Note what does not hold."""
    relations = relation_ends(schema)
    names = constraint_names(schema, relations)
    groups = relation_groups(schema)
    for file, block in schema.composites:
        schema.error(file, block, "Error validating: Composite types are not supported on Postgres.")
    _functions(schema)
    _extensions(schema)
    check_tables(schema)
    for model in sorted(schema.models, key=lambda each: each.is_view):
        if not _model(schema, model, names, groups):
            return
    check_types(schema)
    for enum in schema.enums:
        check_enum(schema, enum)
    for ends in relations:
        check_relation(schema, ends, names)


def _functions(schema: SchemaFacts) -> None:
    for model in schema.models:
        for field in model.scalar_fields:
            value = field.default
            if isinstance(value, Call) and field.scalar is not None and value.name.text not in KNOWN_FUNCTIONS:
                text = (
                    f"Unknown function in @default(): `{value.name.text}` is not known. You can read "
                    "about the available functions here: https://pris.ly/d/attribute-functions"
                )
                schema.error(model.file, value, text)


def _extensions(schema: SchemaFacts) -> None:
    if schema.extensions is None:
        return
    file, start, end, extensions = schema.extensions
    if "postgresqlExtensions" not in schema.preview_features:
        text = "The `extensions` property is only available with the `postgresqlExtensions` preview feature."
        schema.diagnostics.error(file, start, end, text)
        return
    for name, start, end in sorted(extensions):
        problem = None
        if name[0].isnumeric():
            problem = "The name of an extension must not start with a number."
        elif "-" in name:
            problem = "The character `-` is not allowed in extension names."
        if problem is not None:
            schema.diagnostics.error(file, start, end, f"Error validating: {problem}")


def _model(schema: SchemaFacts, model: ModelFacts, names: ConstraintNames, groups: Groups) -> bool:
    if model.is_view:
        check_view(schema, model)
    else:
        check_model(schema, model, names)
        for key in model.indexes:
            check_types_of_index(schema, model, key)
    for field in model.scalar_fields:
        check_client_name(schema, model, field)
        check_native_type(schema, field)
        check_default_value(schema, field)
        check_unsupported(schema, field)
    for field in model.relation_fields:
        if (text := ambiguity(field, groups)) is not None:
            of_model(schema, model, field.declared, text)
            return False
        check_client_name(schema, model, field)
        check_relation_field(schema, model, field)
    for key in model.indexes:
        check_index(schema, model, key, names)
    return True
