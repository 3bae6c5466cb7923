"""What ALTER TABLE does to a column that stays: its type, default, NOT NULL, identity and generation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pgarchitect.schema.database_schema import Column, DefaultKind, Table, TypeKind
from pgarchitect.schema.ddl.columns import default_sql
from pgarchitect.schema.ddl.quoting import literal, qualified, quote
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.difference.casts import Cast, Risk, cast_between
from pgarchitect.schema.difference.equality import same_default, same_type

_CLOCKS: Final = {"timestamp", "timestamptz"}
"""Which of the two a value is read as depends on a setting."""


@dataclass(slots=True)
class TableAlteration:
    """What one table needs, gathered column by column.

    Attributes:
        first: statements before ALTER TABLE.
        clauses: of the one ALTER TABLE.
        last: statements behind it.
        loses: phrases for data that is destroyed.
        warnings: sentences.
    """

    first: list[str] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def alter_column(table: Table, old: Column, new: Column, home: str, work: TableAlteration) -> None:
    """Add what leads from one column to the other; both have the same name."""
    if old == new:
        return
    change = _ColumnChange(table, old, new, home)
    change.identity_goes(work)
    change.type(work)
    change.nullability(work)
    change.default(work)
    change.identity_comes(work)


@dataclass(frozen=True, slots=True)
class _ColumnChange:
    table: Table
    old: Column
    new: Column
    home: str

    @property
    def _owner(self) -> str:
        return qualified(self.table.schema, self.table.name, self.home)

    @property
    def _column(self) -> str:
        return f"ALTER COLUMN {quote(self.new.name)}"

    @property
    def _words(self) -> str:
        return f"column {quote(self.new.name)} of {self._owner}"

    @property
    def _cast(self) -> Cast | None:
        """None: the type stays."""
        if same_type(self.old.type, self.new.type):
            return Cast("", Risk.SAFE) if self.old.collation != self.new.collation else None
        return cast_between(self.new.name, self.old.type, self.new.type, self.home)

    def identity_goes(self, work: TableAlteration) -> None:
        if self.old.generated and not self.new.generated:
            work.clauses.append(f"{self._column} DROP EXPRESSION")
        if self.old.identity and not self.new.identity:
            work.first.append(f"ALTER TABLE {self._owner} {self._column} DROP IDENTITY;")
        elif self.old.identity and self.new.identity and self.old.identity is not self.new.identity:
            work.clauses.append(f"{self._column} SET GENERATED {self.new.identity.value}")

    def type(self, work: TableAlteration) -> None:
        cast = self._cast
        if cast is None:
            return
        to = type_sql(self.new.type, self.home)
        collation = f" COLLATE {self.new.collation}" if self.new.collation else ""
        using = f" USING ({cast.using})" if cast.using else ""
        if self._steps_aside:
            work.clauses.append(f"{self._column} DROP DEFAULT")
        work.clauses.append(f"{self._column} SET DATA TYPE {to}{collation}{using}")
        if self.old.default and self.new.default and self.old.default.sequence and self.new.default.sequence:
            sequence = qualified(self.table.schema, self.old.default.sequence, self.home)
            work.last.append(f"ALTER SEQUENCE {sequence} AS {to};")
        was = type_sql(self.old.type, self.home)
        if cast.risk is Risk.LOSSY:
            work.loses.append(f"part of the values of {self._words} ({was} becomes {to})")
            work.warnings.append(f"The {self._words} becomes {to}: what of its values ({was}) does not fit is lost.")
        elif cast.risk is Risk.MAY_FAIL:
            work.warnings.append(f"The {self._words} becomes {to}: values ({was}) that cannot be cast make it fail.")
        if {self.old.type.name, self.new.type.name} == _CLOCKS:
            work.warnings.append(
                f"The {self._words} becomes {to}: its values ({was}) are read as times of the session's time zone; SET"
                " LOCAL TimeZone = 'UTC' before, if they are in UTC and the server's TimeZone is another one."
            )

    @property
    def _steps_aside(self) -> bool:
        """Whether the old default has to go before the type changes.

        PostgreSQL casts it only if it casts by itself, and a cast constant of an enum goes on depending on that.
        """
        if self.old.default is None:
            return False
        if self.old.default.kind is DefaultKind.SEQUENCE:
            return False
        cast = self._cast
        if cast is None:
            return False
        # The default of an enum's column would go on naming the enum, which may be about to go.
        own = self.old.type.kind is not TypeKind.BUILT_IN and not same_type(self.old.type, self.new.type)
        return own or bool(cast.using) or not same_default(self.old, self.new)

    def nullability(self, work: TableAlteration) -> None:
        if self.old.nullable and not self.new.nullable:
            work.clauses.append(f"{self._column} SET NOT NULL")
            work.warnings.append(f"The {self._words} becomes required: rows in which it is NULL make it fail.")
        elif self.new.nullable and not self.old.nullable:
            work.clauses.append(f"{self._column} DROP NOT NULL")

    def default(self, work: TableAlteration) -> None:
        old, new = self.old.default, self.new.default
        if same_default(self.old, self.new) and not self._steps_aside:
            return
        if old is not None and (new is None or old.kind is DefaultKind.SEQUENCE) and not self._steps_aside:
            work.clauses.append(f"{self._column} DROP DEFAULT")
        if old is not None and old.kind is DefaultKind.SEQUENCE:
            work.last.append(f"DROP SEQUENCE {qualified(self.table.schema, old.sequence, self.home)};")
        if new is not None and new.kind is DefaultKind.SEQUENCE:
            work.last += self._sequence(new.sequence)
        elif new is not None:
            work.clauses.append(f"{self._column} SET DEFAULT {default_sql(self.new, new, self.home)}")

    def _sequence(self, name: str) -> Iterator[str]:
        """A sequence of the column's own that goes on where its values end."""
        sequence = qualified(self.table.schema, name, self.home)
        yield f"CREATE SEQUENCE {sequence};"
        yield f"ALTER TABLE {self._owner} {self._column} SET DEFAULT nextval({literal(sequence)});"
        yield f"ALTER SEQUENCE {sequence} OWNED BY {self._owner}.{quote(self.new.name)};"
        yield self._goes_on(literal(sequence))

    def _goes_on(self, sequence: str) -> str:
        column = quote(self.new.name)
        return f"SELECT setval({sequence}, COALESCE((SELECT MAX({column}) FROM {self._owner}), 0) + 1, false);"

    def identity_comes(self, work: TableAlteration) -> None:
        if self.new.identity and not self.old.identity:
            add = f"ADD GENERATED {self.new.identity.value} AS IDENTITY"
            work.last.append(f"ALTER TABLE {self._owner} {self._column} {add};")
            sequence = f"pg_get_serial_sequence({literal(self._owner)}, {literal(self.new.name)})"
            work.last.append(self._goes_on(sequence))
