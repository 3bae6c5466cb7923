"""Expressions in one spelling: ``lower(u.email)`` and ``LOWER(users.email)`` are both ``lower(users.email)``."""

from collections.abc import Callable, Iterator

from sqlglot import exp

from pgarchitect.memory.shape.scope import UNKNOWN, WINDOW, Scope, folded

_SAME_EITHER_WAY = (exp.Add, exp.Mul, exp.EQ, exp.NEQ, exp.And, exp.Or)


def canonical(node: object, scope: Scope) -> str:
    """One spelling for an expression; constants and what is computed from constants alone become ``?``."""
    read = _READERS.get(type(node))
    if read is not None:
        return read(node, scope)
    if isinstance(node, exp.AggFunc):
        return _aggregate(node, scope)
    if isinstance(node, exp.Expr):
        return _generic(node, scope)
    return UNKNOWN


def _generic(node: exp.Expr, scope: Scope) -> str:
    parts = [canonical(child, scope) for child in _children(node)]
    if all(part == UNKNOWN for part in parts):
        return UNKNOWN
    if isinstance(node, _SAME_EITHER_WAY):
        parts.sort()
    name = str(node.this).lower() if isinstance(node, exp.Anonymous) else node.key
    if isinstance(node, exp.Func):
        scope.features.add("function", name)
    return f"{name}({','.join(parts)})"


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, exp.Expr))


def _column(node: exp.Column, scope: Scope) -> str:
    identifier = node.args["this"]
    if isinstance(identifier, exp.Star):
        return "*"
    return scope.column(folded(node.args.get("table")), folded(identifier))


def _inside(node: exp.Expr, scope: Scope) -> str:
    return canonical(node.args.get("this"), scope)


def _constant(_node: exp.Expr, _scope: Scope) -> str:
    return UNKNOWN


def _star(_node: exp.Star, _scope: Scope) -> str:
    return "*"


def _aggregate(node: exp.AggFunc, scope: Scope) -> str:
    name, features = node.key, scope.features
    parts = [canonical(child, scope) for child in _children(node)]
    # count(1) counts rows, as count(*) does.
    inside = (
        "*" if name == "count" and parts in ([UNKNOWN], []) else ",".join(part for part in parts if part != UNKNOWN)
    )
    text = f"{name}({inside})"
    features.add("trait", "aggregated")
    features.add("aggregate", text)
    features.add("function", name)
    return text


def _filtered(node: exp.Filter, scope: Scope) -> str:
    scope.features.add("detail", "filtered aggregate")
    return f"{canonical(node.this, scope)} filter {canonical(node.expression.this, scope)}"


def _window(node: exp.Window, scope: Scope) -> str:
    over = node.this
    name = over.this.key if isinstance(over, exp.IgnoreNulls) else over.key
    inside = ",".join(canonical(child, scope) for child in _children(over))
    keys = [canonical(key, scope) for key in node.args.get("partition_by") or ()]
    order = node.args.get("order")
    scope.features.add("trait", "window")
    for key in keys:
        scope.features.add("group", f"{key} window")
    for ordered in order.expressions if order else ():
        keys.append(canonical(ordered.this, scope))
        scope.features.add("order", f"{keys[-1]}{' desc' if ordered.args.get('desc') else ''}")
    scope.features.add("function", name)
    return f"{name}({inside}){WINDOW}({','.join(keys)})"


def _subquery(node: exp.Expr, scope: Scope) -> str:
    return scope.read_query(node, scope).first


# Values are of many classes: each reader takes the very class that it is registered for.
_READERS: dict[type, Callable[..., str]] = {
    exp.Column: _column,
    exp.Literal: _constant,
    exp.Null: _constant,
    exp.Boolean: _constant,
    exp.Parameter: _constant,
    exp.Placeholder: _constant,
    exp.DataType: _constant,
    exp.Interval: _constant,
    exp.Var: _constant,
    exp.Star: _star,
    exp.Paren: _inside,
    exp.Cast: _inside,
    exp.TryCast: _inside,
    exp.Alias: _inside,
    exp.Collate: _inside,
    exp.Neg: _inside,
    exp.Filter: _filtered,
    exp.Window: _window,
    exp.Subquery: _subquery,
    exp.Select: _subquery,
    exp.Union: _subquery,
    exp.Intersect: _subquery,
    exp.Except: _subquery,
}
