"""The shape of a statement: for each use of a table, what it filters, joins, groups and orders by.

Only conjunctions count: a condition under NOT or CASE does not narrow what must be read. The branches of an OR
over one table are kept as ``either``: each can use an index of its own, which the planner combines by bitmaps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from pgarchitect.candidates.scope import Scope, Source, joins, scopes
from pgarchitect.schema.catalog import Catalog, Column, Table


@dataclass(frozen=True, slots=True)
class Key:
    """Something that an index can be built on: a column, or an expression of one.

    Attributes:
        sql: as it is written in an index definition; an expression in parentheses.
        column: the column, or the one inside the expression.
        expression: True for an expression.
    """

    sql: str
    column: Column
    expression: bool = False


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an ORDER BY."""

    key: Key
    descending: bool
    nulls_first: bool


@dataclass(slots=True)
class TableUse:
    """One use of one table in one scope; lists without repetition, in the statement's order.

    Attributes:
        equal: compared with constants for equality (=, IN, = ANY).
        flags: asked for IS NULL or as a bare boolean: equality that is seldom selective.
        joined: compared for equality with columns of other tables, of an outer query or of a subquery.
        ranged: compared by <, <=, >, >=, BETWEEN.
        pattern: compared by LIKE.
        contained: compared by a containment or overlap operator (@>, &&) or text search.
        either: branches of an OR.
        grouped: GROUP BY or DISTINCT ON.
        extremes: arguments of min() and max().
        order: ORDER BY, when all of its keys are this table's.
        limited: the scope has a LIMIT.
    """

    table: Table
    equal: list[Key] = field(default_factory=list)
    flags: list[Key] = field(default_factory=list)
    joined: list[Key] = field(default_factory=list)
    ranged: list[Key] = field(default_factory=list)
    pattern: list[Key] = field(default_factory=list)
    contained: list[Key] = field(default_factory=list)
    either: list[Key] = field(default_factory=list)
    grouped: list[Key] = field(default_factory=list)
    extremes: list[Key] = field(default_factory=list)
    order: list[OrderKey] = field(default_factory=list)
    limited: bool = False


def table_uses(tree: exp.Expr, catalog: Catalog) -> list[TableUse]:
    """The shape of a parsed statement."""
    return [use for scope in scopes(tree, catalog) for use in _Reader(scope).read()]


_RANGES = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_CONTAINMENTS = (exp.ArrayContainsAll, exp.ArrayOverlaps)
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
        self._grouping(node)
        self._ordering(node.args.get("order"))
        for use in self._uses.values():
            use.limited = node.args.get("limit") is not None
        return list(self._uses.values())

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
