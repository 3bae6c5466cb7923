"""An index to drop, in the words of a schema: the attribute that declares it, which goes, or that none does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pgarchitect.errors import SchemaInvalid, UsageError
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.lowering.indexes import lowered_index
from pgarchitect.schema.psl.edited_model import with_model
from pgarchitect.schema.psl.prisma_schema import Index, Model
from pgarchitect.schema.psl.reading import parse_schema
from pgarchitect.schema.psl.writing import index_line
from pgarchitect.schema.safety.reading.forms import read_drop
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.statement import Statement, statements_in


@dataclass(frozen=True, slots=True)
class DroppedIndex:
    """An index that is to be dropped.

    Attributes:
        model: whose block declares it; None: none does.
        attribute: that declares it; None likewise.
        needed: the schema is not valid without it: a relation of one to one or the only key of a model.
    """

    model: Model | None = None
    attribute: Index | None = None
    needed: bool = False

    @property
    def line(self) -> str:
        """``@@index([name], map: "by_name")``, on a field ``email @unique``; empty: the schema does not declare it."""
        if self.attribute is None:
            return ""
        field = self.attribute.fields[0].field
        return f"{field} @unique" if self.attribute.on_field else index_line(self.attribute)


def is_drop(ddl: str) -> bool:
    """Whether it is a DROP INDEX of one index."""
    try:
        return bool(drop_statement(ddl))
    except UsageError:
        return False


def drop_statement(ddl: str) -> Statement:
    """The statement of an index to drop as it is recommended.

    Raises:
        UsageError: it is something else.
    """
    found = statements_in(ddl)
    if len(found) != 1 or _name(found[0]) is None:
        raise UsageError("schema index takes one CREATE INDEX or DROP INDEX statement; copy it from the report.")
    return found[0]


def dropped_indexes(sources: Mapping[str, str], unwanted: Iterable[str]) -> tuple[DroppedIndex, ...]:
    """What a schema has of indexes that are to be dropped; they are known by their names.

    Args:
        sources: the schema's files, name → text.
        unwanted: each a DROP INDEX.

    Raises:
        SchemaInvalid: the schema has errors.
        UsageError: something that is unwanted is no index.
    """
    schema = parse_schema(sources)
    here = lower(schema).schemas[0]
    declared = {
        Name(model.schema or here, lowered_index(model, each).name): DroppedIndex(model, each)
        for model in schema.models
        for each in model.indexes
    }
    found = (_found(declared, _name(drop_statement(each))) for each in unwanted)
    return tuple(_checked(sources, each) if each else DroppedIndex() for each in found)


def without_index(sources: Mapping[str, str], found: DroppedIndex) -> dict[str, str]:
    """The schema's files without the attribute; nothing else changes but the layout of that block."""
    if found.model is None:
        return dict(sources)
    kept = tuple(each for each in found.model.indexes if each is not found.attribute)
    return with_model(sources, found.model, replace(found.model, indexes=kept))


def _found(declared: Mapping[Name, DroppedIndex], name: Name | None) -> DroppedIndex | None:
    """The index of a name; without a schema in it, one of that name in whatever schema."""
    named = [each for known, each in declared.items() if name in (known, Name("", known.name))]
    return named[0] if len(named) == 1 else None


def _checked(sources: Mapping[str, str], found: DroppedIndex) -> DroppedIndex:
    try:
        parse_schema(without_index(sources, found))
    except SchemaInvalid:
        return replace(found, needed=True)
    return found


def _name(statement: Statement) -> Name | None:
    found = read_drop(statement)
    return found.names[0] if found and found.kind == "INDEX" and len(found.names) == 1 else None
