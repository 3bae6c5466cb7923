"""Attributes of fields, models and enums, each by itself. The third stage."""

from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import StringLiteral
from pgarchitect.schema.psl.validation.attribute_reader import AttributeReader, Given
from pgarchitect.schema.psl.validation.composite_attributes import composite_attributes
from pgarchitect.schema.psl.validation.default_attribute import read_default
from pgarchitect.schema.psl.validation.facts import Enumeration, FieldFacts, ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.key_attributes import (
    read_field_id,
    read_field_unique,
    read_index,
    read_model_id,
)
from pgarchitect.schema.psl.validation.relation_attributes import relation_field_attributes


def resolve_attributes(schema: SchemaFacts) -> None:
    """Read all attributes, and note each that is wrong."""
    for model in schema.models:
        for field in model.relation_fields:
            relation_field_attributes(schema, field)
    models = {id(each.block): each for each in schema.models}
    enums = {id(each.block): each for each in schema.enums}
    for tree in schema.trees:
        for block in tree.blocks:
            if model_facts := models.get(id(block)):
                _model(schema, model_facts)
            elif enum := enums.get(id(block)):
                _enum(schema, enum)
            elif block.keyword == "type":
                composite_attributes(schema, tree.file, block)


def _enum(schema: SchemaFacts, enum: Enumeration) -> None:
    for value in enum.block.values:
        reader = AttributeReader(schema, enum.file, value.attributes)
        if given := reader.single("map"):
            _name(given)
            given.close()
        reader.close()
    reader = AttributeReader(schema, enum.file, enum.block.attributes)
    if given := reader.single("map"):
        enum.type_name = _name(given) or enum.type_name
        given.close()
    if given := reader.single("schema"):
        enum.schema = _schema(given)
        given.close()
    reader.close()


def _name(given: Given) -> str | None:
    return given.string(given.required("name"))


def _schema(given: Given) -> StringLiteral | None:
    value = given.required("map")
    given.string(value)
    return value if isinstance(value, StringLiteral) else None


def _model(schema: SchemaFacts, model: ModelFacts) -> None:
    columns: dict[str, FieldFacts] = {}
    for field in model.scalar_fields:
        if field.declared.attributes:
            _scalar_field(schema, field, columns)
    reader = AttributeReader(schema, model.file, model.block.attributes)
    if given := reader.single("ignore"):
        _ignore(schema, model, given)
    if given := reader.single("id"):
        read_model_id(given, model)
        given.close()
    if given := reader.single("map"):
        model.map_attribute = given.attribute
        model.table = _name(given) or model.table
        given.close()
    if given := reader.single("schema"):
        model.schema = _schema(given)
        given.close()
    for kind in ("index", "unique", "fulltext"):
        for given in reader.repeated(kind):
            read_index(given, model, kind)
            given.close()
    if (key := model.primary_key) and key.on_field and not model.ignored and not key.fields[0].field.is_required:
        text = 'Error parsing attribute "@id": Fields that are marked as id must be required.'
        schema.error(model.file, key.attribute, text)
    reader.close()


def _ignore(schema: SchemaFacts, model: ModelFacts, given: Given) -> None:
    for field in model.scalar_fields:
        if field.ignored:
            text = "Fields on an already ignored Model do not need an `@ignore` annotation."
            schema.error(model.file, field.declared, f'Error parsing attribute "@ignore": {text}')
    model.ignored = True
    given.close()


def _scalar_field(schema: SchemaFacts, field: FieldFacts, columns: dict[str, FieldFacts]) -> None:
    reader = AttributeReader(schema, field.model.file, field.declared.attributes)
    if given := reader.single("map"):
        _map(schema, field, given, columns)
        given.close()
    if given := reader.single("ignore"):
        if field.unsupported is not None:
            given.error(
                "Fields of type `Unsupported` cannot take an `@ignore` attribute. They are already treated as "
                "ignored by the client due to their type."
            )
        field.ignored = field.unsupported is None
        given.close()
    if given := reader.single("relation"):
        given.error("Invalid field type, not a relation.")
        given.close()
    if given := reader.single("id"):
        read_field_id(given, field)
        given.close()
    if given := reader.single("updatedAt"):
        _updated_at(field, given)
    if given := reader.single("default"):
        read_default(given, field)
        given.close()
    if field.scalar is not None:
        field.native = reader.native()
    if given := reader.single("unique"):
        read_field_unique(given, field)
        given.close()
    reader.close()


def _updated_at(field: FieldFacts, given: Given) -> None:
    if field.scalar is not Scalar.DATE_TIME:
        given.error("Fields that are marked with @updatedAt must be of type DateTime.")
    if field.is_list:
        given.error("Fields that are marked with @updatedAt cannot be lists.")
    given.close()


def _map(schema: SchemaFacts, field: FieldFacts, given: Given, columns: dict[str, FieldFacts]) -> None:
    name = _name(given)
    if name is None:
        return
    field.column = name
    other = field.model.field(name)
    taken = name in columns
    columns[name] = field
    text = f'Field "{field.name}" is already defined on {field.model.word} "{field.model.name}".'
    if taken:
        schema.error(field.model.file, field.declared, text)
    if other and other is not field and other.related is None and other.column == name:
        schema.error(field.model.file, field.declared, text)
