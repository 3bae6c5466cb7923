"""FROM lists as syntax: their items, their joins, and the names that they go by."""

from collections.abc import Iterator

from sqlglot import exp

from pgarchitect.workload.syntax import folded


def joins(node: exp.Expr) -> Iterator[exp.Join]:
    """The joins of a FROM list, those in parentheses included."""
    from_ = node.args.get("from_")
    for item in [*([from_.this] if from_ is not None else ()), *(join.this for join in node.args.get("joins") or ())]:
        yield from _joins_within(item)
    yield from node.args.get("joins") or ()


def from_items(node: exp.Expr) -> Iterator[exp.Expr]:
    """What a statement reads: the target of an UPDATE or DELETE, the items of FROM and USING."""
    if isinstance(node, (exp.Update, exp.Delete)):
        yield node.this
    yield from node.args.get("using") or ()
    from_ = node.args.get("from_")
    if from_ is not None:
        yield _without_parentheses(from_.this)
    yield from (_without_parentheses(join.this) for join in joins(node))


def alias_of(item: exp.Expr) -> str:
    """The name that an item goes by."""
    alias = item.args.get("alias")
    identifier = alias.this if isinstance(alias, exp.TableAlias) and alias.this is not None else item.this
    return folded(identifier) if isinstance(identifier, exp.Identifier) else item.alias_or_name.lower()


def aliased_columns(item: exp.Expr) -> tuple[str, ...]:
    """The names that an alias gives to columns: ``a`` and ``b`` of ``x(a, b)``."""
    alias = item.args.get("alias")
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return tuple(folded(each) for each in columns or () if isinstance(each, exp.Identifier))


def common_table(node: exp.Expr, name: str) -> exp.CTE | None:
    """The common table expression that ``name`` means in a FROM list of ``node``: the nearest one around it."""
    below: exp.Expr | None = None
    inside: exp.CTE | None = None
    current: exp.Expr | None = node
    while current is not None:
        if isinstance(current, exp.CTE):
            inside = current
        with_ = current.args.get("with_")
        if with_ is not None:
            for cte in reversed(_visible(with_, inside if below is with_ else None)):
                if folded(cte.args["alias"].this) == name:
                    return cte
        below, current = current, current.parent
    return None


def _visible(with_: exp.With, inside: exp.CTE | None) -> list[exp.CTE]:
    """The expressions of a WITH that can be named; one of them sees only those before it, unless it is recursive."""
    every = list(with_.expressions)
    if inside is None or with_.args.get("recursive"):
        return every
    return every[: next((place for place, each in enumerate(every) if each is inside), None)]


def _joins_within(item: exp.Expr) -> Iterator[exp.Join]:
    for join in item.args.get("joins") or ():
        yield join
        yield from _joins_within(join.this)
    if _in_parentheses(item):
        yield from _joins_within(item.this)


def _in_parentheses(item: exp.Expr) -> bool:
    return isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table) and not item.alias


def _without_parentheses(item: exp.Expr) -> exp.Expr:
    return _without_parentheses(item.this) if _in_parentheses(item) else item
