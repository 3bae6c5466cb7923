"""What is known of a schema while it is checked: each stage adds to it, the later ones rely on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.prisma_schema import Scalar
from pgarchitect.schema.psl.syntax import Attribute, Block, Expression, FieldDeclaration, StringLiteral, SyntaxTree


class Place(Protocol):
    """Whatever has a start and an end."""

    @property
    def start(self) -> int:
        """Offset in characters."""
        ...

    @property
    def end(self) -> int:
        """Offset in characters, exclusive."""
        ...


@dataclass(slots=True, eq=False)
class FieldFacts:
    """A field whose type is known: one of scalar, enum, composite, model and unsupported is set."""

    model: "ModelFacts"
    declared: FieldDeclaration
    scalar: Scalar | None = None
    enum: Block | None = None
    composite: Block | None = None
    unsupported: StringLiteral | None = None
    related: "ModelFacts | None" = None
    column: str = ""
    ignored: bool = False
    native: Attribute | None = None
    default: Expression | None = None
    default_attribute: Attribute | None = None
    default_map: str | None = None
    relation: "RelationFacts | None" = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.declared.name.text

    @property
    def suffix(self) -> str:
        """``[]``, ``?`` or nothing."""
        return self.declared.type.suffix if self.declared.type else ""

    @property
    def is_list(self) -> bool:
        """``[]``."""
        return self.suffix == "[]"

    @property
    def is_optional(self) -> bool:
        """``?``."""
        return self.suffix == "?"

    @property
    def is_required(self) -> bool:
        """Exactly one value."""
        return not self.suffix

    @property
    def native_type(self) -> str:
        """Name of the native type behind ``@db.``, empty without."""
        return self.native.name.text.split(".", 1)[1] if self.native else ""


@dataclass(slots=True)
class RelationFacts:
    """What a relation field's ``@relation`` says; None where it does not say it."""

    attribute: Attribute | None = None
    fields: list[FieldFacts] | None = None
    references: list[FieldFacts] | None = None
    name: str | None = None
    on_delete: tuple[str, Expression] | None = None
    on_update: tuple[str, Expression] | None = None
    map: str | None = None


@dataclass(frozen=True, slots=True)
class KeyField:
    """A field of a key or index; ``raw``: its operator class is raw SQL."""

    field: FieldFacts
    sort: str | None = None
    length: str | None = None
    operator_class: str | None = None
    raw: bool = False


@dataclass(slots=True)
class KeyFacts:
    """A primary key, unique key or index: ``id``, ``unique``, ``index`` or ``fulltext``, on a field or on the model."""

    kind: str
    attribute: Attribute
    on_field: bool
    fields: list[KeyField] = field(default_factory=list)
    name: str | None = None
    map: str | None = None
    method: str | None = None
    clustered: bool | None = None
    is_partial: bool = False

    @property
    def shown(self) -> str:
        """``@unique`` or ``@@unique``."""
        return f"{'@' if self.on_field else '@@'}{self.kind}"

    @property
    def names(self) -> list[str]:
        """Its fields' names."""
        return [each.field.name for each in self.fields]


@dataclass(slots=True, eq=False)
class ModelFacts:
    """A model or view; ``untyped`` has the fields whose type is unknown, which are no columns."""

    file: str
    block: Block
    fields: list[FieldFacts] = field(default_factory=list)
    untyped: dict[str, FieldFacts] = field(default_factory=dict)
    primary_key: KeyFacts | None = None
    indexes: list[KeyFacts] = field(default_factory=list)
    table: str = ""
    map_attribute: Attribute | None = None
    schema: StringLiteral | None = None
    ignored: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.block.name.text

    @property
    def is_view(self) -> bool:
        """It is a view."""
        return self.block.keyword == "view"

    @property
    def word(self) -> str:
        """``model`` or ``view``."""
        return self.block.keyword

    @property
    def scalar_fields(self) -> Iterator[FieldFacts]:
        """Its fields that are columns."""
        return (each for each in self.fields if each.related is None)

    @property
    def relation_fields(self) -> Iterator[FieldFacts]:
        """Its fields that lead to other models."""
        return (each for each in self.fields if each.related is not None)

    def field(self, name: str) -> FieldFacts | None:
        """Its field of that name; the last, where there are several."""
        return next((each for each in reversed(self.fields) if each.name == name), None)

    def unique_criteria(self) -> Iterator[KeyFacts]:
        """Its primary key and unique keys."""
        if self.primary_key:
            yield self.primary_key
        yield from (each for each in self.indexes if each.kind == "unique")


@dataclass(slots=True, eq=False)
class Enumeration:
    """An enum."""

    file: str
    block: Block
    type_name: str = ""
    schema: StringLiteral | None = None


@dataclass(slots=True)
class SchemaFacts:
    """The whole schema.

    Attributes:
        trees: of its files.
        diagnostics: what is wrong with it so far.
        models: models and views, in order; also those whose names are taken twice.
        enums: in order.
        composites: ``type`` blocks with their files.
        by_name: the block of a name, the last one where it is taken twice.
        datasource: its name; None without one.
        is_former: it says the database's URL, as up to Prisma 6; 7 refuses that.
        schemas: namespaces; None where the datasource has none.
        preview_features: of all generators.
        relation_mode: of the datasource.
        extensions: of the datasource: the setting's span and, of each, its name and span.
    """

    trees: Sequence[SyntaxTree]
    diagnostics: Diagnostics
    models: list[ModelFacts] = field(default_factory=list)
    enums: list[Enumeration] = field(default_factory=list)
    composites: list[tuple[str, Block]] = field(default_factory=list)
    by_name: dict[str, "ModelFacts | Enumeration | Block"] = field(default_factory=dict)
    datasource: str | None = None
    is_former: bool = False
    schemas: list[str] | None = None
    preview_features: set[str] = field(default_factory=set)
    relation_mode: str = "foreignKeys"
    extensions: tuple[str, int, int, list[tuple[str, int, int]]] | None = None

    def error(self, file: str, place: Place, text: str) -> None:
        """Note an error at a node of a file's tree."""
        self.diagnostics.error(file, place.start, place.end, text)
