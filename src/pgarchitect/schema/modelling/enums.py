"""Enum types → enums."""

from pgarchitect.schema.database_schema import EnumType
from pgarchitect.schema.difference.enums import with_additions
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.names import Names
from pgarchitect.schema.modelling.place import NOWHERE
from pgarchitect.schema.modelling.remarks import ENUM_COMMENTED
from pgarchitect.schema.psl.prisma_schema import Enum, EnumValue


def enum_of(enum: EnumType, names: Names, known: Known, *, schemas: bool) -> Enum:
    """The enum of a type, its values in the order of an earlier schema; ``schemas``: ``@@schema`` is said."""
    place = (enum.schema, enum.name)
    earlier = known.enum(enum)
    documented = {each.label: each.documentation for each in earlier.values} if earlier else {}
    labels = with_additions([each for each in documented if each in enum.labels], enum.labels)
    values = tuple(EnumValue(names.values[place][each], each, documented.get(each, "")) for each in labels)
    documentation = ENUM_COMMENTED if enum.comment else ""
    return Enum(
        names.enums[place],
        enum.name,
        enum.schema if schemas else None,
        values,
        earlier.documentation if earlier else documentation,
        earlier.span if earlier else NOWHERE,
    )
