"""Which columns of each table a statement reads: an index that holds them all spares it the table."""

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from pgarchitect.candidates.derived import Derived, Reach
from pgarchitect.candidates.scope import Scope, enclosing
from pgarchitect.candidates.table_use import TableUse
from pgarchitect.schema.catalog import Column


def touch(scopes: Sequence[Scope], uses: Mapping[int, TableUse]) -> None:
    """Note the columns that the statement of ``scopes`` mentions; ``*`` means all of them.

    What a derived table returns counts where something around it asks for it, as the planner has it.
    """
    known = {id(scope.node): scope for scope in scopes}
    asked = _on_demand(scopes)
    for root in {id(root): root for root in (scope.node.root() for scope in scopes)}.values():
        for node in root.find_all(exp.Column, exp.Star):
            scope = enclosing(node, known)
            if scope is not None and not (id(scope.node) in asked and _returned(node, scope)):
                _touch(node, scope, uses)


def _on_demand(scopes: Sequence[Scope]) -> set[int]:
    """Identities of the SELECTs whose outputs count only where they are asked for."""
    found: set[int] = set()
    for scope in scopes:
        if isinstance(scope.node.parent, exp.Exists):
            found.add(id(scope.node))
        for entry in scope.sources.values():
            if isinstance(entry, Derived) and not entry.whole:
                found.update(id(body) for body in entry.bodies)
    return found


def _returned(node: exp.Expr, scope: Scope) -> bool:
    """Whether ``node`` stands in the list of what its SELECT returns."""
    below: exp.Expr = node
    while below.parent is not None and below.parent is not scope.node:
        below = below.parent
    return below.arg_key == "expressions"


def _touch(node: exp.Expr, scope: Scope, uses: Mapping[int, TableUse]) -> None:
    if isinstance(node, exp.Star):
        if not isinstance(node.parent, (exp.Count, exp.Column)):
            _touch_outputs(scope, uses)
        return
    if not isinstance(node, exp.Column):
        return
    if isinstance(node.this, exp.Star):
        _touch_outputs(scope, uses)
        return
    home = scope.home(node)
    for within, meant in home.beneath(node, Reach.MEANING) if home is not None else ():
        for column in meant.find_all(exp.Column):
            found = within.resolve(column)
            if found is not None:
                _note(uses[id(found[0])], [found[1]])


def _touch_outputs(scope: Scope, uses: Mapping[int, TableUse]) -> None:
    """Note that whole rows are asked for."""
    for source in scope.tables:
        _note(uses[id(source)], source.table.columns)
    for inner in _inner(scope):
        for _, expression in inner.outputs():
            for column in expression.find_all(exp.Column):
                _touch(column, inner, uses)


def _inner(scope: Scope) -> Iterator[Scope]:
    for entry in scope.sources.values():
        for body in entry.bodies if isinstance(entry, Derived) else ():
            if id(body) in scope.known:
                yield scope.known[id(body)]


def _note(use: TableUse, columns: Sequence[Column]) -> None:
    use.touched.extend(column for column in columns if column not in use.touched)
