"""The shape of a statement: for each use of a table, what it filters, joins, groups and orders by.

Only conjunctions count: a condition under NOT or CASE does not narrow what must be read. The branches of an OR
over one table are kept as ``either``: each can use an index of its own, which the planner combines by bitmaps.
"""

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp

from pgarchitect.candidates.scope import Scope, Source, enclosing, joins, scopes
from pgarchitect.candidates.table_use import Key, OrderKey, TableUse
from pgarchitect.schema.catalog import Catalog, Column


def table_uses(tree: exp.Expr, catalog: Catalog) -> list[TableUse]:
    """The shape of a parsed statement."""
    found = {id(scope.node): (scope, _Reader(scope)) for scope in scopes(tree, catalog)}
    uses = [use for _, reader in found.values() for use in reader.read()]
    within = {identity: scope for identity, (scope, _) in found.items()}
    for node in tree.find_all(exp.Column, exp.Star):
        scope = enclosing(node, within)
        if scope is not None:
            _touch(node, scope, found)
    return uses


def _touch(node: exp.Expr, scope: Scope, found: Mapping[int, "tuple[Scope, _Reader]"]) -> None:
    """Note the column that ``node`` means; ``*`` means all of them."""
    if isinstance(node, exp.Star) or isinstance(node.this, exp.Star):
        if not isinstance(node.parent, exp.Count):
            found[id(scope.node)][1].touch_all()
        return
    meant = scope.resolve(node) if isinstance(node, exp.Column) else None
    owner: Scope | None = scope
    while meant is not None and owner is not None:
        if owner.owns(meant[0]):
            found[id(owner.node)][1].touch(meant[0], meant[1])
            return
        owner = owner.outer


_RANGES = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_ALONE = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Not, exp.Column)
_CONTAINMENTS = (exp.ArrayContainsAll, exp.ArrayOverlaps)
_FEW = 20
_NESTED = (exp.Select, exp.Subquery)
_PARAMETER = re.compile(r"'\$\d+'")


class _Reader:
    """Reads the uses of one scope's tables."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._uses = {alias: TableUse(source.table) for alias, source in scope.sources.items() if source}

    def read(self) -> list[TableUse]:
        node = self._scope.node
        for condition in self._conditions():
            self._condition(condition)
            self._own_condition(condition)
        self._grouping(node)
        self._ordering(node.args.get("order"))
        for use in self._uses.values():
            use.limited = node.args.get("limit") is not None
        return list(self._uses.values())

    def touch(self, source: Source, column: Column) -> None:
        """Note that the statement mentions a column."""
        touched = self._uses[source.alias].touched
        if column not in touched:
            touched.append(column)

    def touch_all(self) -> None:
        """Note that the statement asks for whole rows."""
        for use in self._uses.values():
            use.touched = list(use.table.columns)

    def _conditions(self) -> Iterator[exp.Expr]:
        node = self._scope.node
        where = node.args.get("where")
        if where is not None:
            yield from _conjuncts(where.this)
        for join in joins(node):
            if join.args.get("on") is not None:
                yield from _conjuncts(join.args["on"])
            for identifier in join.args.get("using") or ():
                yield exp.EQ(this=exp.column(identifier.copy()), expression=exp.column(identifier.copy()))

    def _condition(self, node: exp.Expr) -> None:
        if isinstance(node, exp.EQ):
            self._equality(node)
        elif isinstance(node, (*_RANGES, exp.Between)):
            self._range(node)
        elif isinstance(node, exp.In):
            self._membership(node)
        elif isinstance(node, exp.Or):
            self._either(node)
        elif isinstance(node, exp.Like):
            self._add(node.this, "pattern")
        elif isinstance(node, _CONTAINMENTS):
            self._add(node.this, "contained")
        elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            self._add(node.this, "flags")
        elif isinstance(node, exp.Column):
            self._add(node, "flags")
        elif isinstance(node, exp.Not) and isinstance(node.this, exp.Column):
            self._add(node.this, "flags")

    def _own_condition(self, node: exp.Expr) -> None:
        """Keep a condition that rows of one table meet by themselves, whatever the statement's parameters are."""
        if not isinstance(node, _ALONE) or node.find(exp.Parameter, exp.Placeholder, *_NESTED, exp.Func):
            return
        columns = list(node.find_all(exp.Column))
        resolved = [each for column in columns if (each := self._scope.resolve(column)) and self._scope.owns(each[0])]
        sources = {source.alias for source, _ in resolved}
        if len(sources) != 1 or len(resolved) != len(columns) or _PARAMETER.search(node.sql(dialect="postgres")):
            return
        use = self._uses[sources.pop()]
        if len(columns) > 1 or isinstance(node, (exp.Is, exp.Not, exp.Column)) or _few_values(use, resolved[0][1]):
            _append_text(use.conditions, _without_table(node))

    def _equality(self, node: exp.Expr) -> None:
        if node.this == node.expression and isinstance(node.this, exp.Column):
            for use in self._uses.values():  # JOIN … USING: the column of every table that has it
                column = use.table.column(node.this.name)
                if column:
                    _append(use.joined, Key(column.quoted, column))
            return
        if self._of_one_row(node):
            return
        for side, other in ((node.this, node.expression), (node.expression, node.this)):
            self._add(side, "joined" if self._depends_on_rows(other) else "equal")

    def _of_one_row(self, node: exp.Expr) -> bool:
        """Whether an equality compares a row with itself, which no index finds."""
        left, right = self._key(node.this), self._key(node.expression)
        return left is not None and right is not None and left[0] is right[0]

    def _range(self, node: exp.Expr) -> None:
        if isinstance(node.this, exp.Tuple):
            for item in node.this.expressions:
                self._add(item, "ranged")
            return
        self._add(node.this, "ranged")
        if not isinstance(node, exp.Between):
            self._add(node.expression, "ranged")

    def _membership(self, node: exp.In) -> None:
        self._add(node.this, "joined" if node.args.get("query") is not None else "equal")

    def _either(self, node: exp.Or) -> None:
        for branch in node.flatten():
            for part in _conjuncts(branch):
                if isinstance(part, (exp.EQ, exp.In, *_RANGES)):
                    self._add(part.this, "either")

    def _grouping(self, node: exp.Expr) -> None:
        group = node.args.get("group")
        for item in group.expressions if group is not None else ():
            self._add(self._meant(item), "grouped")
        distinct = node.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            for item in distinct.args["on"].expressions:
                self._add(item, "grouped")
        for item in node.args.get("expressions") or ():
            for found in _own(item):
                if isinstance(found, (exp.Max, exp.Min)):
                    self._add(found.this, "extremes")

    def _ordering(self, order: exp.Expr | None) -> None:
        keys: list[tuple[Source, OrderKey]] = []
        for item in order.expressions if order is not None else ():
            found = self._key(self._meant(item.this))
            if found is None:
                return
            keys.append((found[0], OrderKey(found[1], bool(item.args.get("desc")), bool(item.args.get("nulls_first")))))
        if keys and all(source is keys[0][0] for source, _ in keys):
            self._uses[keys[0][0].alias].order = [key for _, key in keys]

    def _meant(self, item: exp.Expr) -> exp.Expr:
        """The output column that a number or a name in GROUP BY or ORDER BY stands for, else the item itself."""
        output = self._scope.node.args.get("expressions") or ()
        if isinstance(item, exp.Literal) and item.is_int and 1 <= int(item.this) <= len(output):
            return _without_alias(output[int(item.this) - 1])
        if isinstance(item, exp.Column) and not item.table and self._scope.resolve_here(item) is None:
            named = [each for each in output if isinstance(each, exp.Alias) and each.alias == item.name]
            return _without_alias(named[0]) if len(named) == 1 else item
        return item

    def _add(self, node: exp.Expr, where: str) -> None:
        found = self._key(node)
        if found is not None:
            _append(getattr(self._uses[found[0].alias], where), found[1])

    def _key(self, node: exp.Expr) -> tuple[Source, Key] | None:
        """The key that ``node`` is, when it is a column of this scope or an expression of exactly one."""
        node = node.unnest()
        if any(isinstance(found, _NESTED) for found in node.walk()):
            return None
        columns = list(node.find_all(exp.Column))
        resolved = [self._scope.resolve(column) for column in columns]
        if len(resolved) != 1 or resolved[0] is None or not self._scope.owns(resolved[0][0]):
            return None
        source, column = resolved[0]
        if isinstance(node, exp.Column):
            return source, Key(column.quoted, column)
        if not _indexable(node) or column.type.startswith("timestamp with time zone"):
            return None  # what is made of an instant depends on the session's time zone: no index can hold it
        return source, Key(f"({_without_table(node)})", column, expression=True)

    def _depends_on_rows(self, node: exp.Expr) -> bool:
        """Whether the other side of an equality changes from row to row: a join, or a correlated value."""
        return any(isinstance(found, (exp.Column, *_NESTED)) for found in node.walk())


def _without_alias(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Alias) else node


def _indexable(node: exp.Expr) -> bool:
    """Whether an expression can be an index key: a function of the column without parameters of the statement."""
    if not isinstance(node, (exp.Func, exp.JSONExtractScalar, exp.JSONExtract)) or isinstance(node, exp.AggFunc):
        return False
    return not _PARAMETER.search(node.sql(dialect="postgres"))


def _without_table(node: exp.Expr) -> str:
    bare = node.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
        column.set("db", None)
    return bare.sql(dialect="postgres")


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    node = node.unnest()
    if isinstance(node, exp.And):
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    else:
        yield node


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of an expression, those of subqueries left out."""
    yield from node.walk(prune=lambda found: isinstance(found, _NESTED))


def _append(keys: list[Key], key: Key) -> None:
    if key not in keys:
        keys.append(key)


def _few_values(use: TableUse, column: Column) -> bool:
    """Whether a constant of the column is one of few, so that it is likely to stay the one that is asked for."""
    return column.statistics is not None and use.table.distinct(column) <= _FEW


def _append_text(texts: list[str], text: str) -> None:
    if text not in texts:
        texts.append(text)
