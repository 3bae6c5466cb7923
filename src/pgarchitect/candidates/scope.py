"""Name resolution: which table and column a name in a statement means, derived tables and views looked through."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.derived import Derived, Reach, derived
from pgarchitect.candidates.from_items import alias_of, common_table, from_items
from pgarchitect.schema.catalog import Catalog, Column, Table
from pgarchitect.workload.syntax import folded, table_name

_MOST_TREES: Final = 60
"""Views are looked into so many times at most for a statement: they may name each other very often."""
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of a FROM list: a table under a name of its own. Two uses of one table are two sources."""

    alias: str
    table: Table


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One SELECT, UPDATE or DELETE with what its names may mean.

    Attributes:
        node: the syntax tree of it.
        sources: alias → source or derived table; None where it is neither (a function, VALUES).
        outer: the scope around it, which a correlated subquery reaches into.
        known: all scopes of the statement, by the identity of their nodes.
    """

    node: exp.Expr
    sources: Mapping[str, Source | Derived | None]
    outer: "Scope | None"
    known: Mapping[int, "Scope"] = field(repr=False)

    @property
    def tables(self) -> list[Source]:
        """Its sources that are tables."""
        return [each for each in self.sources.values() if isinstance(each, Source)]

    def resolve(self, column: exp.Column) -> tuple[Source, Column] | None:
        """The source and catalog column that ``column`` means; None when it is not a table's column."""
        home = self.home(column)
        if home is None:
            return None
        for scope, meant in home.beneath(column, Reach.MEANING):
            if scope is not home:
                return scope.resolve(meant) if isinstance(meant, exp.Column) else None
        return home.resolve_here(column)

    def home(self, column: exp.Column) -> "Scope | None":
        """This scope or the nearest around it that knows the name."""
        scope: Scope | None = self
        while scope is not None and not scope.entries(column):
            scope = scope.outer
        return scope

    def resolve_here(self, column: exp.Column) -> tuple[Source, Column] | None:
        """As ``resolve``, for the tables of this scope only."""
        found = self.entries(column)
        if len(found) != 1 or not isinstance(found[0], Source):
            return None
        known = found[0].table.column(folded(column.this))
        return (found[0], known) if known is not None else None

    def beneath(self, node: exp.Expr, reach: Reach) -> list[tuple["Scope", exp.Expr]]:
        """What ``node`` is in terms of tables: columns of a derived table replaced by what they stand for there.

        Several where a set operation is meant; none where ``reach`` does not go through.
        """
        meant = [self._derived(column) for column in node.find_all(exp.Column)]
        if not any(meant):
            return [(self, node)]
        found: list[tuple[Scope, exp.Expr]] = []
        first = meant[0]
        if first is None or any(each is not first for each in meant):
            return found
        for body in first.bodies:
            replaced = self._replaced(node, first, body)
            if replaced is not None and first.lets_through(body, replaced, reach):
                found.extend(self.known[id(body)].beneath(replaced, reach))
        return found

    def outputs(self) -> list[tuple[str, exp.Expr]]:
        """Names of the columns that a SELECT returns, and what they are; ``*`` written out."""
        found: list[tuple[str, exp.Expr]] = []
        for item in self.node.args.get("expressions") or ():
            if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
                found.extend(self._written_out(item))
            else:
                found.append((_output_name(item), item.this if isinstance(item, exp.Alias) else item))
        return found

    def columns_of(self, entry: Source | Derived | None) -> list[str]:
        """Names of the columns of one of its sources."""
        if isinstance(entry, Source):
            return [column.name for column in entry.table.columns]
        if entry is None or not entry.bodies:
            return []
        names = [name for name, _ in self.known[id(entry.bodies[0])].outputs()] if self._complete(entry) else []
        return [*entry.columns, *names[len(entry.columns) :]]

    def _complete(self, entry: Derived) -> bool:
        return all(id(body) in self.known for body in entry.bodies)

    def _written_out(self, star: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
        only = folded(star.args["table"]) if isinstance(star, exp.Column) and star.table else None
        for alias, entry in self.sources.items():
            if only is None or alias == only:
                for name in self.columns_of(entry):
                    yield name, exp.Column(this=_identifier(name), table=_identifier(alias))

    def entries(self, column: exp.Column) -> list[Source | Derived | None]:
        """Of its sources, those that a column may be of; more than one where its name is not clear."""
        name = folded(column.this)
        if column.table:
            alias = folded(column.args["table"])
            return [self.sources[alias]] if alias in self.sources else []
        return [each for each in self.sources.values() if each is not None and _has(self, each, name)]

    def _derived(self, column: exp.Column) -> Derived | None:
        found = self.entries(column)
        return found[0] if len(found) == 1 and isinstance(found[0], Derived) else None

    def _replaced(self, node: exp.Expr, entry: Derived, body: exp.Select) -> exp.Expr | None:
        """``node`` with the columns of a derived table replaced by what they stand for in one of its bodies."""
        if not self._complete(entry):
            return None
        names = self.columns_of(entry)
        meant = [expression for _, expression in self.known[id(body)].outputs()]
        by_name = dict(zip(names, meant, strict=False))
        columns = [folded(column.this) for column in node.find_all(exp.Column)]
        if any(name not in by_name for name in columns):
            return None
        if isinstance(node, exp.Column):
            return by_name[columns[0]]
        return node.transform(lambda part: by_name[folded(part.this)].copy() if isinstance(part, exp.Column) else part)


def scopes(tree: exp.Expr, catalog: Catalog) -> Iterator[Scope]:
    """Every SELECT, UPDATE and DELETE in ``tree``, outer ones first, and then those of the views that it names."""
    known: dict[int, Scope] = {}
    trees, waiting = 0, [tree]
    while waiting and trees < _MOST_TREES:
        root = waiting.pop(0)
        trees += 1
        for node in root.walk(bfs=True):
            if isinstance(node, exp.Select) or (isinstance(node, (exp.Update, exp.Delete)) and node.this is not None):
                known[id(node)] = Scope(node, _sources(node, catalog), enclosing(node, known), known)
        waiting.extend(_views(known))
    yield from known.values()


def enclosing(node: exp.Expr, by_node: Mapping[int, Scope]) -> Scope | None:
    """The innermost scope around ``node``; ``by_node`` maps the identity of a scope's node to the scope."""
    parent = node.parent
    while parent is not None:
        if id(parent) in by_node:
            return by_node[id(parent)]
        parent = parent.parent
    return None


def _views(known: Mapping[int, Scope]) -> list[exp.Expr]:
    """The roots of derived tables that no scope was made of yet: definitions of views."""
    roots: dict[int, exp.Expr] = {}
    for scope in known.values():
        for entry in scope.sources.values():
            for body in entry.bodies if isinstance(entry, Derived) else ():
                if id(body) not in known and body.root() is not scope.node.root():
                    roots.setdefault(id(body.root()), body.root())
    return list(roots.values())


def _sources(node: exp.Expr, catalog: Catalog) -> dict[str, Source | Derived | None]:
    found: dict[str, Source | Derived | None] = {}
    for item in from_items(node):
        if item.alias_or_name or isinstance(item, exp.Subquery):
            alias = alias_of(item) or f"?{len(found)}"
            table = _table(item, node, catalog)
            found[alias] = Source(alias, table) if table else derived(item, node, catalog)
    return found


def _table(item: exp.Expr, node: exp.Expr, catalog: Catalog) -> Table | None:
    if not isinstance(item, exp.Table) or not isinstance(item.this, exp.Identifier):
        return None
    name, schema = table_name(item)
    return catalog.find(name, schema) if schema or common_table(node, name) is None else None


def _has(scope: Scope, entry: Source | Derived, name: str) -> bool:
    if isinstance(entry, Source):
        return entry.table.column(name) is not None
    return name in scope.columns_of(entry)


def _output_name(item: exp.Expr) -> str:
    alias = item.args.get("alias")
    if isinstance(item, exp.Alias) and isinstance(alias, exp.Identifier):
        return folded(alias)
    return folded(item.this) if isinstance(item, exp.Column) else ""


def _identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=_PLAIN.fullmatch(name) is None)
