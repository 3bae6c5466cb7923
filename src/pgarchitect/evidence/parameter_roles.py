"""What each ``$n`` of a statement stands for: compared with which column, how; a limit; a JSON key; …

pg_stat_statements keeps no constants. To run a statement we need values that the application could have sent,
and what a parameter is compared with tells where to find them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp

from pgarchitect.candidates.scope import Scope, enclosing, scopes
from pgarchitect.schema.catalog import Catalog, Column, Table
from pgarchitect.workload.syntax import folded, parameter_number, table_name


class RoleKind(StrEnum):
    """The kinds of role that a parameter can play."""

    EQUAL = "equal"
    ARRAY = "array"
    LOWER_BOUND = "lower bound"
    UPPER_BOUND = "upper bound"
    PATTERN = "pattern"
    JSON_KEY = "JSON key"
    JSON_VALUE = "JSON value"
    JSON_PART = "JSON part"
    LIMIT = "limit"
    OFFSET = "offset"
    NEW_VALUE = "new value"
    TIME_UNIT = "unit of time"
    TIME_ZONE = "time zone"
    SEPARATOR = "separator"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Role:
    """The role of one parameter.

    Attributes:
        kind: how it is used.
        table: the table whose column it meets, if any.
        column: that column.
        json_key: for a JSON value, the key's parameter number or the key itself.
        case: ``lower`` or ``upper`` where that is applied to the column.
    """

    kind: RoleKind
    table: Table | None = None
    column: Column | None = None
    json_key: int | str | None = None
    case: str = ""


def parameter_roles(tree: exp.Expr, catalog: Catalog) -> Mapping[int, Role]:
    """The role of every parameter in ``tree``; one used twice keeps its more telling role."""
    by_node = {id(scope.node): scope for scope in scopes(tree, catalog)}
    roles: dict[int, Role] = dict(_inserted(tree, catalog))
    for literal in tree.find_all(exp.Literal):
        number = parameter_number(literal)
        if number is None:
            continue
        role = _role(literal, enclosing(literal, by_node))
        if number not in roles or roles[number].kind is RoleKind.OTHER:
            roles[number] = role
    return roles


def _role(literal: exp.Literal, scope: Scope | None) -> Role:
    node, parent = _through_wrappers(literal)
    simple = _SIMPLE.get(type(parent)) if parent is not None else None
    if simple is not None:
        return Role(simple)
    if isinstance(parent, _WITH_KEY) and parent.expression is node:
        return _with_column(RoleKind.JSON_KEY, parent.this, scope)
    if isinstance(parent, exp.Tuple):
        return _in_row(node, parent, scope)
    if parent is None:
        return Role(RoleKind.OTHER)
    return _compared(node, parent, scope)


_SIMPLE: Mapping[type[exp.Expr] | None, RoleKind] = {
    exp.Limit: RoleKind.LIMIT,
    exp.Fetch: RoleKind.LIMIT,
    exp.Offset: RoleKind.OFFSET,
    exp.TimestampTrunc: RoleKind.TIME_UNIT,
    exp.DateTrunc: RoleKind.TIME_UNIT,
    exp.AtTimeZone: RoleKind.TIME_ZONE,
    exp.GroupConcat: RoleKind.SEPARATOR,
}

_WITH_KEY = (
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.JSONBContainsTopKey,
    exp.JSONBContainsAnyTopKeys,
    exp.JSONBContainsAllTopKeys,
)
_LOWER = (exp.GT, exp.GTE)
_UPPER = (exp.LT, exp.LTE)


def _compared(node: exp.Expr, parent: exp.Expr, scope: Scope | None) -> Role:
    if isinstance(parent, exp.Between):
        kind = RoleKind.LOWER_BOUND if parent.args.get("low") is node else RoleKind.UPPER_BOUND
        return _with_column(kind, parent.this, scope)
    if isinstance(parent, (*_LOWER, *_UPPER)):
        left = parent.this is node
        lower = isinstance(parent, _UPPER if left else _LOWER)
        return _with_column(
            RoleKind.LOWER_BOUND if lower else RoleKind.UPPER_BOUND, parent.expression if left else parent.this, scope
        )
    if isinstance(parent, (exp.EQ, exp.NEQ)):
        return _equal(RoleKind.EQUAL, parent.expression if parent.this is node else parent.this, scope)
    if isinstance(parent, exp.In):
        return _equal(RoleKind.EQUAL, parent.this, scope)
    if isinstance(parent, exp.Any):
        outer = parent.parent
        return _with_column(RoleKind.ARRAY, outer.this if isinstance(outer, exp.Binary) else parent, scope)
    if isinstance(parent, exp.Array):
        return _in_array(parent, scope)
    if isinstance(parent, (exp.Like, exp.ILike)):
        return _with_column(RoleKind.PATTERN, parent.this, scope)
    if isinstance(parent, (exp.ArrayContainsAll, exp.ArrayOverlaps)):
        return _with_column(RoleKind.JSON_PART, parent.this, scope)
    if isinstance(parent, (exp.Coalesce, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Lower, exp.Upper)):
        return _around(parent, scope)
    return Role(RoleKind.OTHER)


def _in_array(array: exp.Array, scope: Scope | None) -> Role:
    """A parameter in ``ARRAY[$1, $2]``: one of the values to compare with, or an element that must be contained."""
    node, parent = _through_wrappers(array)
    if isinstance(parent, exp.Any) and isinstance(parent.parent, exp.Binary):
        return _equal(RoleKind.EQUAL, parent.parent.this, scope)
    return _compared(node, parent, scope) if parent is not None else Role(RoleKind.OTHER)


def _around(parent: exp.Expr, scope: Scope | None) -> Role:
    """A parameter inside ``lower($1)`` meets what the function's result meets."""
    if isinstance(parent, (exp.Lower, exp.Upper)) and parent.parent is not None:
        return _compared(parent, parent.parent, scope)
    return Role(RoleKind.OTHER)


def _in_row(node: exp.Expr, row: exp.Tuple, scope: Scope | None) -> Role:
    """A parameter in ``(a, b) < ($1, $2)`` meets the column at the same place."""
    comparison = row.parent
    if isinstance(comparison, (exp.Binary, exp.In)) and isinstance(comparison.this, exp.Tuple):
        place = next((i for i, item in enumerate(row.expressions) if item is node), None)
        if place is not None and comparison.this is not row and place < len(comparison.this.expressions):
            return _with_column(_row_kind(comparison), comparison.this.expressions[place], scope)
    return Role(RoleKind.OTHER)


def _row_kind(comparison: exp.Expr) -> RoleKind:
    if isinstance(comparison, _LOWER):
        return RoleKind.LOWER_BOUND
    return RoleKind.UPPER_BOUND if isinstance(comparison, _UPPER) else RoleKind.EQUAL


def _equal(kind: RoleKind, other: exp.Expr, scope: Scope | None) -> Role:
    other = _unwrapped(other)
    if isinstance(other, (exp.JSONExtract, exp.JSONExtractScalar)):
        key = parameter_number(other.expression)
        role = _with_column(RoleKind.JSON_VALUE, other.this, scope)
        return Role(role.kind, role.table, role.column, key if key is not None else _json_key(other))
    return _with_column(kind, other, scope)


def _json_key(node: exp.Binary) -> str:
    key = node.expression.find(exp.JSONPathKey)
    return str(key.this) if key is not None else node.expression.name


def _with_column(kind: RoleKind, node: exp.Expr, scope: Scope | None) -> Role:
    node = _unwrapped(node)
    column = node.find(exp.Column)
    found = scope.resolve(column) if scope is not None and column is not None else None
    case = "lower" if isinstance(node, exp.Lower) else "upper" if isinstance(node, exp.Upper) else ""
    return Role(kind, found[0].table, found[1], case=case) if found else Role(RoleKind.OTHER)


def _unwrapped(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return node


def _through_wrappers(node: exp.Expr) -> tuple[exp.Expr, exp.Expr | None]:
    """Climb casts and parentheses: the outermost wrapper, and what it stands in."""
    parent = node.parent
    while isinstance(parent, (exp.Cast, exp.Paren)):
        node, parent = parent, parent.parent
    return node, parent


def _inserted(tree: exp.Expr, catalog: Catalog) -> Iterator[tuple[int, Role]]:
    for insert in tree.find_all(exp.Insert):
        target = insert.this
        named = target.expressions if isinstance(target, exp.Schema) else []
        table_node = target.this if isinstance(target, exp.Schema) else target
        table = catalog.find(*table_name(table_node)) if isinstance(table_node, exp.Table) else None
        values = insert.expression
        if table is None or not isinstance(values, exp.Values):
            continue
        names = [folded(name) for name in named] or [column.name for column in table.columns]
        for row in values.expressions:
            for name, value in zip(names, row.expressions, strict=False):
                number = parameter_number(value)
                if number is not None:
                    yield number, Role(RoleKind.NEW_VALUE, table, table.column(name))
    for update in tree.find_all(exp.Update):
        yield from _updated(update, catalog)


def _updated(update: exp.Update, catalog: Catalog) -> Iterator[tuple[int, Role]]:
    table = catalog.find(*table_name(update.this)) if isinstance(update.this, exp.Table) else None
    for assignment in update.expressions:
        number = parameter_number(assignment.expression)
        if number is not None and table is not None and isinstance(assignment.this, exp.Column):
            yield number, Role(RoleKind.EQUAL, table, table.column(folded(assignment.this.this)))
