"""What must hold of a model or view as a whole."""

from pgarchitect.schema.psl.syntax import StringLiteral
from pgarchitect.schema.psl.validation.constraint_names import (
    GLOBAL,
    LONGEST,
    ConstraintNames,
    key_name,
    on_model,
    taken,
)
from pgarchitect.schema.psl.validation.facts import Enumeration, KeyFacts, ModelFacts, Place, SchemaFacts

_MISSING = (
    "Each {0} must have at least one unique criteria that has only required fields. Either mark a single field with "
    "`@id`, `@unique` or add a multi field criterion with `@@id([])` or `@@unique([])` to the {0}."
)


def of_model(schema: SchemaFacts, model: ModelFacts, place: Place, text: str) -> None:
    """Note an error that Prisma ascribes to a model."""
    schema.error(model.file, place, f'Error validating {model.word} "{model.name}": {text}')


def of_key(schema: SchemaFacts, model: ModelFacts, key: KeyFacts, text: str, place: Place | None = None) -> None:
    """Note an error that Prisma ascribes to a key or index."""
    schema.error(model.file, place or key.attribute, f'Error parsing attribute "{key.shown}": {text}')


def named_argument(key: KeyFacts, *names: str) -> Place | None:
    """The first of some arguments that an attribute has."""
    given = key.attribute.arguments.items if key.attribute.arguments else ()
    return next((each for name in names for each in given if each.name and each.name.text == name), None)


def check_tables(schema: SchemaFacts) -> None:
    """No two models have the same table."""
    seen: dict[tuple[str | None, str], ModelFacts] = {}
    views_last = [
        *(each for each in schema.models if not each.is_view),
        *(each for each in schema.models if each.is_view),
    ]
    for model in views_last:
        key = (model.schema.value if model.schema else None, model.table)
        other = seen.get(key)
        seen[key] = model
        if other is None:
            continue
        named, shown = (model, other) if model.map_attribute else (other, model)
        if named.map_attribute is not None:
            text = (
                f'The model with database name "{model.table}" could not be defined because another '
                f'model or view with this name exists: "{shown.name}"'
            )
            schema.error(named.file, named.map_attribute, text)


def check_types(schema: SchemaFacts) -> None:
    """No two enums have the same type."""
    seen: set[tuple[str | None, str]] = set()
    for enum in schema.enums:
        key = (enum.schema.value if enum.schema else None, enum.type_name)
        if key in seen:
            text = "An enum with the same database name is already defined."
            schema.error(enum.file, enum.block, text)
        seen.add(key)


def check_enum(schema: SchemaFacts, enum: Enumeration) -> None:
    """An enum is in a schema that the datasource has."""
    _schema_known(schema, enum.file, enum.schema)
    if enum.schema is None and schema.schemas is not None:
        schema.error(enum.file, enum.block, "This enum is missing an `@@schema` attribute.")


def _schema_known(schema: SchemaFacts, file: str, given: StringLiteral | None) -> None:
    if given is not None and schema.datasource is not None and given.value not in (schema.schemas or ()):
        text = "This schema is not defined in the datasource. Read more on `@@schema` at https://pris.ly/d/multi-schema"
        schema.error(file, given, text)


def check_view(schema: SchemaFacts, view: ModelFacts) -> None:
    """A view needs a preview feature, and has no primary key and no index; up to Prisma 6.12 it might have them."""
    if "views" not in schema.preview_features:
        text = "View definitions are only available with the `views` preview feature."
        schema.error(view.file, view.block, f"Error validating: {text}")
    if schema.is_former:
        return
    if view.primary_key is not None:
        schema.error(view.file, view.primary_key.attribute, "Error validating: Views cannot have primary keys.")
    for key in view.indexes:
        if key.kind != "unique":
            schema.error(view.file, key.attribute, "Error validating: Views cannot have indexes.")


def check_model(schema: SchemaFacts, model: ModelFacts, names: ConstraintNames) -> None:
    """A model has a unique criterion, and its primary key is one of PostgreSQL's."""
    _has_criterion(schema, model)
    if model.primary_key is not None:
        _primary_key(schema, model, model.primary_key, names)
    _schema_known(schema, model.file, model.schema)
    if model.schema is None and schema.schemas is not None:
        of_model(schema, model, model.block, f"This {model.word} is missing an `@@schema` attribute.")


def _has_criterion(schema: SchemaFacts, model: ModelFacts) -> None:
    criteria = list(model.unique_criteria())
    if model.ignored or any(_is_strict(each) for each in criteria):
        return
    text = _MISSING.format(model.word)
    if criteria:
        listed = "\n".join(f"- {', '.join(each.names)}" for each in criteria)
        text += (
            " The following unique criterias were not considered as they contain fields that are not "
            f"required:\n{listed}"
        )
    of_model(schema, model, model.block, text)


def _is_strict(key: KeyFacts) -> bool:
    fields = [each.field for each in key.fields]
    return all(each.is_required and each.unsupported is None for each in fields) and not key.is_partial


def _primary_key(schema: SchemaFacts, model: ModelFacts, key: KeyFacts, names: ConstraintNames) -> None:
    name = key_name(model, key)
    check_length(schema, model, key, name)
    place = named_argument(key, "map")
    if names.taken_everywhere(model, name):
        of_key(schema, model, key, taken(name, GLOBAL), place)
    if names.taken_on_model(model, name):
        of_key(schema, model, key, taken(name, on_model(model)), place)
    if key.name is not None and names.custom[id(model), key.name] > 1:
        text = (
            f"The given custom name `{key.name}` has to be unique on the model. Please provide a "
            "different name for the `name` argument."
        )
        of_key(schema, model, key, text, named_argument(key, "name"))
    if not key.fields:
        text = f"The list of fields in an `{key.shown}()` attribute cannot be empty. Please specify at least one field."
        of_key(schema, model, key, text)
    joined = "_".join(key.names)
    if len(key.fields) > 1 and (clash := model.field(joined)) and clash.related is None:
        text = (
            f"The field `{joined}` clashes with the `@@id` attribute's name. Please resolve the "
            'conflict by providing a custom id name: `@@id([...], name: "custom_name")`'
        )
        of_model(schema, model, key.attribute, text)
    if any(each.length is not None for each in key.fields):
        of_key(schema, model, key, "The length argument is not supported in the primary key with the current connector")
    if any(each.sort is not None for each in key.fields):
        of_key(schema, model, key, "The sort argument is not supported in the primary key with the current connector")
    check_clustered(schema, model, key)


def check_clustered(schema: SchemaFacts, model: ModelFacts, key: KeyFacts) -> None:
    """PostgreSQL keeps no table in an index's order."""
    if key.clustered is not None:
        of_key(schema, model, key, "Defining clustering is not supported in the current connector.")


def check_length(schema: SchemaFacts, model: ModelFacts, key: KeyFacts, name: str | None) -> None:
    """PostgreSQL keeps 63 bytes of a name."""
    if name is not None and len(name.encode()) > LONGEST:
        text = too_long(name, key.shown)
        schema.error(model.file, key.attribute, f'Error validating model "{model.name}": {text}')


def too_long(name: str, shown: str) -> str:
    """The message about a name that is too long."""
    return (
        f"The constraint name '{name}' specified in the `map` argument for the `{shown}` constraint "
        f"is too long for your chosen provider. The maximum allowed length is {LONGEST} bytes."
    )
