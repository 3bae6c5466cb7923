"""What a name means in a schema: the blocks of all files, and the datasource's facts that attributes depend on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from pgarchitect.schema.psl.arguments import Arguments
from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.prisma_schema import Arity, EnumRef, FieldType, ModelRef, Scalar, Span, Unsupported
from pgarchitect.schema.psl.syntax import Attribute, Block, FieldLine, SyntaxTree, TypeExpression

_SCALARS = {each.value: each for each in Scalar}


@dataclass(frozen=True, slots=True)
class Placed:
    """A block, its file, and the documentation above it."""

    block: Block
    file: str
    documentation: str

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.file, self.block.start, self.block.end)

    @property
    def name(self) -> str:
        """Its name."""
        return self.block.name.text


@dataclass(slots=True)
class Scope:
    """The blocks of a schema by name.

    Attributes:
        diagnostics: where errors are noted.
        models: models and views.
        enums: enums.
        composites: ``type`` blocks, which PostgreSQL does not have.
        datasource: name of the datasource, the prefix of native types.
        schemas: of the datasource.
        previews: preview features of the client's generators.
    """

    diagnostics: Diagnostics
    models: dict[str, Placed] = field(default_factory=dict)
    enums: dict[str, Placed] = field(default_factory=dict)
    composites: dict[str, Placed] = field(default_factory=dict)
    datasource: str = "db"
    schemas: tuple[str, ...] = ()
    previews: frozenset[str] = frozenset()

    def fields(self, model: str) -> Mapping[str, FieldLine]:
        """The lines of a model's fields by name, the first of each name."""
        found: dict[str, FieldLine] = {}
        for each in self.models[model].block.fields:
            found.setdefault(each.name.text, each)
        return found

    def type_of(self, expression: TypeExpression) -> FieldType | None:
        """What a type expression means; None: nothing that is there."""
        if expression.unsupported is not None:
            return Unsupported(expression.unsupported.text)
        name = expression.name
        if name in _SCALARS:
            return _SCALARS[name]
        if name in self.enums:
            return EnumRef(name)
        if name in self.models:
            return ModelRef(name)
        return None

    def arguments(self, attribute: Attribute, file: str, *, block: bool = False) -> Arguments:
        """The arguments of an attribute."""
        return Arguments(attribute, f"{'@@' if block else '@'}{attribute.name.text}", file, self.diagnostics)

    def meant(self, name: str) -> str | None:
        """The type that was perhaps meant by a name that is none."""
        names = [*_SCALARS, *self.models, *self.enums]
        folded = {each.lower(): each for each in names}
        close = get_close_matches(name, names, n=1, cutoff=0.75)
        return folded.get(name.lower()) or (close[0] if close else None)


def arity_of(expression: TypeExpression) -> Arity:
    """How many values a type expression allows."""
    if expression.is_list:
        return Arity.LIST
    return Arity.OPTIONAL if expression.optional else Arity.REQUIRED


def each_block(trees: Sequence[SyntaxTree]) -> Iterator[tuple[Block, str]]:
    """All blocks with their files."""
    for tree in trees:
        for block in tree.blocks:
            yield block, tree.file
