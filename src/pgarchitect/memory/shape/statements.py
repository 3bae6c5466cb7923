"""Whole statements: queries, and changes of data with what they write."""

from collections.abc import Callable, Iterable

from sqlglot import exp

from pgarchitect.memory.shape.expressions import canonical
from pgarchitect.memory.shape.features import Features
from pgarchitect.memory.shape.predicates import read_condition
from pgarchitect.memory.shape.queries import read_common_tables, read_query, read_source, read_table
from pgarchitect.memory.shape.scope import UNKNOWN, Scope, folded


def features_of(tree: exp.Expr) -> Features:
    """The features of a whole statement."""
    features = Features()
    features.add("kind", "select" if isinstance(tree, exp.Query) else tree.key)
    scope = Scope(features, read_query)
    read = _WRITES.get(type(tree))
    if read is not None:
        read_common_tables(tree, scope)
        read(tree, scope)
    else:
        _read_outermost(tree, scope)
    features.complete()
    return features


def _read_outermost(tree: exp.Expr, scope: Scope) -> None:
    projection = read_query(tree, scope)
    for output in projection.outputs.values():
        scope.features.add("output", output)
    for table in projection.star_of:
        scope.features.add("output", f"{table}.*")


def _target(node: exp.Expr, scope: Scope) -> str:
    table = node.this if isinstance(node, exp.Schema) else node
    if isinstance(table, exp.Table):
        read_table(table, scope)
        return folded(table.this)
    return UNKNOWN


def _read_update(node: exp.Update, scope: Scope) -> None:
    _target(node.this, scope)
    _read_assignments(node.expressions, scope)
    if (origin := node.args.get("from_")) is not None:
        read_source(origin.this, scope)
    _read_where(node, scope)


def _read_assignments(assignments: Iterable[exp.Expr], scope: Scope) -> None:
    for assignment in assignments:
        if isinstance(assignment, exp.EQ):
            scope.features.add("write", folded(getattr(assignment.this, "this", assignment.this)))
            canonical(assignment.expression, scope)


def _read_where(node: exp.Expr, scope: Scope) -> None:
    if (where := node.args.get("where")) is not None:
        read_condition(where.this, scope)


def _read_delete(node: exp.Delete, scope: Scope) -> None:
    _target(node.this, scope)
    for source in node.args.get("using") or ():
        read_source(source, scope)
    _read_where(node, scope)


def _read_insert(node: exp.Insert, scope: Scope) -> None:
    _target(node.this, scope)
    for column in node.this.expressions if isinstance(node.this, exp.Schema) else ():
        scope.features.add("write", folded(column))
    if isinstance(node.expression, exp.Query):
        scope.features.add("detail", "insert from query")
        read_query(node.expression, scope)
    conflict = node.args.get("conflict")
    if conflict is not None:
        scope.features.add("trait", "on conflict")
        _read_assignments(conflict.expressions, scope)


_WRITES: dict[type, Callable[..., None]] = {
    exp.Update: _read_update,
    exp.Delete: _read_delete,
    exp.Insert: _read_insert,
}
