"""Types: what each field is of. The second stage."""

from collections.abc import Iterator
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import Block, FieldDeclaration, TypeExpression
from pgarchitect.schema.psl.validation.facts import Enumeration, FieldFacts, ModelFacts, SchemaFacts

_SCALARS: Final = {str(each): each for each in Scalar}
_LEGACY: Final = {
    "[]?": "Optional lists are not supported. Use either `Type[]` or `Type?`.",
    "!": "Fields are required by default, `!` is no longer required.",
    "[…]": "To specify a list, please use `Type[]` instead of `[Type]`.",
}


def malformed_fields(schema: SchemaFacts) -> None:
    """Note fields that Prisma's parser itself refuses: without a type, or as Prisma 1 wrote them."""
    for tree in schema.trees:
        for block in tree.blocks:
            for field in block.fields:
                if (problem := _malformed(block, field)) is not None:
                    schema.diagnostics.error(tree.file, *problem)


def _malformed(block: Block, field: FieldDeclaration) -> tuple[int, int, str] | None:
    if field.colon is not None:
        return field.colon, field.colon + 1, "Field declarations don't require a `:`."
    if field.type is None:
        kind = "composite type" if block.keyword == "type" else block.keyword
        text = "This field declaration is invalid. It is either missing a name or a type."
        return field.start, field.end, f'Error validating {kind} "{block.name.text}": {text}'
    if field.type.suffix in _LEGACY:
        return field.type.start, field.type.end, _LEGACY[field.type.suffix]
    return None


def well_formed(block: Block) -> Iterator[tuple[FieldDeclaration, TypeExpression]]:
    """The fields that Prisma's parser accepts, and their types."""
    for field in block.fields:
        if field.type is not None and field.colon is None and field.type.suffix not in _LEGACY:
            yield field, field.type


def resolve_types(schema: SchemaFacts) -> None:
    """Find what each field is of, and note types that are not there."""
    models = {id(each.block): each for each in schema.models}
    for tree in schema.trees:
        for block in tree.blocks:
            if model := models.get(id(block)):
                _model(schema, model)
            elif block.keyword == "enum" and not block.values:
                schema.error(tree.file, block, "Error validating: An enum must have at least one value.")
            elif block.keyword == "type":
                _composite(schema, tree.file, block)


def _model(schema: SchemaFacts, model: ModelFacts) -> None:
    for declared, kind in well_formed(model.block):
        field = FieldFacts(model, declared, column=declared.name.text, unsupported=kind.unsupported)
        if kind.unsupported is not None or _resolve(schema, field, kind.name.text):
            model.fields.append(field)
        else:
            model.untyped[field.name] = field
            _unknown(schema, model.file, kind)


def _resolve(schema: SchemaFacts, field: FieldFacts, name: str) -> bool:
    if scalar := _SCALARS.get(name):
        field.scalar = scalar
        return True
    found = schema.by_name.get(name)
    if isinstance(found, ModelFacts):
        field.related = found
    elif isinstance(found, Enumeration):
        field.enum = found.block
    elif found is not None:
        field.composite = found
    return found is not None


def _unknown(schema: SchemaFacts, file: str, kind: TypeExpression) -> None:
    name = kind.name.text
    text = f'Type "{name}" is neither a built-in type, nor refers to another model, composite type, or enum.'
    near = next((each for each in [*_SCALARS, *schema.by_name] if each.lower() == name.lower()), None)
    schema.error(file, kind.name, f'{text} Did you mean "{near}"?' if near else text)


def _composite(schema: SchemaFacts, file: str, block: Block) -> None:
    for _, kind in well_formed(block):
        name = kind.name.text
        if kind.unsupported is not None or name in _SCALARS:
            continue
        found = schema.by_name.get(name)
        if found is None:
            _unknown(schema, file, kind)
        elif isinstance(found, ModelFacts):
            schema.error(
                file,
                kind.name,
                f'Error validating composite type "{block.name.text}": {name} refers to a model, making this a '
                "relation field. Relation fields inside composite types are not supported.",
            )
