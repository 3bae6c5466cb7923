"""The shape of a statement: for each use of a table, what it filters, joins, groups and orders by.

Only conjunctions count: a condition under NOT or CASE does not narrow what must be read. The branches of an OR
over one table are kept as ``either``: each can use an index of its own, which the planner combines by bitmaps.
What is asked of the columns of a subquery, a common table expression or a view counts for the tables beneath it,
where the planner moves it down.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from sqlglot import exp

from pgarchitect.candidates.derived import Reach
from pgarchitect.candidates.from_items import joins
from pgarchitect.candidates.key_expression import NESTED, conjuncts, key_of, own
from pgarchitect.candidates.row_condition import follows_from, other_than_usual, row_condition
from pgarchitect.candidates.scope import Scope, scopes
from pgarchitect.candidates.search_condition import search_condition
from pgarchitect.candidates.table_use import Key, OrderKey, TableUse
from pgarchitect.candidates.touched_columns import touch
from pgarchitect.schema.catalog import Catalog

_T = TypeVar("_T")
_RANGES: Final = (exp.GT, exp.GTE, exp.LT, exp.LTE)


def table_uses(tree: exp.Expr, catalog: Catalog) -> list[TableUse]:
    """The shape of a parsed statement."""
    every = list(scopes(tree, catalog))
    uses = {id(source): TableUse(source.table) for scope in every for source in scope.tables}
    for scope in every:
        _Reader(scope, uses).read()
    for use in uses.values():
        for condition in follows_from(use):
            _append(use.conditions, condition)
    touch(every, uses)
    return list(uses.values())


class _Reader:
    """Reads one scope: what it asks of its tables and of those beneath its derived tables."""

    def __init__(self, scope: Scope, uses: Mapping[int, TableUse]) -> None:
        self._scope = scope
        self._uses = uses

    def read(self) -> None:
        node = self._scope.node
        for condition in self._conditions():
            self._condition(condition)
            self._own_condition(condition)
        self._grouping(node)
        self._ordering(node.args.get("order"), limited=node.args.get("limit") is not None)
        for window in (*self._windows(), *(node.args.get("windows") or ())):
            self._window(window)

    def _conditions(self) -> Iterator[exp.Expr]:
        node = self._scope.node
        where = node.args.get("where")
        if where is not None:
            yield from conjuncts(where.this)
        for join in joins(node):
            if join.args.get("on") is not None:
                yield from conjuncts(join.args["on"])
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
        elif isinstance(node, exp.Is) and isinstance(node.expression, (exp.Null, exp.Boolean)):
            if not node.args.get("negate"):
                self._add(node.this, "flags")
        elif isinstance(node, exp.Column):
            self._add(node, "flags")
        elif isinstance(node, exp.Not) and isinstance(node.this, exp.Column):
            self._add(node.this, "flags")
        else:
            for what, where in search_condition(node):
                self._add(what, where)

    def _own_condition(self, node: exp.Expr) -> None:
        """Keep a condition that rows of one table meet by themselves."""
        for scope, meant in self._scope.beneath(node, Reach.FILTER):
            found = row_condition(scope, meant)
            if found is not None:
                _append(self._uses[id(found[0])].conditions, found[1])

    def _equality(self, node: exp.Expr) -> None:
        if node.this == node.expression and isinstance(node.this, exp.Column):
            for source in self._scope.tables:  # JOIN … USING: the column of every table that has it
                column = source.table.column(node.this.name)
                if column:
                    _append(self._uses[id(source)].joined, Key(column.quoted, column))
                    _append(self._uses[id(source)].touched, column)
            return
        if isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple):
            for one, other in zip(node.this.expressions, node.expression.expressions, strict=False):
                self._equality(exp.EQ(this=one, expression=other))
            return
        if self._of_one_row(node):
            return
        for side, other in ((node.this, node.expression), (node.expression, node.this)):
            self._compared(side, joined=_depends_on_rows(other))
            self._other_than_usual(side, other)

    def _compared(self, node: exp.Expr, *, joined: bool) -> None:
        if joined:
            self._add(node, "joined", Reach.FLAT)
        else:
            self._add(node, "equal")

    def _other_than_usual(self, side: exp.Expr, value: exp.Expr) -> None:
        for use, key in self._keys(side, Reach.FILTER) if isinstance(value, exp.Literal) else ():
            condition = other_than_usual(key, value)
            if condition is not None:
                _append(use.conditions, condition)

    def _of_one_row(self, node: exp.Expr) -> bool:
        """Whether an equality compares a row with itself, which no index finds."""
        left, right = (key_of(self._scope, side) for side in (node.this, node.expression))
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
        items = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
        for item in items:
            self._compared(item, joined=node.args.get("query") is not None)

    def _either(self, node: exp.Or) -> None:
        for branch in node.flatten():
            for part in conjuncts(branch):
                if isinstance(part, (exp.EQ, exp.In, *_RANGES)):
                    self._add(part.this, "either")

    def _grouping(self, node: exp.Expr) -> None:
        group = node.args.get("group")
        for item in group.expressions if group is not None else ():
            self._add(self._meant(item), "grouped", Reach.FLAT)
        distinct = node.args.get("distinct")
        if distinct is not None:
            on = distinct.args.get("on")
            for item in on.expressions if on is not None else node.args.get("expressions") or ():
                self._add(_without_alias(item), "grouped", Reach.FLAT)
        for item in node.args.get("expressions") or ():
            for found in own(item):
                if isinstance(found, (exp.Max, exp.Min)):
                    self._add(found.this, "extremes", Reach.FLAT)

    def _ordering(self, order: exp.Expr | None, *, limited: bool) -> None:
        found = self._order_keys((), order.expressions if order is not None else ())
        if found is not None:
            use, keys = found
            use.order, use.limited = list(keys), limited

    def _windows(self) -> Iterator[exp.Expr]:
        for item in self._scope.node.args.get("expressions") or ():
            yield from (found for found in own(item) if isinstance(found, exp.Window))

    def _window(self, window: exp.Expr) -> None:
        order = window.args.get("order")
        found = self._order_keys(window.args.get("partition_by") or (), order.expressions if order is not None else ())
        if found is not None:
            use, keys = found
            if keys not in use.windows:
                use.windows.append(keys)

    def _order_keys(
        self, partition: Sequence[exp.Expr], order: Sequence[exp.Expr]
    ) -> tuple[TableUse, tuple[OrderKey, ...]] | None:
        """Keys that give this order, and the one use of a table that they are all of."""
        keys: list[tuple[TableUse, OrderKey]] = []
        usual = [exp.Ordered(this=item.copy()) for item in partition]
        for item in (*usual, *order):
            found = self._keys(self._meant(item.this), Reach.FLAT)
            if len(found) != 1 or (keys and keys[0][0] is not found[0][0]):
                return None
            use, key = found[0]
            keys.append((use, OrderKey(key, bool(item.args.get("desc")), bool(item.args.get("nulls_first")))))
        return (keys[0][0], tuple(key for _, key in keys)) if keys else None

    def _meant(self, item: exp.Expr) -> exp.Expr:
        """The output column that a number or a name in GROUP BY or ORDER BY stands for, else the item itself."""
        output = self._scope.node.args.get("expressions") or ()
        if isinstance(item, exp.Literal) and item.is_int and 1 <= int(item.this) <= len(output):
            return _without_alias(output[int(item.this) - 1])
        if isinstance(item, exp.Column) and not item.table and self._scope.home(item) is not self._scope:
            named = [each for each in output if isinstance(each, exp.Alias) and each.alias == item.name]
            return _without_alias(named[0]) if len(named) == 1 else item
        return item

    def _add(self, node: exp.Expr, where: str, reach: Reach = Reach.FILTER) -> None:
        for use, key in self._keys(node, reach):
            _append(getattr(use, where), key)

    def _keys(self, node: exp.Expr, reach: Reach) -> list[tuple[TableUse, Key]]:
        """The keys that ``node`` is, each of a table of this scope or beneath it."""
        found = [key_of(scope, meant) for scope, meant in self._scope.beneath(node.unnest(), reach)]
        return [(self._uses[id(source)], key) for source, key in filter(None, found)]


def _depends_on_rows(node: exp.Expr) -> bool:
    """Whether the other side of an equality changes from row to row: a join, or a correlated value."""
    return any(isinstance(found, (exp.Column, *NESTED)) for found in node.walk())


def _without_alias(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Alias) else node


def _append(items: list[_T], item: _T) -> None:
    if item not in items:
        items.append(item)
