"""Random database schemas, the same for the same seed: every feature of the nouns, and mutations of a schema.

What is generated is valid by itself; expressions are in the spelling of a person, not of a server.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pgarchitect.schema.database_schema import (
    Action,
    Column,
    ColumnDefault,
    ColumnType,
    Constraint,
    DatabaseSchema,
    DefaultKind,
    EnumType,
    ForeignKey,
    Identity,
    Index,
    IndexColumn,
    PrimaryKey,
    Sequence,
    Table,
    TypeKind,
    View,
)

SCHEMAS = ("public", "side")
WORDS = (
    *("account", "Order", "line item", "user", "Price", "tag", "state", "note", "start", "END", "größe", "a", "B2"),
    *('quo"ted', "select", "it's", "created_at", "x_y", "Ω"),
)
LABELS = ("open", "closed", "in progress", "it's", "Done", "a", "b", "c", "née", 'say "x"')
BUILT_IN: tuple[tuple[str, tuple[str, ...]], ...] = (
    *(("text", ()), ("text", ()), ("int4", ()), ("int4", ()), ("int8", ()), ("int2", ()), ("bool", ())),
    *(("varchar", ("20",)), ("varchar", ()), ("bpchar", ("4",)), ("numeric", ("12", "2")), ("numeric", ())),
    *(("float8", ()), ("float4", ()), ("timestamp", ("3",)), ("timestamptz", ("3",)), ("timestamptz", ())),
    *(("date", ()), ("time", ("3",)), ("json", ()), ("jsonb", ()), ("uuid", ()), ("bytea", ()), ("inet", ())),
    *(("bit", ("3",)), ("varbit", ("8",)), ("xml", ()), ("money", ()), ("interval", ()), ("tsvector", ())),
)
ORDERED = frozenset(
    {
        "text",
        "int4",
        "int8",
        "int2",
        "bool",
        "varchar",
        "bpchar",
        "numeric",
        "float8",
        "timestamp",
        "timestamptz",
        "date",
        "time",
        "uuid",
        "bytea",
    }
)
"""Types with a B-tree."""
LITERALS = {
    "text": ("'open'", "''", "'it''s'"),
    "varchar": ("'x'",),
    "int4": ("0", "42", "-1"),
    "int8": ("9000000000",),
    "int2": ("7",),
    "bool": ("true", "false"),
    "numeric": ("1.50", "0"),
    "float8": ("1.5",),
    "uuid": ("'00000000-0000-4000-8000-000000000001'",),
    "jsonb": ("'{\"a\":1}'", "'[]'"),
    "date": ("'2024-02-29'",),
    "timestamp": ("'2024-02-29 12:00:00'",),
}
EXPRESSIONS = {
    "text": ("md5('a')", "upper('x') || 'y'"),
    "int4": ("(1 + 2)", "length('abc')"),
    "uuid": ("gen_random_uuid()",),
    "timestamptz": ("now() + interval '1 day'",),
    "float8": ("random()",),
}
ACTIONS = tuple(Action)


@dataclass(slots=True)
class Generator:
    """Random schemas of one seed."""

    random: random.Random
    version: int = 180_000
    taken: set[str] = field(default_factory=set)

    def name(self, *parts: str) -> str:
        """A name that nothing has, often one that needs quotes."""
        for _ in range(100):
            words = [*parts, self.random.choice(WORDS)]
            found = "_".join(words).encode()[:50].decode(errors="ignore")
            if found not in self.taken:
                self.taken.add(found)
                return found
        found = f"n{len(self.taken)}"
        self.taken.add(found)
        return found

    def some(self, chance: float) -> bool:
        """Yes, that often."""
        return self.random.random() < chance

    def database(self) -> DatabaseSchema:
        """A whole schema: up to five tables."""
        schemas = SCHEMAS if self.some(0.3) else SCHEMAS[:1]
        enums = tuple(
            EnumType(self.random.choice(schemas), self.name(), self.labels()) for _ in range(self.random.randint(0, 3))
        )
        tables = [self.table(schemas, enums) for _ in range(self.random.randint(1, 5))]
        tables = [replace(each, foreign_keys=tuple(self.foreign_keys(each, tables))) for each in tables]
        tables += list(self.partitions(tables))
        sequences = tuple(Sequence(self.random.choice(schemas), self.name()) for _ in range(self.some(0.2)))
        return DatabaseSchema(schemas, (), enums, tuple(tables), tuple(self.views(schemas, tables)), sequences)

    def labels(self) -> tuple[str, ...]:
        """Labels of an enum."""
        return tuple(self.random.sample(LABELS, self.random.randint(1, 5)))

    def table(self, schemas: tuple[str, ...], enums: tuple[EnumType, ...]) -> Table:
        """A table without foreign keys."""
        schema, name = self.random.choice(schemas), self.name()
        columns = self.columns(enums)
        key = self.primary_key(name, columns)
        if key:
            columns = [replace(each, nullable=each.nullable and each.name not in key.columns) for each in columns]
        table = Table(schema, name, tuple(columns), key, comment="what it's for" if self.some(0.1) else "")
        table = replace(table, row_security=self.some(0.1))
        if self.some(0.08) and key:
            return replace(table, partition_key=f'HASH ("{quoted(key.columns[0])}")')
        return self.decorated(table)

    def decorated(self, table: Table) -> Table:
        """The table with indexes, constraints, generated columns and identity."""
        table = replace(table, columns=(*table.columns, *self.generated(table)))
        return replace(table, indexes=tuple(self.indexes(table)), constraints=tuple(self.constraints(table)))

    def columns(self, enums: tuple[EnumType, ...]) -> list[Column]:
        """Columns, the first of them fit for a key."""
        names = list(dict.fromkeys(self.random.choice(WORDS) for _ in range(self.random.randint(2, 8))))
        first = ColumnType(TypeKind.BUILT_IN, self.random.choice(("int4", "int8", "text", "uuid")))
        found = [self.column(names[0], first, key=True)]
        return found + [self.column(each, self.type(enums)) for each in names[1:]]

    def type(self, enums: tuple[EnumType, ...]) -> ColumnType:
        """Any type."""
        array = self.some(0.15)
        if enums and self.some(0.35):
            enum = self.random.choice(enums)
            return ColumnType(TypeKind.ENUM, enum.name, enum.schema, (), array)
        name, modifiers = self.random.choice(BUILT_IN)
        return ColumnType(TypeKind.BUILT_IN, name, "", modifiers, array)

    def column(self, name: str, kind: ColumnType, *, key: bool = False) -> Column:
        """A column with a default or an identity now and then."""
        column = Column(name, kind, nullable=not key and self.some(0.5))
        if kind.name in {"text", "varchar"} and not kind.array and self.some(0.1):
            column = replace(column, collation='pg_catalog."C"')
        if self.some(0.1):
            column = replace(column, comment="a comment's text")
        if kind.name in {"int2", "int4", "int8"} and not kind.array and self.some(0.5 if key else 0.1):
            if self.some(0.3):
                return replace(column, nullable=False, identity=self.random.choice(tuple(Identity)))
            default = ColumnDefault(DefaultKind.SEQUENCE, "nextval('?'::regclass)", f"?{name}")
            return replace(column, nullable=False, default=default)
        return replace(column, default=self.default(kind)) if self.some(0.35) else column

    def default(self, kind: ColumnType) -> ColumnDefault | None:
        """A default for a type, or None."""
        if kind.kind is TypeKind.ENUM:
            return None  # the labels are not known here; see with_enum_defaults
        literals = LITERALS.get(kind.name, ())
        if kind.array:
            items = ", ".join(self.random.sample(literals, min(len(literals), self.random.randint(0, 2))))
            return ColumnDefault(DefaultKind.LITERAL, f"ARRAY[{items}]") if literals else None
        if kind.name in {"timestamp", "timestamptz"} and self.some(0.5):
            return ColumnDefault(DefaultKind.NOW, "CURRENT_TIMESTAMP")
        expressions = EXPRESSIONS.get(kind.name, ())
        if expressions and self.some(0.4):
            return ColumnDefault(DefaultKind.EXPRESSION, self.random.choice(expressions))
        return ColumnDefault(DefaultKind.LITERAL, self.random.choice(literals)) if literals else None

    def primary_key(self, table: str, columns: list[Column]) -> PrimaryKey | None:
        """A key of one column, sometimes of two, sometimes none."""
        if self.some(0.1):
            return None
        fit = [each.name for each in columns if is_ordered(each)]
        names = fit[:2] if self.some(0.2) and fit[0] == columns[0].name else [columns[0].name]
        return PrimaryKey(self.name(table, "pkey"), tuple(names))

    def generated(self, table: Table) -> Iterator[Column]:
        """A generated column now and then."""
        base = next(
            (each for each in table.columns if each.type.name in {"int4", "int8"} and not each.type.array), None
        )
        if base is None or not self.some(0.15):
            return
        stored = self.version < 180_000 or self.some(0.6)
        name = next(each for each in ("doubled", "twice") if table.column(each) is None)
        expression = f'"{quoted(base.name)}" * {self.random.randint(2, 3)}'
        kind = ColumnType(TypeKind.BUILT_IN, "int8")
        yield Column(name, kind, nullable=True, generated=f"({expression})::bigint", stored=stored)

    def indexes(self, table: Table) -> Iterator[Index]:
        """Indexes of every sort."""
        fit = [each for each in table.columns if is_ordered(each) and each.stored]
        for _ in range(self.random.randint(0, 3) if fit else 0):
            columns = self.random.sample(fit, min(len(fit), self.random.randint(1, 2)))
            yield self.index(table, columns)
        for column in table.columns:
            gin = column.type.name in {"jsonb", "tsvector"} or (
                column.type.array and column.type.name in {"int4", "text"}
            )
            if gin and not (column.type.array and column.type.name in {"jsonb", "tsvector"}) and self.some(0.3):
                yield Index(self.name(table.name, "idx"), (IndexColumn(column.name),), method="gin")

    def index(self, table: Table, columns: list[Column]) -> Index:
        """One B-tree, hash or BRIN index, or a UNIQUE constraint."""
        name = self.name(table.name, "idx")
        keys = tuple(self.key(each) for each in columns)
        unique = self.some(0.3)
        index = Index(name, keys, unique)
        choice = self.random.randint(0, 9)
        if choice == 0 and not unique:
            plain = IndexColumn(columns[0].name)
            return Index(name, (plain,), method="hash" if columns[0].type.name != "bool" else "btree")
        if choice == 1:
            return replace(index, where=f'"{quoted(columns[0].name)}" IS NOT NULL')
        if choice == 2:
            others = [each.name for each in table.columns if each not in columns and each.stored and is_ordered(each)]
            return replace(index, included=tuple(others[:1]))
        if choice == 3 and self.version >= 150_000 and unique:
            return replace(index, nulls_not_distinct=True)
        if choice == 4:
            return replace(index, parameters=("fillfactor=70",))
        if choice == 5:
            return Index(name, tuple(IndexColumn(each.name) for each in columns), unique=True, constraint=True)
        text = next((each for each in table.columns if each.type.name == "text" and not each.type.array), None)
        if choice == 6 and text is not None:
            return replace(index, columns=(IndexColumn("", f'lower("{quoted(text.name)}")'),))
        return index

    def key(self, column: Column) -> IndexColumn:
        """A key with an order or operator class now and then."""
        descending = self.some(0.2)
        key = IndexColumn(column.name, descending=descending, nulls_first=descending)
        if column.type.name == "text" and not column.collation and self.some(0.15):
            return replace(key, operator_class="text_pattern_ops")
        return replace(key, nulls_first=not descending) if self.some(0.1) else key

    def constraints(self, table: Table) -> Iterator[Constraint]:
        """CHECK and EXCLUDE constraints."""
        for column in table.columns:
            if column.type.name in {"int4", "int8", "numeric"} and not column.type.array and self.some(0.15):
                limit = self.random.randint(1, 9)
                check = f'CHECK ("{quoted(column.name)}" > -{limit} and "{quoted(column.name)}" IS NOT NULL)'
                yield Constraint(self.name(table.name, "check"), check)
            elif column.type.name == "text" and not column.type.array and self.some(0.08):
                check = f'EXCLUDE USING hash ("{quoted(column.name)}" WITH =)'
                yield Constraint(self.name(table.name, "excl"), check)

    def foreign_keys(self, table: Table, tables: list[Table]) -> Iterator[ForeignKey]:
        """Keys to any table, also to itself and in circles."""
        for target in tables:
            key = target.primary_key
            if key is None or len(key.columns) > 1 or target.partition_key or table.partition_key:
                continue
            referred = target.column(key.columns[0])
            assert referred is not None
            fit = [each.name for each in table.columns if _same(each.type, referred.type) and not each.generated]
            if fit and self.some(0.5):
                deferrable = self.some(0.15)
                yield ForeignKey(
                    self.name(table.name, "fkey"),
                    (self.random.choice(fit),),
                    target.schema,
                    target.name,
                    key.columns,
                    self.random.choice(ACTIONS),
                    self.random.choice(ACTIONS),
                    deferrable,
                    deferrable and self.some(0.5),
                    not self.some(0.05),
                )

    def partitions(self, tables: list[Table]) -> Iterator[Table]:
        """Two partitions of each partitioned table."""
        for parent in tables:
            for remainder in range(2 if parent.partition_key else 0):
                bound = f"FOR VALUES WITH (modulus 2, remainder {remainder})"
                part = replace(parent, name=self.name(parent.name, "part"), partition_key="", comment="")
                yield replace(
                    part,
                    partition_of=(parent.schema, parent.name),
                    partition_bound=bound,
                    row_security=False,
                    columns=tuple(replace(each, comment="") for each in part.columns),
                )

    def views(self, schemas: tuple[str, ...], tables: list[Table]) -> Iterator[View]:
        """Views, and views of views."""
        found: list[View] = []
        for table in tables:
            if self.some(0.15) and not table.partition_of:
                names = ", ".join(f'"{quoted(each.name)}"' for each in table.columns)
                definition = f'SELECT {names} FROM "{table.schema}"."{quoted(table.name)}"'
                view = View(self.random.choice(schemas), self.name("view"), (), definition)
                if self.some(0.3):
                    fit = [each for each in table.columns if is_ordered(each)]
                    indexes = (Index(self.name("view", "idx"), (IndexColumn(fit[0].name),)),) if fit else ()
                    view = replace(view, materialized=True, indexes=indexes)
                elif self.some(0.3):
                    view = replace(view, options=("security_barrier=true",), comment="it's \\ a view")
                found.append(view)
        if found and self.some(0.3):
            read = found[0]
            definition = f'SELECT count(*) AS "how many" FROM "{read.schema}"."{quoted(read.name)}"'
            found.append(View(schemas[0], self.name("view"), (), definition))
        yield from found

    def finished(self, database: DatabaseSchema) -> DatabaseSchema:
        """The schema with defaults of enum columns, and sequences named."""
        labels = {(each.schema, each.name): each.labels for each in database.enums}
        tables = tuple(
            replace(table, columns=tuple(self._finished(each, table, labels) for each in table.columns))
            for table in database.tables
        )
        return replace(database, tables=tables)

    def _finished(self, column: Column, table: Table, labels: dict[tuple[str, str], tuple[str, ...]]) -> Column:
        if column.default and column.default.kind is DefaultKind.SEQUENCE:
            name = f"{table.name}_{column.name}_seq"
            return replace(column, default=ColumnDefault(DefaultKind.SEQUENCE, "nextval('?'::regclass)", name))
        known = labels.get((column.type.schema, column.type.name))
        if column.type.kind is not TypeKind.ENUM or not known or not self.some(0.4):
            return column
        label = "'" + self.random.choice(known).replace("'", "''") + "'"
        return replace(
            column, default=ColumnDefault(DefaultKind.LITERAL, f"ARRAY[{label}]" if column.type.array else label)
        )


def random_database(seed: int, version: int = 180_000) -> DatabaseSchema:
    """A schema, the same for the same seed; ``version`` of the server as libpq gives it."""
    generator = Generator(random.Random(seed), version)  # noqa: S311
    return generator.finished(generator.database())


def is_ordered(column: Column) -> bool:
    """Whether a B-tree takes the column."""
    return column.type.name in ORDERED and not column.type.array and column.type.kind is TypeKind.BUILT_IN


def _same(ours: ColumnType, theirs: ColumnType) -> bool:
    return (ours.name, ours.array, ours.kind) == (theirs.name, theirs.array, theirs.kind)


def quoted(name: str) -> str:
    """What stands between the quotes of an identifier."""
    return name.replace('"', '""')
