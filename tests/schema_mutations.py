"""Small changes to a random schema, as people make them between two migrations."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from pgarchitect.schema.database_schema import (
    Action,
    Column,
    ColumnDefault,
    DatabaseSchema,
    DefaultKind,
    EnumType,
    Identity,
    Index,
    PrimaryKey,
    Table,
    TypeKind,
)
from pgarchitect.schema.difference.identifiers import mentions
from pgarchitect.schema.difference.rename import Rename, RenameKind
from pgarchitect.schema.difference.renaming import (
    with_column_renamed,
    with_enum_renamed,
    with_label_renamed,
    with_table_renamed,
)
from tests.random_databases import Generator, is_ordered


@dataclass(slots=True)
class Mutator:
    """A schema that changes, and the renames among its changes."""

    random: Random
    database: DatabaseSchema
    renames: list[Rename]
    version: int
    original: DatabaseSchema

    def change(self) -> None:
        """One change of any kind; nothing where it does not fit."""
        kinds: tuple[Callable[[Table], None], ...] = (
            self.add_column,
            self.drop_column,
            self.retype_column,
            self.change_nullability,
            self.change_default,
            self.change_index,
            self.rename_index,
            self.change_key,
            self.change_foreign_key,
            self.change_constraint,
            self.change_comment,
            self.change_generated,
            self.drop_table,
            self.rename_column,
            self.rename_table,
            self.swap_columns,
            self.change_enum,
            self.rename_enum,
            self.change_security,
        )
        tables = [each for each in self.database.tables if not each.partition_of and not each.partition_key]
        if tables:
            self.random.choice(kinds)(self.random.choice(tables))

    def put(self, new: Table) -> None:
        """Replace a table by its name."""
        name = (new.schema, new.name)
        tables = tuple(new if (each.schema, each.name) == name else each for each in self.database.tables)
        self.database = replace(self.database, tables=tables)

    def generator(self) -> Generator:
        """Makes parts whose names are free."""
        taken = {each.name for each in self.database.tables} | {each.name for each in self.database.enums}
        taken |= {index.name for each in self.database.tables for index in each.indexes}
        taken |= {each.name for each in self.database.views} | {each.name for each in self.database.sequences}
        return Generator(Random(self.random.random()), self.version, taken)  # noqa: S311

    def add_column(self, table: Table) -> None:
        generator = self.generator()
        name = f"added {len(table.columns)}"
        if table.column(name) is None:
            column = generator.column(name, generator.type(self.database.enums))
            self.put(replace(table, columns=(*table.columns, column)))

    def drop_column(self, table: Table) -> None:
        column = self.random.choice(table.columns)
        if len(table.columns) > 2 and not (table.primary_key and column.name in table.primary_key.columns):
            self.put(self.without(table, column.name))

    def without(self, table: Table, column: str) -> Table:
        """The table without a column and all that stands on it; views of it go, too."""
        self.drop_views(table)
        names = {column, *(each.name for each in table.columns if mentions(each.generated, {column}))}
        return replace(
            table,
            columns=tuple(each for each in table.columns if each.name not in names),
            indexes=tuple(each for each in table.indexes if not _uses(each, names)),
            constraints=tuple(each for each in table.constraints if not mentions(each.definition, names)),
            foreign_keys=tuple(each for each in table.foreign_keys if not names & set(each.columns)),
        )

    def drop_views(self, table: Table) -> None:
        del table
        self.database = replace(self.database, views=())

    def retype_column(self, table: Table) -> None:
        """Another type, of those that nothing stands on."""
        plain = [each for each in table.columns if self.is_loose(table, each)]
        if plain:
            column = self.random.choice(plain)
            kind = self.generator().type(self.database.enums)
            if self.random.random() < 0.3:
                kind = replace(column.type, array=not column.type.array)
            self.put(_with_column(table, replace(column, type=kind, default=None, collation="")))

    def is_loose(self, table: Table, column: Column) -> bool:
        """Whether nothing but the table needs the column's type."""
        keys = set(table.primary_key.columns) if table.primary_key else set()
        uses = any(_uses(each, {column.name}) for each in table.indexes)
        checks = any(mentions(each.definition, {column.name}) for each in table.constraints)
        computed = any(mentions(each.generated, {column.name}) for each in table.columns) or column.generated
        refers = any(column.name in each.columns for each in table.foreign_keys)
        return not (column.name in keys or uses or checks or computed or refers or column.identity)

    def change_nullability(self, table: Table) -> None:
        column = self.random.choice(table.columns)
        serial = column.default is not None and column.default.kind is DefaultKind.SEQUENCE
        key = table.primary_key is not None and column.name in table.primary_key.columns
        if not (serial or key or column.generated or column.identity):
            self.put(_with_column(table, replace(column, nullable=not column.nullable)))

    def change_default(self, table: Table) -> None:
        """Another constant; a sequence or an identity comes or goes."""
        column = self.random.choice(table.columns)
        if column.generated:
            return
        if column.type.name in {"int4", "int8"} and not column.type.array:
            serial = ColumnDefault(
                DefaultKind.SEQUENCE, "nextval('?'::regclass)", f"seq_{len(table.name)}_{column.name}"
            )
            choices = (
                replace(column, nullable=False, identity=None, default=serial),
                replace(column, nullable=False, identity=self.random.choice(tuple(Identity)), default=None),
                replace(column, identity=None, default=ColumnDefault(DefaultKind.LITERAL, "5")),
                replace(column, identity=None, default=None),
            )
            self.put(_with_column(table, self.random.choice(choices)))
        elif column.type.kind is TypeKind.BUILT_IN:
            self.put(_with_column(table, replace(column, default=self.generator().default(column.type))))

    def change_index(self, table: Table) -> None:
        fit = [each for each in table.columns if is_ordered(each) and each.stored]
        if table.indexes and self.random.random() < 0.4:
            self.put(replace(table, indexes=table.indexes[1:]))
        elif fit:
            index = self.generator().index(table, [self.random.choice(fit)])
            self.put(replace(table, indexes=(*table.indexes, index)))

    def rename_index(self, table: Table) -> None:
        if table.indexes:
            new = replace(table.indexes[0], name=self.generator().name("renamed", "idx"))
            self.put(replace(table, indexes=(new, *table.indexes[1:])))

    def change_key(self, table: Table) -> None:
        """Another primary key, or another name for it; foreign keys to it go."""
        if table.primary_key and self.random.random() < 0.4:
            self.put(replace(table, primary_key=replace(table.primary_key, name=self.generator().name("key"))))
            return
        fit = [each for each in table.columns if is_ordered(each) and each.stored]
        if fit:
            self.drop_references(table)
            table = self.database.table(table.schema, table.name) or table
            column = replace(self.random.choice(fit), nullable=False)
            key = PrimaryKey(
                table.primary_key.name if table.primary_key else self.generator().name("key"), (column.name,)
            )
            self.put(replace(_with_column(table, column), primary_key=key))

    def drop_references(self, table: Table) -> None:
        """Drop the foreign keys that lead to a table."""
        to = (table.schema, table.name)
        tables = tuple(
            replace(each, foreign_keys=tuple(key for key in each.foreign_keys if (key.schema, key.table) != to))
            for each in self.database.tables
        )
        self.database = replace(self.database, tables=tables)

    def change_foreign_key(self, table: Table) -> None:
        keys = table.foreign_keys
        if not keys:
            return
        first = keys[0]
        choices = (
            (),
            (replace(first, on_delete=self.random.choice(tuple(Action))),),
            (replace(first, name=self.generator().name("renamed", "fkey")),),
            (replace(first, deferrable=True, initially_deferred=True),),
            (replace(first, validated=True),),
        )
        self.put(replace(table, foreign_keys=(*self.random.choice(choices), *keys[1:])))

    def change_constraint(self, table: Table) -> None:
        fresh = tuple(self.generator().constraints(table))
        self.put(replace(table, constraints=self.random.choice((fresh, table.constraints[1:]))))

    def change_comment(self, table: Table) -> None:
        column = replace(table.columns[0], comment=self.random.choice(("", "new words", "it's")))
        self.put(replace(_with_column(table, column), comment=self.random.choice(("", "table's words"))))

    def change_generated(self, table: Table) -> None:
        """Another expression, or an ordinary column now."""
        for column in table.columns:
            if column.generated:
                choices = (
                    replace(column, generated=column.generated.replace("*", "+")),
                    replace(column, generated="", stored=True, nullable=True),
                )
                self.put(_with_column(table, self.random.choice(choices)))

    def change_security(self, table: Table) -> None:
        self.put(replace(table, row_security=not table.row_security))

    def drop_table(self, table: Table) -> None:
        if len(self.database.tables) > 1:
            self.drop_references(table)
            self.drop_views(table)
            name = (table.schema, table.name)
            tables = tuple(each for each in self.database.tables if (each.schema, each.name) != name)
            self.database = replace(self.database, tables=tables)

    def rename_column(self, table: Table) -> None:
        where = (table.schema, table.name)
        if not self.may_rename(where):
            return
        column = self.random.choice(self.first_columns(table) or [""])
        new = f"renamed {column}"[:40]
        if column and table.column(new) is None:
            self.drop_views(table)
            self.database = with_column_renamed(self.database, where, column, new)
            self.renames.append(Rename((*where, column), (*where, new), RenameKind.COLUMN))

    def swap_columns(self, table: Table) -> None:
        """Two columns of different types get each other's name."""
        where = (table.schema, table.name)
        names = self.first_columns(table)
        if len(names) < 2 or not self.may_rename(where):
            return
        self.drop_views(table)
        one, other = self.random.sample(names, 2)
        for old, new in ((one, "passing"), (other, one), ("passing", other)):
            self.database = with_column_renamed(self.database, where, old, new)
        self.renames += [
            Rename((*where, one), (*where, other), RenameKind.COLUMN),
            Rename((*where, other), (*where, one), RenameKind.COLUMN),
        ]

    def rename_table(self, table: Table) -> None:
        where = (table.schema, table.name)
        if not self.may_rename(where):
            return
        self.drop_views(table)
        new = (self.random.choice(self.database.schemas), self.generator().name("renamed"))
        self.database = with_table_renamed(self.database, where, new)
        self.renames.append(Rename(where, new, RenameKind.TABLE))

    def may_rename(self, name: tuple[str, str]) -> bool:
        """Whether it was there at first, and nothing of it was renamed yet."""
        there = self.original.table(*name) is not None or self.original.enum(*name) is not None
        return there and all(each.old[:2] != name and each.new[:2] != name for each in self.renames)

    def first_columns(self, table: Table) -> list[str]:
        """Columns that the table had from the first."""
        original = self.original.table(table.schema, table.name)
        names = {each.name for each in original.columns} if original else set()
        return [each.name for each in table.columns if each.name in names]

    def change_enum(self, table: Table) -> None:
        """Values come, go, change places or names."""
        del table
        if not self.database.enums:
            return
        enum = self.random.choice(self.database.enums)
        if not self.may_rename((enum.schema, enum.name)):
            return
        used = {each for each in enum.labels if self.is_default(enum, each)}
        choice = self.random.randint(0, 3)
        labels = list(enum.labels)
        if choice == 0:
            labels.insert(self.random.randint(0, len(labels)), f"new {len(labels)}")
        elif choice == 1:
            labels = [each for each in labels[1:] if each not in used] + sorted(used) or ["only"]
        elif choice == 2:
            self.random.shuffle(labels)
        else:
            name, new = (enum.schema, enum.name), f"once {labels[0]}"
            original = self.original.enum(*name)
            if original is None or labels[0] not in original.labels:
                return
            self.database = with_label_renamed(self.database, name, labels[0], new)
            self.renames.append(Rename((*name, labels[0]), (*name, new), RenameKind.ENUM_VALUE))
            return
        new_enum = replace(enum, labels=tuple(labels))
        enums = tuple(new_enum if each is enum else each for each in self.database.enums)
        self.database = replace(self.database, enums=enums)

    def is_default(self, enum: EnumType, label: str) -> bool:
        columns = (column for table in self.database.tables for column in table.columns)
        text = "'" + label.replace("'", "''") + "'"
        return any(each.type.name == enum.name and each.default and text in each.default.sql for each in columns)

    def rename_enum(self, table: Table) -> None:
        del table
        if self.database.enums:
            enum = self.random.choice(self.database.enums)
            old, new = (enum.schema, enum.name), (enum.schema, self.generator().name("renamed"))
            if self.may_rename(old):
                self.database = with_enum_renamed(self.database, old, new)
                self.renames.append(Rename(old, new, RenameKind.ENUM))


def mutated(database: DatabaseSchema, seed: int, version: int = 180_000) -> tuple[DatabaseSchema, tuple[Rename, ...]]:
    """The schema after one to five changes, and what was renamed."""
    random = Random(seed)  # noqa: S311
    work = Mutator(random, database, [], version, database)
    for _ in range(random.randint(1, 5)):
        work.change()
    kept = [each for each in work.renames if _arrives(each, work.database)]
    return work.database, tuple(kept)


def _arrives(rename: Rename, database: DatabaseSchema) -> bool:
    """Whether what was renamed is still there."""
    schema, name = rename.new[:2]
    table, enum = database.table(schema, name), database.enum(schema, name)
    if rename.kind is RenameKind.COLUMN:
        return table is not None and table.column(rename.new[2]) is not None
    if rename.kind is RenameKind.ENUM_VALUE:
        return enum is not None and rename.new[2] in enum.labels
    return (table if rename.kind is RenameKind.TABLE else enum) is not None


def _uses(index: Index, columns: set[str]) -> bool:
    named = {*(each.name for each in index.columns), *index.included}
    return bool(named & columns) or any(
        mentions(each, columns) for each in (index.where, *(key.expression for key in index.columns))
    )


def _with_column(table: Table, column: Column) -> Table:
    return replace(table, columns=tuple(column if each.name == column.name else each for each in table.columns))
