"""Attributes of fields of composite types, as far as they are read before the types are refused."""

from pgarchitect.schema.psl.syntax import Block
from pgarchitect.schema.psl.validation.attribute_reader import AttributeReader
from pgarchitect.schema.psl.validation.facts import SchemaFacts
from pgarchitect.schema.psl.validation.types import well_formed


def composite_attributes(schema: SchemaFacts, file: str, block: Block) -> None:
    """Read them; PostgreSQL has no composite types in Prisma, so that nobody needs what they say."""
    for field, _ in well_formed(block):
        reader = AttributeReader(schema, file, field.attributes)
        reader.native()
        for name in ("map", "default"):
            if given := reader.single(name):
                given.required({"map": "name", "default": "value"}[name])
        reader.close()
