"""Names: what is reserved, malformed or taken twice. The first stage; it also lists the models and enums."""

from collections.abc import Iterable
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import Attribute, Block, Name
from pgarchitect.schema.psl.validation.facts import Enumeration, ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.types import well_formed

_SCALARS: Final = frozenset(Scalar)
_RESERVED: Final = frozenset(
    [
        "PrismaClient",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "using",
        "var",
        "void",
        "while",
        "with",
        "yield",
        "async",
        "await",
    ]
)
"""Words that generated clients could not have as names."""
_ITEM: Final = {"enum": "Enum", "view": "view", "model": "Model", "type": "Composite type"}
_KIND: Final = {"datasource": "source", "type": "composite type"}


def resolve_names(schema: SchemaFacts) -> None:
    """List what the files declare, and note every name that cannot be."""
    taken: dict[tuple[str, str], Block] = {}
    for tree in schema.trees:
        for block in tree.blocks:
            _check(schema, tree.file, block)
            _list(schema, tree.file, block)
            space = block.keyword if block.keyword in {"datasource", "generator"} else ""
            if existing := taken.get((space, block.name.text)):
                kinds = [_KIND.get(each, each) for each in (block.keyword, existing.keyword)]
                text = (
                    f'The {kinds[0]} "{block.name.text}" cannot be defined because a {kinds[1]} with '
                    "that name already exists."
                )
                schema.error(tree.file, block.name, text)
            taken[space, block.name.text] = block


def _list(schema: SchemaFacts, file: str, block: Block) -> None:
    known: ModelFacts | Enumeration | Block
    if block.keyword in {"model", "view"}:
        known = ModelFacts(file, block, table=block.name.text)
        schema.models.append(known)
    elif block.keyword == "enum":
        known = Enumeration(file, block, type_name=block.name.text)
        schema.enums.append(known)
    elif block.keyword == "type":
        known = block
        schema.composites.append((file, block))
    else:
        return
    schema.by_name[block.name.text] = known


def _check(schema: SchemaFacts, file: str, block: Block) -> None:
    if block.name.text in _SCALARS:
        schema.error(file, block.name, f'"{block.name.text}" is a reserved scalar type name and cannot be used.')
    if item := _ITEM.get(block.keyword):
        _identifier(schema, file, block.name, item)
        _reserved(schema, file, block)
        _attributes(schema, file, block.attributes)
    if block.keyword == "enum":
        _values(schema, file, block)
    elif block.keyword in {"datasource", "generator"}:
        _settings(schema, file, block)
    else:
        _fields(schema, file, block)


def _reserved(schema: SchemaFacts, file: str, block: Block) -> None:
    name = block.name.text
    if name not in _RESERVED or block.keyword == "type":
        return
    is_enum = block.keyword == "enum"
    place = "https://www.prisma.io/docs/reference/tools-and-interfaces/prisma-schema/data-model#naming-enums"
    head = f"Error validating enum `{name}`" if is_enum else f'Error validating model "{name}"'
    schema.error(
        file,
        block,
        f"{head}: The {block.keyword} name `{name}` is invalid. It is a reserved name. Please change it. "
        f"Read more at {place if is_enum else 'https://pris.ly/d/naming-models'}",
    )


def _values(schema: SchemaFacts, file: str, block: Block) -> None:
    seen: set[str] = set()
    for value in block.values:
        _identifier(schema, file, value.name, "Enum Value")
        _attributes(schema, file, value.attributes)
        if value.name.text in seen:
            text = f'Value "{value.name.text}" is already defined on enum "{block.name.text}".'
            schema.error(file, value, text)
        seen.add(value.name.text)


def _fields(schema: SchemaFacts, file: str, block: Block) -> None:
    item = "field" if block.keyword == "view" else "Field"
    seen: set[str] = set()
    for field, _ in well_formed(block):
        if block.keyword != "type":
            _identifier(schema, file, field.name, item)
            _attributes(schema, file, field.attributes)
        if field.name.text in seen:
            kind = _KIND.get(block.keyword, block.keyword)
            text = f'Field "{field.name.text}" is already defined on {kind} "{block.name.text}".'
            schema.error(file, field.name, text)
        seen.add(field.name.text)


def _settings(schema: SchemaFacts, file: str, block: Block) -> None:
    seen: set[str] = set()
    kind = _KIND.get(block.keyword, block.keyword)
    for setting in block.settings:
        if setting.name.text in seen:
            text = f'Key "{setting.name.text}" is already defined in {kind} "{block.name.text}".'
            schema.error(file, setting.name, text)
        seen.add(setting.name.text)


def _attributes(schema: SchemaFacts, file: str, attributes: Iterable[Attribute]) -> None:
    for each in attributes:
        _identifier(schema, file, each.name, "Attribute")


def _identifier(schema: SchemaFacts, file: str, name: Name, item: str) -> None:
    if name.text[0].isnumeric():
        text = f"Error validating: The name of a {item} must not start with a number."
        schema.error(file, name, text)
    elif "-" in name.text:
        schema.error(file, name, f"Error validating: The character `-` is not allowed in {item} names.")
