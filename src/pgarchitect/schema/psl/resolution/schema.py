"""A whole schema from the syntax trees of its files."""

from collections.abc import Sequence

from pgarchitect.schema.psl.attribute_arguments import argument, attribute, positional, string
from pgarchitect.schema.psl.prisma_schema import (
    Enum,
    EnumValue,
    Field,
    Model,
    ModelRef,
    NativeType,
    PrismaSchema,
    Span,
)
from pgarchitect.schema.psl.resolution.conditions import condition
from pgarchitect.schema.psl.resolution.configuration import datasource, generator
from pgarchitect.schema.psl.resolution.declared import Declared, arity, declared, mapped, namespace
from pgarchitect.schema.psl.resolution.defaults import default
from pgarchitect.schema.psl.resolution.indexes import indexes, primary_key
from pgarchitect.schema.psl.resolution.relations import many_to_many, relation
from pgarchitect.schema.psl.syntax import Attribute, Block, FieldDeclaration, SyntaxTree, ValueDeclaration


def resolved(trees: Sequence[SyntaxTree]) -> PrismaSchema:
    """What some files, which are known to be right, mean together."""
    schema = declared(trees)
    sources = [(tree, block) for tree in trees for block in tree.blocks]
    found = next(((tree, block) for tree, block in sources if block.keyword == "datasource"), None)
    models = tuple(_model(file, block, schema) for file, block in schema.models.values())
    return PrismaSchema(
        datasource=datasource(found[0].file, found[1]) if found else None,
        generators=tuple(
            generator(tree.file, block, tree.text) for tree, block in sources if block.keyword == "generator"
        ),
        models=models,
        enums=tuple(_enum(file, block) for file, block in schema.enums.values()),
        many_to_many=many_to_many(models),
    )


def _model(file: str, block: Block, schema: Declared) -> Model:
    columns = {each.name.text: column(each) for each in block.fields}
    return Model(
        name=block.name.text,
        table=mapped(block),
        schema=namespace(block),
        fields=tuple(_field(file, block, each, schema) for each in block.fields),
        primary_key=primary_key(block),
        indexes=tuple(indexes(file, block, lambda value: condition(value, columns))),
        is_view=block.keyword == "view",
        ignored=attribute(block.attributes, "ignore") is not None,
        documentation=block.documentation,
        span=Span(file, block.start, block.end),
    )


def _field(file: str, block: Block, field: FieldDeclaration, schema: Declared) -> Field:
    kind = schema.type_of(field)
    is_relation = isinstance(kind, ModelRef)
    attributes = {each.name.text for each in field.attributes}
    return Field(
        name=field.name.text,
        type=kind,
        arity=arity(field),
        column="" if is_relation else column(field),
        native_type=_native_type(field),
        default=default(field, kind),
        updated_at="updatedAt" in attributes,
        ignored="ignore" in attributes,
        relation=relation(block, field, schema) if is_relation else None,
        documentation=field.documentation,
        span=Span(file, field.start, field.end),
    )


def column(field: FieldDeclaration | ValueDeclaration) -> str:
    """The name that a field or a value of an enum has in the database."""
    name = _mapped(attribute(field.attributes, "map"))
    return field.name.text if name is None else name


def _mapped(given: Attribute | None) -> str | None:
    return string(argument(given.arguments, "name", default=True)) if given else None


def _native_type(field: FieldDeclaration) -> NativeType | None:
    given = next((each for each in field.attributes if "." in each.name.text), None)
    if given is None:
        return None
    return NativeType(given.name.text.split(".", 1)[1], positional(given.arguments))


def _enum(file: str, block: Block) -> Enum:
    values = tuple(EnumValue(each.name.text, column(each), each.documentation) for each in block.values)
    span = Span(file, block.start, block.end)
    return Enum(block.name.text, mapped(block), namespace(block), values, block.documentation, span)
