"""What the names in a statement stand for: aliases resolved to tables, columns of subqueries to what they compute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from pgarchitect.memory.shape.features import Features

UNKNOWN: Final = "?"
"""Stands for every constant, and for the table of a column that cannot be told."""

WINDOW: Final = " over "
"""Stands in the canonical expression of a window function and of nothing else."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What a query gives out.

    Attributes:
        outputs: canonical expression of each named column.
        first: canonical expression of the first column.
        star_of: tables whose columns it gives out whole.
    """

    outputs: Mapping[str, str]
    first: str
    star_of: tuple[str, ...]

    def column(self, name: str) -> str:
        """What the column ``name`` computes."""
        known = self.outputs.get(name)
        if known is not None:
            return known
        table = self.star_of[0] if len(self.star_of) == 1 else UNKNOWN
        return f"{table}.{name}"


Source = str | Projection
"""A table by name, or a query in the place of one."""


@dataclass(slots=True)
class Scope:
    """The names that one query sees.

    Attributes:
        features: those of the whole statement.
        read_query: reads a nested query and gives what it gives out.
        outer: scope around it; None for the outermost.
        sources: by alias.
        common: common table expressions by name.
        optional: tables that a left join may leave empty.
        aliases: canonical expression of each output, for ORDER BY and GROUP BY.
    """

    features: Features
    read_query: Callable[[exp.Expr, "Scope"], Projection]
    outer: "Scope | None" = None
    sources: dict[str, Source] = field(default_factory=dict)
    common: dict[str, Projection] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)

    def inner(self) -> "Scope":
        """A new scope for a query inside this one."""
        return Scope(self.features, self.read_query, outer=self)

    def common_table(self, name: str) -> Projection | None:
        """The common table expression ``name``, if it is in sight."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.common:
                return scope.common[name]
            scope = scope.outer
        return None

    def column(self, qualifier: str, name: str) -> str:
        """Canonical name of a column: ``table.column``, or the expression behind it; the table may be ``?``."""
        return self._qualified(qualifier, name) if qualifier else self._unqualified(name)

    def _qualified(self, qualifier: str, name: str) -> str:
        scope: Scope | None = self
        while scope is not None:
            source = scope.sources.get(qualifier)
            if source is not None:
                return _column_of(source, name)
            scope = scope.outer
        return f"{qualifier}.{name}"

    def _unqualified(self, name: str) -> str:
        if len(self.sources) == 1:
            (source,) = self.sources.values()
            return _column_of(source, name)
        for source in self.sources.values():
            if isinstance(source, Projection) and name in source.outputs:
                return source.outputs[name]
        return f"{UNKNOWN}.{name}"

    def star(self, qualifier: str) -> tuple[str, ...]:
        """The tables whose columns ``*`` or ``qualifier.*`` stands for."""
        chosen = [self.sources[qualifier]] if qualifier in self.sources else list(self.sources.values())
        tables: list[str] = []
        for source in chosen:
            tables.extend((source,) if isinstance(source, str) else source.star_of)
        return tuple(tables)

    def star_outputs(self) -> dict[str, str]:
        """The columns that ``*`` passes on from queries in the place of tables."""
        found: dict[str, str] = {}
        for source in self.sources.values():
            if isinstance(source, Projection):
                found.update(source.outputs)
        return found


def folded(identifier: object) -> str:
    """A name as PostgreSQL reads it: lower case unless quoted."""
    if isinstance(identifier, exp.Identifier):
        name: str = identifier.this
        return name if identifier.args.get("quoted") else name.lower()
    return str(identifier).lower() if identifier else ""


def _column_of(source: Source, name: str) -> str:
    return f"{source}.{name}" if isinstance(source, str) else source.column(name)
