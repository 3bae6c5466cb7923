"""Every model and enum of a schema by its name, with the file that declares it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.schema.psl.attribute_arguments import argument, attribute, string
from pgarchitect.schema.psl.prisma_schema import Arity, EnumRef, FieldType, ModelRef, Scalar, Unsupported
from pgarchitect.schema.psl.syntax import Block, FieldDeclaration, SyntaxTree

SCALARS = frozenset(Scalar)


@dataclass(frozen=True, slots=True)
class Declared:
    """The blocks of all files by their names, in order, with the names of their files."""

    models: dict[str, tuple[str, Block]]
    enums: dict[str, tuple[str, Block]]

    def type_of(self, field: FieldDeclaration) -> FieldType:
        """The type of a field that is known to have one."""
        declared = field.type
        if declared is None:
            raise KeyError(field.name.text)
        if declared.unsupported is not None:
            return Unsupported(declared.unsupported.value)
        name = declared.name.text
        if name in self.models:
            return ModelRef(name)
        return EnumRef(name) if name in self.enums else Scalar(name)


def declared(trees: Sequence[SyntaxTree]) -> Declared:
    """What some files declare."""
    blocks = [(tree.file, block) for tree in trees for block in tree.blocks]
    models = {block.name.text: (file, block) for file, block in blocks if block.keyword in {"model", "view"}}
    enums = {block.name.text: (file, block) for file, block in blocks if block.keyword == "enum"}
    return Declared(models, enums)


def arity(field: FieldDeclaration) -> Arity:
    """How many values a field has."""
    suffix = field.type.suffix if field.type else ""
    return {"": Arity.REQUIRED, "?": Arity.OPTIONAL}.get(suffix, Arity.LIST)


def mapped(block: Block) -> str:
    """The name that a model or enum has in the database."""
    given = attribute(block.attributes, "map")
    return string(argument(given.arguments, "name", default=True)) or block.name.text if given else block.name.text


def namespace(block: Block) -> str | None:
    """``@@schema``."""
    given = attribute(block.attributes, "schema")
    return string(argument(given.arguments, "map", default=True)) if given else None
