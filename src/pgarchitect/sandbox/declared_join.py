"""A join that the user declares, since the database declares no foreign key for it.

It is written as SQL writes a foreign key: ``lineitem (l_orderkey) REFERENCES orders (o_orderkey)``.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.sandbox.tables import Reference

_PART: Final = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_END: Final = rf"(?P<{{0}}>{_PART}(?:\.{_PART})?)\s*\((?P<{{0}}_columns>\s*{_PART}\s*(?:,\s*{_PART}\s*)*)\)"
_JOIN: Final = re.compile(rf"\s*{_END.format('child')}\s*REFERENCES\s+{_END.format('parent')}\s*", re.IGNORECASE)
_EXAMPLE: Final = "orders (customer_id) REFERENCES customers (id)"


@dataclass(frozen=True, slots=True)
class _End:
    """One side as it was found on the source."""

    oid: int
    types: tuple[str, ...]
    nullable: bool
    unique: bool
    distinct: float | None
    nulls: float


@dataclass(frozen=True, slots=True)
class DeclaredJoin:
    """As the user wrote it; tables as SQL spells them, columns as they are called."""

    text: str
    child: str
    child_columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read one.

        Raises:
            UsageError: it is not written as a foreign key is.
        """
        found = _JOIN.fullmatch(text)
        if found is None:
            raise UsageError(f"{text} is not a join; write it such as: {_EXAMPLE}")
        child, parent = _names(found["child_columns"]), _names(found["parent_columns"])
        if len(child) != len(parent):
            raise UsageError(f"{text} has {len(child)} columns on one side and {len(parent)} on the other.")
        return cls(" ".join(text.split()), found["child"], child, found["parent"], parent)

    def resolved(self, connection: Connection) -> Reference:
        """What it means on the source.

        Raises:
            UsageError: a table or column is not there, or the columns referred to are not unique.
        """
        child = self._end(connection, self.child, self.child_columns)
        parent = self._end(connection, self.parent, self.parent_columns)
        if not parent.unique:
            raise UsageError(
                f"No unique index of {self.parent} is on ({', '.join(self.parent_columns)}), so --join {self.text} says"
                " nothing of single rows; name columns that identify one."
            )
        return Reference(
            name=self.text,
            child=child.oid,
            parent=parent.oid,
            child_columns=self.child_columns,
            parent_columns=self.parent_columns,
            types=parent.types,
            operators=("OPERATOR(pg_catalog.=)",) * len(parent.types),
            nullable=child.nullable,
            nulls=child.nulls,
            distinct=child.distinct if child.distinct is not None else 0.0,
        )

    def _end(self, connection: Connection, table: str, columns: tuple[str, ...]) -> _End:
        text = named("pgarchitect.sandbox", "source.sql", "join_end")
        row = connection.execute(text.encode(), {"table": table, "columns": list(columns)}).fetchone()
        if row is None:
            raise UsageError(f"The database has no table {table}, which --join {self.text} names.")
        oid, _kind, present, types, nullable, unique, distinct, nulls = row
        if missing := [name for name in columns if name not in present]:
            raise UsageError(f"{table} has no column {missing[0]}, which --join {self.text} names.")
        return _End(oid, tuple(types), nullable, unique, distinct, nulls or 0.0)


def _names(columns: str) -> tuple[str, ...]:
    return tuple(_plain(found) for found in re.findall(_PART, columns))


def _plain(identifier: str) -> str:
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier.lower()
