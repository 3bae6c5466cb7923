"""Name resolution: which table and column a name in a statement means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from pgarchitect.schema.catalog import Catalog, Column, Table
from pgarchitect.workload.syntax import folded, table_name


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of a FROM list: a table under a name of its own. Two uses of one table are two sources."""

    alias: str
    table: Table


@dataclass(frozen=True, slots=True)
class Scope:
    """One SELECT, UPDATE or DELETE with what its names may mean.

    Attributes:
        node: the syntax tree of it.
        sources: alias → source; None where it is no table of the catalog (a subquery, a function).
        outer: the scope around it, which a correlated subquery reaches into.
    """

    node: exp.Expr
    sources: Mapping[str, Source | None]
    outer: "Scope | None"

    def resolve(self, column: exp.Column) -> tuple[Source, Column] | None:
        """The source and catalog column that ``column`` means; None when it is not a table's column."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.resolve_here(column)
            if found is not None:
                return found
            if column.table and folded(column.args["table"]) in scope.sources:
                return None
            scope = scope.outer
        return None

    def owns(self, source: Source) -> bool:
        """Whether ``source`` belongs to this scope and not to one around it."""
        return self.sources.get(source.alias) is source

    def resolve_here(self, column: exp.Column) -> tuple[Source, Column] | None:
        """As ``resolve``, without the scopes around this one."""
        name = folded(column.this)
        alias = folded(column.args["table"]) if column.table else None
        possible = [self.sources.get(alias)] if alias is not None else list(self.sources.values())
        found = [(source, known) for source in possible if source and (known := source.table.column(name))]
        return found[0] if len(found) == 1 else None


def scopes(tree: exp.Expr, catalog: Catalog) -> Iterator[Scope]:
    """Every SELECT, UPDATE and DELETE in ``tree``, outer ones first."""
    by_node: dict[int, Scope] = {}
    for node in tree.walk(bfs=True):
        if isinstance(node, exp.Select) or (isinstance(node, (exp.Update, exp.Delete)) and node.this is not None):
            scope = Scope(node, _sources(node, catalog), enclosing(node, by_node))
            by_node[id(node)] = scope
            yield scope


def enclosing(node: exp.Expr, by_node: Mapping[int, Scope]) -> Scope | None:
    """The innermost scope around ``node``; ``by_node`` maps the identity of a scope's node to the scope."""
    parent = node.parent
    while parent is not None:
        if id(parent) in by_node:
            return by_node[id(parent)]
        parent = parent.parent
    return None


def _sources(node: exp.Expr, catalog: Catalog) -> dict[str, Source | None]:
    local = _common_tables(node)
    found: dict[str, Source | None] = {}
    for item in _from_items(node):
        name = item.alias_or_name
        if not name:
            continue
        alias = _alias(item)
        table = None
        if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
            named, schema = table_name(item)
            table = catalog.find(named, schema) if schema or named not in local else None
        found[alias] = Source(alias, table) if table else None
    return found


def joins(node: exp.Expr) -> Iterator[exp.Join]:
    """The joins of a FROM list, those in parentheses included."""
    from_ = node.args.get("from_")
    for item in [*([from_.this] if from_ is not None else ()), *(join.this for join in node.args.get("joins") or ())]:
        yield from _joins_within(item)
    yield from node.args.get("joins") or ()


def _joins_within(item: exp.Expr) -> Iterator[exp.Join]:
    for join in item.args.get("joins") or ():
        yield join
        yield from _joins_within(join.this)
    if _in_parentheses(item):
        yield from _joins_within(item.this)


def _in_parentheses(item: exp.Expr) -> bool:
    return isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table) and not item.alias


def _from_items(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, (exp.Update, exp.Delete)):
        yield node.this
    yield from node.args.get("using") or ()
    from_ = node.args.get("from_")
    if from_ is not None:
        yield _without_parentheses(from_.this)
    yield from (_without_parentheses(join.this) for join in joins(node))


def _without_parentheses(item: exp.Expr) -> exp.Expr:
    return _without_parentheses(item.this) if _in_parentheses(item) else item


def _common_tables(node: exp.Expr) -> frozenset[str]:
    names: set[str] = set()
    parent: exp.Expr | None = node
    while parent is not None:
        with_ = parent.args.get("with_")
        if with_ is not None:
            names.update(folded(cte.args["alias"].this) for cte in with_.expressions)
        parent = parent.parent
    return frozenset(names)


def _alias(item: exp.Expr) -> str:
    alias = item.args.get("alias")
    identifier = alias.this if isinstance(alias, exp.TableAlias) and alias.this is not None else item.this
    return folded(identifier) if isinstance(identifier, exp.Identifier) else item.alias_or_name.lower()
