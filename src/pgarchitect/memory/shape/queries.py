"""Queries, read from the outside in."""

from collections.abc import Iterable

from sqlglot import exp

from pgarchitect.memory.shape.expressions import canonical
from pgarchitect.memory.shape.predicates import read_condition
from pgarchitect.memory.shape.scope import UNKNOWN, Projection, Scope, folded

NOTHING = Projection({}, UNKNOWN, ())


def read_query(node: exp.Expr, outer: Scope) -> Projection:
    """Add the features of a nested query; what it gives out."""
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    scope = outer.inner()
    read_common_tables(node, scope)
    if isinstance(node, exp.Select):
        return _read_select(node, scope)
    if isinstance(node, exp.SetOperation):
        return _read_set_operation(node, scope)
    return NOTHING


def read_common_tables(node: exp.Expr, scope: Scope) -> None:
    """Read the WITH clause of a query or a change of data, if it has one."""
    clause = node.args.get("with_")
    if clause is None:
        return
    for common in clause.expressions:
        name = folded(common.args["alias"].this)
        if clause.args.get("recursive"):
            scope.features.add("trait", "recursive")
            scope.common[name] = NOTHING
        scope.common[name] = _renamed(read_query(common.this, scope), common.args["alias"])


def _renamed(projection: Projection, alias: exp.Expr | None) -> Projection:
    """With the column names of ``AS alias (a, b)``."""
    columns = alias.args.get("columns") if alias else None
    if not columns:
        return projection
    names = [folded(column) for column in columns]
    return Projection(dict(zip(names, projection.outputs.values(), strict=False)), projection.first, projection.star_of)


def _read_set_operation(node: exp.SetOperation, scope: Scope) -> Projection:
    scope.features.add("trait", node.key)
    left = read_query(node.left, scope)
    read_query(node.right, scope)
    scope.aliases = dict(left.outputs)
    _read_order_and_limit(node, scope)
    return left


def _read_select(node: exp.Select, scope: Scope) -> Projection:
    args = node.args
    if (origin := args.get("from_")) is not None:
        read_source(origin.this, scope)
    for join in args.get("joins") or ():
        _read_join(join, scope)
    for lateral in args.get("laterals") or ():
        read_source(lateral, scope)
    projection = _read_outputs(node.expressions, scope)
    if (where := args.get("where")) is not None:
        read_condition(where.this, scope)
    _read_grouping(node, projection, scope)
    if (having := args.get("having")) is not None:
        read_condition(having.this, scope)
    _read_order_and_limit(node, scope)
    return projection


def read_source(node: exp.Expr, scope: Scope) -> None:
    """Read one item of FROM: a table, a nested query or a function."""
    if isinstance(node, exp.Table):
        read_table(node, scope)
    elif isinstance(node, (exp.Subquery, exp.Lateral)):
        alias = node.args.get("alias")
        inner = node.this
        known = read_query(inner, scope) if isinstance(inner, (exp.Query, exp.Subquery)) else NOTHING
        scope.sources[folded(alias.this) if alias else f"{len(scope.sources)}"] = _renamed(known, alias)
    else:
        scope.features.add("detail", f"from {node.key}")
        scope.sources[folded(node.alias) or node.key] = NOTHING
    for join in node.args.get("joins") or ():
        _read_join(join, scope)


def read_table(node: exp.Table, scope: Scope) -> None:
    """Read a table, or the name of a common table expression in the place of one."""
    alias = node.args.get("alias")
    if not isinstance(node.this, exp.Identifier):
        function = node.this.key if node.this is not None else "rows"
        scope.features.add("detail", f"from {function}")
        scope.sources[folded(alias.this) if alias else function] = NOTHING
        return
    name, schema = folded(node.this), folded(node.args.get("db"))
    common = None if schema else scope.common_table(name)
    if common is None:
        # search_path decides whether a schema is spelled out, so it is a detail and no part of the name.
        scope.features.add("table", name)
        if schema not in {"", "public"}:
            scope.features.add("detail", f"schema {schema}")
    key = folded(alias.this) if alias and alias.this else name
    scope.sources[key] = _renamed(common, alias) if common is not None else name


def _read_join(join: exp.Join, scope: Scope) -> None:
    before = list(scope.sources)
    read_source(join.this, scope)
    joined = [alias for alias in scope.sources if alias not in before]
    if join.side:
        scope.features.add("detail", "outer join")
        scope.optional.update(source for alias in joined if isinstance(source := scope.sources[alias], str))
    for column in join.args.get("using") or ():
        left, right = (scope.column(aliases[-1], folded(column)) for aliases in (before, joined or before))
        scope.features.join(left, right)
    read_condition(join.args.get("on"), scope)


def _read_outputs(expressions: Iterable[exp.Expr], scope: Scope) -> Projection:
    outputs: dict[str, str] = {}
    stars: list[str] = []
    first = ""
    for place, node in enumerate(expressions):
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            stars.extend(scope.star(folded(node.args.get("table")) if isinstance(node, exp.Column) else ""))
            outputs.update(scope.star_outputs())
            continue
        text = canonical(node, scope)
        first = first or text
        name = folded(node.args["alias"]) if isinstance(node, exp.Alias) else ""
        if name:
            scope.aliases[name] = text
        outputs[name or (folded(node.this) if isinstance(node, exp.Column) else f"{place + 1}")] = text
    return Projection(outputs, first or UNKNOWN, tuple(stars))


def _read_grouping(node: exp.Select, projection: Projection, scope: Scope) -> None:
    group, distinct = node.args.get("group"), node.args.get("distinct")
    outputs = list(projection.outputs.values())
    for key in group.expressions if group else ():
        scope.features.add("group", _key(key, outputs, scope))
    if distinct is not None:
        on = distinct.args.get("on")
        if on is None:
            scope.features.add("detail", "distinct")
        else:
            scope.features.add("trait", "window")
        for text in [canonical(key, scope) for key in on.expressions] if on else outputs:
            scope.features.add("group", f"{text} window" if on else text)


def _key(node: exp.Expr, outputs: list[str], scope: Scope) -> str:
    """What a key of GROUP BY or ORDER BY names: an expression, an output's alias or its position."""
    if isinstance(node, exp.Literal) and node.is_int and 1 <= int(node.this) <= len(outputs):
        return outputs[int(node.this) - 1]
    if isinstance(node, exp.Column) and not node.args.get("table"):
        known = scope.aliases.get(folded(node.this))
        if known is not None:
            return known
    return canonical(node, scope)


def _read_order_and_limit(node: exp.Expr, scope: Scope) -> None:
    order = node.args.get("order")
    outputs = [canonical(item, scope) for item in node.expressions] if order and isinstance(node, exp.Select) else []
    for ordered in order.expressions if order else ():
        text = _key(ordered.this, outputs, scope)
        scope.features.add("order", f"{text}{' desc' if ordered.args.get('desc') else ''}")
    for part in ("limit", "offset"):
        if node.args.get(part) is not None:
            scope.features.add("detail", part)
