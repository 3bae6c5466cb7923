"""What a statement is for, in one sentence, read off its syntax tree; no model is asked."""

from collections.abc import Iterable, Iterator

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
    named = _listed(dict.fromkeys(table.name for table in tables(tree))) or "no table"
    if isinstance(tree, exp.Insert):
        target = tree.find(exp.Table)
        verb = "Inserts or updates rows of" if tree.args.get("conflict") else "Inserts rows into"
        return f"{verb} {target.name if target else named}"
    if isinstance(tree, exp.Update):
        changed = _listed(item.this.name for item in tree.expressions if isinstance(item, exp.EQ))
        return f"Updates {changed} of {tree.this.name}"
    if isinstance(tree, exp.Delete):
        return f"Deletes rows of {tree.this.name}"
    return f"{_computed(tree)} {named}"


def _computed(tree: exp.Expr) -> str:
    select = tree.find(exp.Select)
    if select is None:
        return "Reads"
    aggregates = [node for item in select.expressions for node in item.find_all(exp.AggFunc)]
    if aggregates:
        return f"Computes {_listed(dict.fromkeys(map(_aggregate, aggregates)))} over"
    if select.args.get("distinct") is not None:
        return "Lists distinct rows of"
    return "Reads"


def _aggregate(node: exp.AggFunc) -> str:
    argument = node.this.find(exp.Column) if isinstance(node.this, exp.Expr) else None
    name = type(node).__name__.lower()
    name = {"groupconcat": "the concatenation", "avg": "the average", "arrayagg": "an array"}.get(name, f"the {name}")
    return f"{name} of {argument.name}" if argument is not None else name.replace("the count", "the number of rows")


def _clauses(tree: exp.Expr) -> Iterator[str]:
    top = tree.find(exp.Select) if not isinstance(tree, (exp.Update, exp.Delete)) else tree
    if top is None:
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
        yield ", a page of them" if tree.args.get("offset") is not None else ", the first few"


def _filters(top: exp.Expr) -> Iterator[str]:
    where = top.args.get("where")
    for column in where.find_all(exp.Column) if where is not None else ():
        comparison = column.find_ancestor(exp.Condition)
        if column.name and not _joins(comparison):
            yield column.name


def _joins(comparison: exp.Expr | None) -> bool:
    other = comparison.args.get("expression") if comparison is not None else None
    return isinstance(comparison, exp.EQ) and isinstance(comparison.this, exp.Column) and isinstance(other, exp.Column)


def _order(item: exp.Expr) -> str:
    return f"{_short(item.this)}{', newest or largest first' if item.args.get('desc') else ''}"


def _short(node: exp.Expr) -> str:
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Literal):
        return "a constant" if parameter_number(node) is not None else f"output column {node.this}"
    column = node.find(exp.Column)
    what = type(node).__name__.lower()
    unit = {"timestamptrunc": "time period of ", "datetrunc": "time period of ", "extract": "part of "}.get(what)
    return f"{unit or 'an expression of '}{column.name}" if column is not None else "an expression"


def _listed(names: Iterable[str]) -> str:
    items = [name for name in names if name]
    shown = [*items[:_MOST_NAMES], *(["…"] if len(items) > _MOST_NAMES else [])]
    return ", ".join(shown[:-1]) + f" and {shown[-1]}" if len(shown) > 1 else "".join(shown)
