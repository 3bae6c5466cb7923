"""A database's schema as data, whole enough to bring it back: what migrations lead to, and what is compared.

Both ``schema.prisma`` (by lowering) and a live catalog (by introspection) become this noun. Expressions (defaults,
conditions, checks) are texts; two are compared after one server has spelled both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class TypeKind(StrEnum):
    """Where a type comes from."""

    BUILT_IN = "built-in"
    ENUM = "enum"
    OTHER = "other"
    """Of an extension, a domain, a composite: known by its name only."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The type of a column.

    Attributes:
        kind: where it comes from.
        name: of one element, as ``pg_type.typname`` has it: ``int4``, ``varchar``, ``timestamptz``, ``citext``; of an
            enum, its name.
        schema: of an enum or another type; empty for built-in ones, and where it is not said.
        modifiers: as ``format_type`` prints them: ``("255",)`` for ``varchar(255)``, ``("12", "2")`` for
            ``numeric(12,2)``, ``("3",)`` for ``timestamp(3)``; ``("1536",)`` for ``vector(1536)``.
        array: it is an array of that.
        written: how the schema writes it (of one element) where that differs from how we would; nothing else of it
            depends on that, so that two types may be equal all the same.
        base: of a domain over a type that is none, that type; else None.
    """

    kind: TypeKind
    name: str
    schema: str = ""
    modifiers: tuple[str, ...] = ()
    array: bool = False
    written: str = field(default="", compare=False)
    base: "ColumnType | None" = field(default=None, compare=False)


class DefaultKind(StrEnum):
    """What a column's default is."""

    LITERAL = "literal"
    """A constant; ``sql`` is its SQL without a cast: ``'open'``, ``0``, ``true``, ``ARRAY['a']``."""
    NOW = "now"
    """``CURRENT_TIMESTAMP``."""
    SEQUENCE = "sequence"
    """``nextval`` of a sequence that the column owns (``SERIAL``)."""
    EXPRESSION = "expression"
    """Anything else, as the server spells it, or as the schema writes it."""


@dataclass(frozen=True, slots=True)
class ColumnDefault:
    """The default of a column.

    Attributes:
        kind: what it is.
        sql: what stands behind ``DEFAULT``.
        sequence: name of an owned sequence; empty without.
        printed: as the server prints it, casts and all; empty where no server was asked.
    """

    kind: DefaultKind
    sql: str
    sequence: str = ""
    printed: str = field(default="", compare=False)


class Identity(StrEnum):
    """``GENERATED … AS IDENTITY``."""

    ALWAYS = "ALWAYS"
    BY_DEFAULT = "BY DEFAULT"


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: as the catalog has it.
        type: of its values.
        nullable: without NOT NULL.
        default: None without one.
        identity: None unless it is an identity column.
        generated: expression of a generated column; empty: it is none.
        stored: of a generated column, whether its values are stored (PostgreSQL 18 also has virtual ones).
        collation: as SQL spells it, where it is not the type's own; else empty.
        comment: ``COMMENT ON``; empty without.
    """

    name: str
    type: ColumnType
    nullable: bool
    default: ColumnDefault | None = None
    identity: Identity | None = None
    generated: str = ""
    stored: bool = True
    collation: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A key of an index.

    Attributes:
        name: of the column; empty for an expression.
        expression: as SQL spells it, with its parentheses where they are needed; empty for a column.
        descending: DESC.
        nulls_first: NULLS FIRST; the default is True for descending keys and False for ascending ones.
        operator_class: as SQL spells it, parameters and all, where it is not the type's default, or where it is that of
            an extension and the index no B-tree or hash index; else empty.
        collation: as SQL spells it, where it is not the column's; else empty.
        written: what the schema writes behind it (operator class, order) where we would write less: ``text_ops``,
            ``ASC``; two keys may be equal all the same.
    """

    name: str
    expression: str = ""
    descending: bool = False
    nulls_first: bool = False
    operator_class: str = ""
    collation: str = ""
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is not the primary key's.

    Attributes:
        name: as the catalog has it.
        columns: its keys.
        unique: it refuses duplicates.
        method: of access: ``btree``, ``gin``, …
        included: columns that it only carries.
        where: condition of a partial index; empty without.
        nulls_not_distinct: takes nulls for equal.
        constraint: a UNIQUE constraint stands on it (Prisma makes plain unique indexes).
        parameters: storage parameters such as ``fastupdate=off``.
        valid: the planner may use it; False after a failed CREATE INDEX CONCURRENTLY.
        deferrable: of a UNIQUE constraint: it may be checked at the end of the transaction.
        initially_deferred: it is, unless the transaction says otherwise.
        without_overlaps: of a UNIQUE constraint: the last key is a range, and no two of equal others overlap.
    """

    name: str
    columns: tuple[IndexColumn, ...]
    unique: bool = False
    method: str = "btree"
    included: tuple[str, ...] = ()
    where: str = ""
    nulls_not_distinct: bool = False
    constraint: bool = False
    parameters: tuple[str, ...] = ()
    valid: bool = True
    deferrable: bool = False
    initially_deferred: bool = False
    without_overlaps: bool = False


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """The primary key.

    Attributes:
        name: of the constraint.
        columns: of it.
        included: columns that its index only carries.
        deferrable: it may be checked at the end of the transaction.
        initially_deferred: it is, unless the transaction says otherwise.
        without_overlaps: the last column is a range, and no two of equal others overlap.
    """

    name: str
    columns: tuple[str, ...]
    included: tuple[str, ...] = ()
    deferrable: bool = False
    initially_deferred: bool = False
    without_overlaps: bool = False


class Action(StrEnum):
    """ON DELETE and ON UPDATE, as SQL spells them."""

    NO_ACTION = "NO ACTION"
    RESTRICT = "RESTRICT"
    CASCADE = "CASCADE"
    SET_NULL = "SET NULL"
    SET_DEFAULT = "SET DEFAULT"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of a table.

    Attributes:
        name: of the constraint.
        columns: that refer.
        schema: of the table that they refer to.
        table: that they refer to.
        references: columns of that table.
        on_delete: what becomes of this row.
        on_update: likewise.
        deferrable: it may be checked at the end of the transaction.
        initially_deferred: it is, unless the transaction says otherwise.
        validated: False: NOT VALID.
        match_full: MATCH FULL: of several columns all are null or none is.
        set_columns: the only ones that ON DELETE SET NULL or SET DEFAULT sets; empty: all of them.
        period: the last columns are ranges, and those referred to cover each that refers.
        enforced: False: NOT ENFORCED: nobody checks it.
    """

    name: str
    columns: tuple[str, ...]
    schema: str
    table: str
    references: tuple[str, ...]
    on_delete: Action
    on_update: Action
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True
    match_full: bool = False
    set_columns: tuple[str, ...] = ()
    period: bool = False
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Constraint:
    """A CHECK or EXCLUDE constraint: its name, and its definition as ``pg_get_constraintdef`` prints it."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        schema: namespace.
        name: as the catalog has it.
        columns: in order.
        primary_key: None without one.
        indexes: of a catalog, ordered by name; of a schema, in the order in which Prisma creates them; those of the
            primary key and of EXCLUDE constraints are not among them.
        foreign_keys: likewise.
        constraints: CHECK and EXCLUDE, ordered by name.
        partition_key: of a partitioned table, as ``pg_get_partkeydef`` prints it; empty: it is none.
        partition_of: schema and name of the parent of a partition or of an inheriting table; None: it has none.
        row_security: row-level security is on.
        comment: ``COMMENT ON``; empty without.
        partition_bound: of a partition, as ``pg_get_expr`` prints it: ``FOR VALUES FROM (1) TO (9)``, ``DEFAULT``;
            empty with a parent: it inherits from it.
        unlogged: what is written to it is not in the log: a crash empties it, and standbys have none of it.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: PrimaryKey | None = None
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    partition_key: str = ""
    partition_of: tuple[str, str] | None = None
    row_security: bool = False
    comment: str = ""
    partition_bound: str = ""
    unlogged: bool = False
    _columns: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """List the columns by name, once: whoever compares tables asks for each of them."""
        object.__setattr__(self, "_columns", {each.name: each for each in reversed(self.columns)})

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return self._columns.get(name)


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialised view.

    Attributes:
        schema: namespace.
        name: as the catalog has it.
        columns: in order; nullable, without defaults.
        definition: its SELECT as the server spells it.
        materialized: it keeps its rows.
        indexes: of a materialised one, ordered by name.
        options: ordered, such as ``security_barrier=true``; of a materialised one its storage parameters.
        comment: ``COMMENT ON``; empty: none.
        reads: what it depends on, as the catalog knows: namespace, relation and column, which is empty for the whole
            relation; None: nobody has asked a catalog, so that the words of its definition have to tell.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    definition: str
    materialized: bool = False
    indexes: tuple[Index, ...] = ()
    options: tuple[str, ...] = ()
    comment: str = ""
    reads: frozenset[tuple[str, str, str]] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum type: namespace, name, labels in order; ``comment``: ``COMMENT ON``, no part of what it is."""

    schema: str
    name: str
    labels: tuple[str, ...]
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence that no column owns."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension: its name, the schema of its objects and its version; empty: not said."""

    name: str
    schema: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseSchema:
    """The schema of a database.

    Attributes:
        schemas: namespaces, the first of them the one that unqualified names mean.
        extensions: ordered by name, without ``plpgsql``.
        enums: in the order of their creation or declaration.
        tables: likewise; ``_prisma_migrations`` is never among them.
        views: likewise.
        sequences: that no column owns.
    """

    schemas: tuple[str, ...]
    extensions: tuple[Extension, ...] = ()
    enums: tuple[EnumType, ...] = ()
    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    _tables: Mapping[tuple[str, str], Table] = field(init=False, repr=False, compare=False)
    _enums: Mapping[tuple[str, str], EnumType] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """List tables and enums by name, once: a comparison asks for each of them several times."""
        object.__setattr__(self, "_tables", {(each.schema, each.name): each for each in reversed(self.tables)})
        object.__setattr__(self, "_enums", {(each.schema, each.name): each for each in reversed(self.enums)})

    def table(self, schema: str, name: str) -> Table | None:
        """The table of that name, or None."""
        return self._tables.get((schema, name))

    def enum(self, schema: str, name: str) -> EnumType | None:
        """The enum type of that name, or None."""
        return self._enums.get((schema, name))
