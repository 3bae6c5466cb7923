"""What a statement is for, in one sentence, read off its syntax tree; no model is asked."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlglot import exp

from pgarchitect.workload.syntax import UnreadableStatement, parameter_number, parse, tables

_MOST_NAMES = 4


def intent(text: str) -> str:
    """One sentence: what the statement computes, from which tables, how filtered, grouped, ordered and limited."""
    try:
        tree = parse(text)
    except UnreadableStatement:
        return "A statement that the parser does not understand."
    return f"{_verb(tree)}{''.join(_clauses(tree))}."


def _verb(tree: exp.Expr) -> str:
    named = list(dict.fromkeys(table.name for table in tables(tree)))
    if isinstance(tree, exp.Insert):
        target = _target(tree)
        verb = "Inserts or updates rows of" if tree.args.get("conflict") else "Inserts rows into"
        source = _listed(name for name in named if name != target)
        return f"{verb} {target}" + (f" from {source}" if source else "")
    if isinstance(tree, exp.Update):
        changed = dict.fromkeys(
            column.name for item in tree.expressions if isinstance(item, exp.EQ) for column in _columns(item.this)
        )
        return f"Updates {_listed(changed)} of {_target(tree)}"
    if isinstance(tree, exp.Delete):
        return f"Deletes rows of {_target(tree)}"
    if isinstance(tree, exp.Merge):
        return f"Merges rows into {_target(tree)}"
    if not named:
        return "Computes values without reading a table"
    return f"{_computed(tree)} {_listed(named)}"


def _target(tree: exp.Expr) -> str:
    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    return str(table.name)


def _columns(node: exp.Expr) -> Iterator[exp.Column]:
    yield from node.find_all(exp.Column, bfs=False)


def _computed(tree: exp.Expr) -> str:
    select = tree.find(exp.Select)
    if select is None:
        return "Reads"
    aggregates = [node for item in select.expressions for node in _own(item) if isinstance(node, exp.AggFunc)]
    if aggregates:
        return f"Computes {_listed(dict.fromkeys(map(_aggregate, aggregates)))} over"
    if select.args.get("distinct") is not None:
        return "Lists distinct rows of"
    return "Reads"


_AGGREGATES: Final = {
    exp.Count: "the number",
    exp.Avg: "the average",
    exp.Sum: "the sum",
    exp.Max: "the greatest",
    exp.Min: "the least",
    exp.ArrayAgg: "a list",
    exp.GroupConcat: "the concatenation",
}


def _aggregate(node: exp.AggFunc) -> str:
    argument = node.this.find(exp.Column) if isinstance(node.this, exp.Expr) else None
    name = _AGGREGATES.get(type(node), f"the {node.sql(dialect='postgres').partition('(')[0].lower()}")
    if isinstance(node, exp.Count) and (argument is None or isinstance(argument.this, exp.Star)):
        return f"{name} of rows"
    if argument is None:
        return name
    distinct = "different " if isinstance(node.this, exp.Distinct) else ""
    between = " " if isinstance(node, (exp.Max, exp.Min)) else " of "
    return f"{name}{between}{distinct}{argument.name}"


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of an expression, those of subqueries left out."""
    yield from node.walk(prune=lambda found: isinstance(found, exp.Select))


def _clauses(tree: exp.Expr) -> Iterator[str]:
    top = tree if isinstance(tree, (exp.Update, exp.Delete)) else tree.find(exp.Select)
    if top is None or isinstance(tree, exp.Merge):
        return
    filters = _listed(dict.fromkeys(_filters(top)))
    if filters:
        yield f", filtered by {filters}"
    group = top.args.get("group")
    if group is not None:
        yield f", grouped by {_listed(dict.fromkeys(_short(item) for item in group.expressions))}"
    order = tree.args.get("order")
    if order is not None:
        yield f", ordered by {_listed(dict.fromkeys(_order(item) for item in order.expressions))}"
    if tree.args.get("limit") is not None:
        yield ", one page of them" if tree.args.get("offset") is not None else ", only the first few"


def _filters(top: exp.Expr) -> Iterator[str]:
    where = top.args.get("where")
    for column in _columns(where) if where is not None else ():
        comparison = column.find_ancestor(exp.Condition)
        if column.name and not _joins(comparison):
            yield column.name


def _joins(comparison: exp.Expr | None) -> bool:
    other = comparison.args.get("expression") if comparison is not None else None
    return isinstance(comparison, exp.EQ) and isinstance(comparison.this, exp.Column) and isinstance(other, exp.Column)


def _order(item: exp.Expr) -> str:
    return f"{_short(item.this)}{' (newest or largest first)' if item.args.get('desc') else ''}"


def _short(node: exp.Expr) -> str:
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Literal):
        return "a constant" if parameter_number(node) is not None else f"output column {node.this}"
    column = node.find(exp.Column)
    if column is None:
        return "the number of rows" if isinstance(node, exp.Count) else "an expression"
    if isinstance(node, exp.AggFunc):
        return _aggregate(node)
    return f"{_EXPRESSIONS.get(type(node), 'an expression of')} {column.name}"


_EXPRESSIONS: Final[Mapping[type[exp.Expr], str]] = {
    exp.TimestampTrunc: "time period of",
    exp.DateTrunc: "time period of",
    exp.Extract: "part of",
    exp.Lower: "lower-case",
    exp.Date: "day of",
    exp.Cast: "converted",
}


def _listed(names: Iterable[str]) -> str:
    items = [name for name in names if name]
    shown = [*items[:_MOST_NAMES], *(["more"] if len(items) > _MOST_NAMES else [])]
    return ", ".join(shown[:-1]) + f" and {shown[-1]}" if len(shown) > 1 else "".join(shown)
