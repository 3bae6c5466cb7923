"""A ``schema.prisma`` as data: models, enums and their relations, with every name resolved.

What a schema means, not how it is laid out: that is the syntax tree's matter. The terms are Prisma's own
(https://www.prisma.io/docs/orm/reference/prisma-schema-reference).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source file: its name, and offsets in characters, the end exclusive."""

    file: str
    start: int
    end: int


class Arity(StrEnum):
    """How many values a field has."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    LIST = "list"


class Scalar(StrEnum):
    """The scalar types of the language."""

    STRING = "String"
    BOOLEAN = "Boolean"
    INT = "Int"
    BIG_INT = "BigInt"
    FLOAT = "Float"
    DECIMAL = "Decimal"
    DATE_TIME = "DateTime"
    JSON = "Json"
    BYTES = "Bytes"


@dataclass(frozen=True, slots=True)
class EnumRef:
    """The type of a field whose values are those of an enum; ``name`` as the schema has it."""

    name: str


@dataclass(frozen=True, slots=True)
class ModelRef:
    """The type of a relation field; ``name`` of a model or view as the schema has it."""

    name: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A column whose type the language has no word for: ``Unsupported("tsvector")``."""

    database_type: str


FieldType = Scalar | EnumRef | ModelRef | Unsupported


@dataclass(frozen=True, slots=True)
class NativeType:
    """``@db.VarChar(255)``: name ``VarChar``, arguments as they are written."""

    name: str
    arguments: tuple[str, ...] = ()


class LiteralKind(StrEnum):
    """What a literal in ``@default(…)`` is."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ENUM = "enum"


@dataclass(frozen=True, slots=True)
class LiteralDefault:
    """One literal; ``text``: a string's value, a number as written, ``true``/``false``, or an enum value's name."""

    kind: LiteralKind
    text: str


@dataclass(frozen=True, slots=True)
class ListDefault:
    """``@default([…])``."""

    items: tuple[LiteralDefault, ...]


@dataclass(frozen=True, slots=True)
class FunctionDefault:
    """``@default(dbgenerated("…"))``, ``uuid(7)``, ``now()``: function and arguments, strings without quotes."""

    function: str
    arguments: tuple[str, ...] = ()


Default = LiteralDefault | ListDefault | FunctionDefault


class ReferentialAction(StrEnum):
    """What becomes of the rows that refer to a row that is deleted, or whose key changes."""

    CASCADE = "Cascade"
    RESTRICT = "Restrict"
    NO_ACTION = "NoAction"
    SET_NULL = "SetNull"
    SET_DEFAULT = "SetDefault"


@dataclass(frozen=True, slots=True)
class Relation:
    """What ``@relation`` says of a relation field, resolved.

    Attributes:
        name: the relation's name where one is written; None: there is only one between the two models.
        fields: scalar fields of this model that hold the key; empty on the side that holds none.
        references: fields of the other model that they refer to.
        on_delete: as written; None: Prisma's default.
        on_update: as written; None: Prisma's default.
        map: name of the foreign key in the database as written; None: Prisma's default.
        opposite: name of the field of the other model at the other end.
    """

    name: str | None
    fields: tuple[str, ...]
    references: tuple[str, ...]
    on_delete: ReferentialAction | None
    on_update: ReferentialAction | None
    map: str | None
    opposite: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model or view.

    Attributes:
        name: in the schema.
        type: of one value.
        arity: how many values.
        column: name of the column in the database; empty for a relation field.
        native_type: ``@db.…``; None: Prisma's default for the type.
        default: ``@default``; None without one.
        updated_at: ``@updatedAt``.
        ignored: ``@ignore``: left out of clients, still a column.
        relation: of a relation field, else None.
        documentation: ``///`` lines above or behind it, without the slashes; empty without.
        span: where it is declared.
    """

    name: str
    type: FieldType
    arity: Arity
    column: str
    native_type: NativeType | None
    default: Default | None
    updated_at: bool
    ignored: bool
    relation: Relation | None
    documentation: str
    span: Span

    @property
    def is_relation(self) -> bool:
        """Whether it stands for rows of another model rather than a column."""
        return isinstance(self.type, ModelRef)

    @property
    def is_list(self) -> bool:
        """Whether it has any number of values."""
        return self.arity is Arity.LIST

    @property
    def is_required(self) -> bool:
        """Whether it has exactly one value."""
        return self.arity is Arity.REQUIRED


class SortOrder(StrEnum):
    """``sort:`` of a column of an index."""

    ASC = "Asc"
    DESC = "Desc"


@dataclass(frozen=True, slots=True)
class OperatorClass:
    """``ops:`` of a column of an index: a name of the language (``JsonbPathOps``), or raw SQL (``raw("…")``)."""

    name: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class IndexField:
    """One field of a key or index, and how it is indexed; what is None is not written."""

    field: str
    sort: SortOrder | None = None
    length: int | None = None
    operator_class: OperatorClass | None = None


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """``@id`` or ``@@id``.

    Attributes:
        fields: of the key, in order.
        name: for the client (``name:``), None without one.
        map: name of the constraint in the database as written; None: Prisma's default.
        on_field: written on the field, not on the model.
    """

    fields: tuple[IndexField, ...]
    name: str | None
    map: str | None
    on_field: bool


@dataclass(frozen=True, slots=True)
class Index:
    """``@unique``, ``@@unique`` or ``@@index``.

    Attributes:
        fields: in order.
        unique: it refuses duplicates.
        name: for the client (``name:``), None without one.
        map: name in the database as written; None: Prisma's default.
        method: ``type:`` as written (``BTree``, ``Hash``, ``Gin``, ``Gist``, ``SpGist``, ``Brin``); None: B-tree.
        where: condition of a partial index as SQL (``where: raw("…")``, preview feature partialIndexes), or None.
        on_field: written on the field, not on the model.
        span: where it is declared.
    """

    fields: tuple[IndexField, ...]
    unique: bool
    name: str | None
    map: str | None
    method: str | None
    where: str | None
    on_field: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Model:
    """A model or view.

    Attributes:
        name: in the schema.
        table: name in the database.
        schema: ``@@schema``; None without one: the connection's.
        fields: in order, relation fields included.
        primary_key: None without one (views, and models with a unique criterion only).
        indexes: unique ones and others, in the order of the source, those of fields first.
        is_view: it is a view.
        ignored: ``@@ignore``.
        documentation: ``///`` lines above it; empty without.
        span: where it is declared.
        columns: the fields that are columns.
        relations: the fields that stand for rows of other models.
    """

    name: str
    table: str
    schema: str | None
    fields: tuple[Field, ...]
    primary_key: PrimaryKey | None
    indexes: tuple[Index, ...]
    is_view: bool
    ignored: bool
    documentation: str
    span: Span
    columns: tuple[Field, ...] = attribute(init=False, repr=False, compare=False)
    relations: tuple[Field, ...] = attribute(init=False, repr=False, compare=False)
    _fields: Mapping[str, Field] = attribute(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the fields by what they are and list them by name, once: every mirror asks for them again and again."""
        object.__setattr__(self, "columns", tuple(each for each in self.fields if not each.is_relation))
        object.__setattr__(self, "relations", tuple(each for each in self.fields if each.is_relation))
        object.__setattr__(self, "_fields", {each.name: each for each in reversed(self.fields)})

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return self._fields.get(name)


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value: its name in the schema, in the database, and its documentation."""

    name: str
    label: str
    documentation: str


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum: its names in the schema and in the database, its ``@@schema`` or None, its values in order."""

    name: str
    type_name: str
    schema: str | None
    values: tuple[EnumValue, ...]
    documentation: str
    span: Span


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """``env("NAME")``: a value that stands in the environment."""

    name: str


@dataclass(frozen=True, slots=True)
class DeclaredExtension:
    """One of ``extensions = […]``: names in the schema and the database; its schema and version where written."""

    name: str
    database_name: str
    schema: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Datasource:
    """The datasource.

    Attributes:
        name: in the schema.
        provider: ``postgresql`` (also written ``postgres``).
        url: of the database; None where Prisma 7's configuration file has it.
        direct_url: past a pooler, for migrations.
        shadow_database_url: of a database in which migrations are tried.
        schemas: namespaces that models may name; empty: only the connection's.
        extensions: that the database must have.
        relation_mode: ``foreignKeys``, or ``prisma``: no foreign keys in the database.
        span: where it is declared.
    """

    name: str
    provider: str
    url: str | EnvironmentVariable | None
    direct_url: str | EnvironmentVariable | None
    shadow_database_url: str | EnvironmentVariable | None
    schemas: tuple[str, ...]
    extensions: tuple[DeclaredExtension, ...]
    relation_mode: str
    span: Span


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator: its name, provider and preview features, and its other settings as they are written."""

    name: str
    provider: str
    preview_features: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ManyToMany:
    """An implicit many-to-many relation: lists at both ends, and no model between them.

    Attributes:
        relation: its name: as written, else the models' names in alphabetical order joined by ``To``.
        first: model whose name (for a self relation, whose field) comes first in the alphabet: column ``A``.
        first_field: its relation field.
        second: the other model: column ``B``.
        second_field: its relation field.
    """

    relation: str
    first: str
    first_field: str
    second: str
    second_field: str

    @property
    def table(self) -> str:
        """The table that Prisma makes for it."""
        return f"_{self.relation}"


@dataclass(frozen=True, slots=True)
class PrismaSchema:
    """A whole schema, of one file or of several.

    Attributes:
        datasource: None where there is none yet.
        generators: in the order of the source.
        models: models and views, in the order of the source (of several files: by the files' names).
        enums: in the order of the source.
        many_to_many: implicit many-to-many relations.
    """

    datasource: Datasource | None
    generators: tuple[Generator, ...]
    models: tuple[Model, ...]
    enums: tuple[Enum, ...]
    many_to_many: tuple[ManyToMany, ...]
    _models: Mapping[str, Model] = attribute(init=False, repr=False, compare=False)
    _enums: Mapping[str, Enum] = attribute(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """List models and enums by name, once: every relation and every column of an enum asks for one."""
        object.__setattr__(self, "_models", {each.name: each for each in reversed(self.models)})
        object.__setattr__(self, "_enums", {each.name: each for each in reversed(self.enums)})

    def model(self, name: str) -> Model | None:
        """The model or view of that name in the schema, or None."""
        return self._models.get(name)

    def enum(self, name: str) -> Enum | None:
        """The enum of that name in the schema, or None."""
        return self._enums.get(name)

    def related(self, model: Model) -> Iterator[tuple[Field, Model, Field]]:
        """Each relation field of a model, the model that it leads to, and the field at the other end."""
        for each in model.relations:
            assert each.relation is not None  # noqa: S101  # a relation field has one
            other = self.model(each.type.name) if isinstance(each.type, ModelRef) else None
            opposite = other.field(each.relation.opposite) if other else None
            if other is not None and opposite is not None:
                yield each, other, opposite
