"""Conditions as features: which column is compared how, and which columns join tables."""

from collections.abc import Callable, Iterable

from sqlglot import exp

from pgarchitect.memory.shape.expressions import canonical
from pgarchitect.memory.shape.scope import UNKNOWN, WINDOW, Scope

_COMPARISONS: dict[type, str] = {
    exp.EQ: "=",
    exp.NullSafeEQ: "=",
    exp.NEQ: "<>",
    exp.NullSafeNEQ: "<>",
    exp.GT: "range",
    exp.GTE: "range",
    exp.LT: "range",
    exp.LTE: "range",
    exp.Like: "like",
    exp.ILike: "like",
    exp.RegexpLike: "regex",
    exp.RegexpILike: "regex",
    exp.SimilarTo: "regex",
}
_NEGATED = {"=": "<>", "<>": "=", "range": "range", "like": "not like", "null": "not null", "not null": "null"}


def read_condition(node: exp.Expr | None, scope: Scope, *, negated: bool = False) -> None:
    """Add the features of a condition: of WHERE, of ON, or of HAVING; their place makes no difference."""
    if node is None:
        return
    if isinstance(node, (exp.And, exp.Or)):
        _read_all(node, scope, negated=negated)
    elif isinstance(node, exp.Paren):
        read_condition(node.this, scope, negated=negated)
    elif isinstance(node, exp.Not):
        read_condition(node.this, scope, negated=not negated)
    else:
        _READERS.get(type(node), _read_comparison)(node, scope, negated)


def _read_all(node: exp.And | exp.Or, scope: Scope, *, negated: bool) -> None:
    parts = list(node.flatten())
    if isinstance(node, exp.Or) and not _same_column(parts, scope):
        scope.features.add("detail", "or")
    for part in parts:
        read_condition(part, scope, negated=negated)


def _same_column(parts: Iterable[exp.Expr], scope: Scope) -> bool:
    """Whether an OR lists values of one column, which is an IN spelled out."""
    columns = {canonical(part.this, scope) if isinstance(part, exp.EQ) else None for part in parts}
    return len(columns) == 1 and None not in columns


def _read_comparison(node: exp.Expr, scope: Scope, negated: bool) -> None:  # noqa: FBT001 - one signature for all
    operator = _COMPARISONS.get(type(node))
    if operator is None and not (isinstance(node, exp.Binary) and "expression" in node.args):
        # ``NOT active`` is ``active = false``, and constants do not count.
        _filter(canonical(node, scope), "=", scope)
        return
    operator = operator or node.key
    if negated:
        operator = _NEGATED.get(operator, f"not {operator}")
    _compare(node.args["this"], operator, node.args["expression"], scope)


def _compare(left: exp.Expr, operator: str, right: exp.Expr, scope: Scope) -> None:
    left, right = left.unnest(), right.unnest()
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple) and len(left.expressions) == len(right.expressions):
        for one, other in zip(left.expressions, right.expressions, strict=True):
            _compare(one, operator, other, scope)
        return
    if isinstance(right, (exp.Any, exp.All)) and isinstance(right.this.unnest(), exp.Query):
        _membership(left, right.this.unnest(), scope, negated=operator == "<>")
        return
    _sides(canonical(left, scope), operator, _right(right, scope), scope)


def _right(node: exp.Expr, scope: Scope) -> str:
    return canonical(node.this if isinstance(node, (exp.Any, exp.All)) else node, scope)


def _sides(left: str, operator: str, right: str, scope: Scope) -> None:
    if UNKNOWN in {left, right}:
        known = right if left == UNKNOWN else left
        if known != UNKNOWN:
            _filter(known, operator, scope)
        return
    if left == right:
        return  # a row joined with itself, as in DELETE … WHERE id IN (SELECT id …), restricts nothing
    plain = "(" not in left + right
    if operator == "=" and plain and _table(left) != _table(right):
        scope.features.join(left, right)
    else:
        _filter("|".join(sorted((left, right))), operator, scope)


def _table(column: str) -> str:
    return column.rpartition(".")[0]


def _filter(what: str, operator: str, scope: Scope) -> None:
    if what == UNKNOWN:
        return
    if WINDOW in what:
        # ``WHERE rank = 1`` around a window picks rows of each group, as DISTINCT ON does.
        return
    if operator == "null" and _table(what) in scope.optional:
        # LEFT JOIN … WHERE the other side IS NULL asks what NOT EXISTS asks.
        scope.features.add("trait", "anti join")
        return
    scope.features.add("filter", f"{what} {operator}")
    scope.features.add("filter column", what)


def _read_between(node: exp.Between, scope: Scope, negated: bool) -> None:  # noqa: FBT001 - one signature for all
    _compare(node.this, "not range" if negated else "range", node.args["low"], scope)
    _compare(node.this, "not range" if negated else "range", node.args["high"], scope)


def _read_in(node: exp.In, scope: Scope, negated: bool) -> None:  # noqa: FBT001 - one signature for all
    query = node.args.get("query")
    if query is not None:
        _membership(node.this, query.unnest(), scope, negated=negated)
    elif isinstance(node.this, exp.Tuple):
        for column in node.this.expressions:
            _filter(canonical(column, scope), "<>" if negated else "=", scope)
    else:
        _filter(canonical(node.this, scope), "<>" if negated else "=", scope)


def _membership(left: exp.Expr, query: exp.Expr, scope: Scope, *, negated: bool) -> None:
    """``x IN (SELECT y …)`` joins x with y."""
    columns = left.unnest()
    first = columns.expressions[0] if isinstance(columns, exp.Tuple) else columns
    other = scope.read_query(query, scope).first
    scope.features.add(*(("trait", "anti join") if negated else ("detail", "semi join")))
    _sides(canonical(first, scope), "=", other, scope)


def _read_exists(node: exp.Exists, scope: Scope, negated: bool) -> None:  # noqa: FBT001 - one signature for all
    scope.features.add(*(("trait", "anti join") if negated else ("detail", "semi join")))
    scope.read_query(node.this, scope)


def _read_is(node: exp.Is, scope: Scope, negated: bool) -> None:  # noqa: FBT001 - one signature for all
    negated = negated != bool(node.args.get("negate"))
    operator = "=" if isinstance(node.expression, exp.Boolean) else "not null" if negated else "null"
    _filter(canonical(node.this, scope), operator, scope)


def _read_boolean(_node: exp.Expr, _scope: Scope, _negated: bool) -> None:  # noqa: FBT001 - one signature for all
    """``ON true`` and ``WHERE 1``: no condition."""


_READERS: dict[type, Callable[..., None]] = {
    exp.Between: _read_between,
    exp.In: _read_in,
    exp.Exists: _read_exists,
    exp.Is: _read_is,
    exp.Boolean: _read_boolean,
    exp.Literal: _read_boolean,
}
