"""Derived tables: subqueries, common table expressions and views in a FROM list, and what the planner sees of them.

A condition on a column of a derived table is one on what the column stands for, where the planner moves it down
(``subquery_is_pushdown_safe`` and ``qual_is_pushdown_safe``, allpaths.c) or pulls the whole subquery up
(``is_simple_subquery``, prepjointree.c).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from pgarchitect.candidates.from_items import alias_of, aliased_columns, common_table
from pgarchitect.schema.catalog import Catalog
from pgarchitect.workload.syntax import UnreadableStatement, folded, parse, table_name


class Reach(Enum):
    """How far down something on a column of a derived table is followed.

    ``MEANING``: always, to know which column is meant. ``FILTER``: where a comparison with a constant is moved down.
    ``FLAT``: where the derived table is as good as its tables: joins, grouping and ordering are theirs.
    """

    MEANING = "meaning"
    FILTER = "filter"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """One entry of a FROM list that is no table of the catalog.

    Attributes:
        alias: the name that it goes by.
        bodies: its SELECT, or those of a set operation; empty where it cannot be looked into.
        columns: names that its alias gives to its columns, from the first on.
        opened: the planner plans it together with what is around it.
        whole: all of its columns are computed, whether something asks for them or not.
    """

    alias: str
    bodies: tuple[exp.Select, ...] = ()
    columns: tuple[str, ...] = ()
    opened: bool = True
    whole: bool = False

    def lets_through(self, body: exp.Select, expression: exp.Expr, reach: Reach) -> bool:
        """Whether something on what a column of ``body`` stands for works on the tables of ``body``."""
        if reach is Reach.MEANING:
            return True
        if not self.opened or _limited(body) or computed(expression):
            return False
        if reach is Reach.FLAT:
            return not (self.whole or _grouped(body) or list(_windows(body)))
        return all(expression in kept for kept in _partitions(body))


def derived(item: exp.Expr, node: exp.Expr, catalog: Catalog) -> Derived | None:
    """What an item of the FROM list of ``node`` is derived from; None for a table, a function or VALUES."""
    alias = alias_of(item)
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        return _named(item, alias, node, catalog)
    within = item.this if isinstance(item, exp.Lateral) else item
    if isinstance(within, exp.Subquery) and isinstance(within.this, exp.Query):
        return _of(alias, within.this, aliased_columns(item), opened=True)
    return None


def _named(item: exp.Table, alias: str, node: exp.Expr, catalog: Catalog) -> Derived | None:
    name, schema = table_name(item)
    cte = None if schema else common_table(node, name)
    if cte is not None:
        return _common(item, alias, cte)
    view = catalog.find_view(name, schema)
    if view is None:
        return None
    try:
        body = parse(view.definition.rstrip().rstrip(";"))
    except UnreadableStatement:
        return Derived(alias)
    return _of(alias, body, aliased_columns(item), opened=True) if isinstance(body, exp.Query) else Derived(alias)


def _common(item: exp.Table, alias: str, cte: exp.CTE) -> Derived:
    """A common table expression: planned by itself when it is named twice, recursive or MATERIALIZED."""
    columns = aliased_columns(item) or aliased_columns(cte)
    with_ = cte.parent
    recursive = with_ is not None and bool(with_.args.get("recursive"))
    materialized = cte.args.get("materialized")
    alone = materialized if materialized is not None else _uses(cte) > 1
    if not isinstance(cte.this, exp.Query):
        return Derived(alias, opened=False)
    found = _of(alias, cte.this, columns, opened=not (alone or recursive))
    return Derived(alias, found.bodies[:1], columns, opened=False, whole=True) if recursive else found


def _uses(cte: exp.CTE) -> int:
    name = folded(cte.args["alias"].this)
    named = cte.root().find_all(exp.Table)
    same = (each for each in named if isinstance(each.this, exp.Identifier) and table_name(each) == (name, ""))
    return sum(common_table(each, name) is cte for each in same)


def _of(alias: str, query: exp.Query, columns: tuple[str, ...], *, opened: bool) -> Derived:
    bodies = tuple(_bodies(query))
    nodes = list(_set_operations(query))
    distinct = any(not isinstance(each, exp.Union) or each.args.get("distinct") for each in nodes)
    first_only = any(_limited(each) for each in nodes)
    whole = distinct or not opened or any(each.args.get("distinct") is not None for each in bodies)
    return Derived(alias, bodies, columns, opened=opened and not first_only, whole=whole)


def _bodies(query: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(query, exp.Select):
        yield query
    elif isinstance(query, exp.Subquery):
        yield from _bodies(query.this)
    elif isinstance(query, exp.SetOperation):
        yield from _bodies(query.this)
        yield from _bodies(query.expression)


def _set_operations(query: exp.Expr) -> Iterator[exp.SetOperation]:
    if isinstance(query, exp.Subquery):
        yield from _set_operations(query.this)
    elif isinstance(query, exp.SetOperation):
        yield query
        yield from _set_operations(query.this)
        yield from _set_operations(query.expression)


def computed(expression: exp.Expr) -> bool:
    """Whether an expression is made of several rows, or of a subquery."""
    return expression.find(exp.AggFunc, exp.Window, exp.Query) is not None


def _limited(node: exp.Expr) -> bool:
    return node.args.get("limit") is not None or node.args.get("offset") is not None


def _grouped(body: exp.Select) -> bool:
    groups = body.args.get("group") is not None or body.args.get("having") is not None
    return groups or any(
        not isinstance(each.parent, exp.Window) for item in body.expressions for each in item.find_all(exp.AggFunc)
    )


def _windows(body: exp.Select) -> Iterator[exp.Window]:
    for item in body.expressions:
        yield from item.find_all(exp.Window)
    yield from body.args.get("windows") or ()


def _partitions(body: exp.Select) -> Iterator[list[exp.Expr]]:
    """Lists that an expression must be in, so that a condition on it takes whole partitions away."""
    for window in _windows(body):
        if not isinstance(window.this, exp.Identifier) or window.args.get("partition_by"):
            yield list(window.args.get("partition_by") or ())
    distinct = body.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        yield list(distinct.args["on"].expressions)
