"""Which parts of a statement an index can be built on, and how they are written there."""

import re
from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.derived import computed
from pgarchitect.candidates.scope import Scope, Source
from pgarchitect.candidates.table_use import Key

PARAMETER: Final = re.compile(r"'\$\d+'")
NESTED: Final = (exp.Select, exp.Subquery)
_INSTANT: Final = "timestamp with time zone"
_COMPARISONS: Final = (exp.Predicate, exp.Connector, exp.Not)


def key_of(scope: Scope, node: exp.Expr) -> tuple[Source, Key] | None:
    """The key that ``node`` is, when it is a column of a table of ``scope`` or an expression of one table's columns."""
    node = node.unnest()
    if any(isinstance(found, NESTED) for found in node.walk()):
        return None
    resolved = [scope.resolve_here(column) for column in node.find_all(exp.Column)]
    known = [each for each in resolved if each is not None]
    if not known or len(known) != len(resolved) or any(source is not known[0][0] for source, _ in known):
        return None
    source, column = known[0]
    if isinstance(node, exp.Column):
        return source, Key(column.quoted, column)
    columns = tuple(dict.fromkeys(column for _, column in known))
    if not _indexable(node) or (_depends_on_time_zone(node) and any(c.type.startswith(_INSTANT) for c in columns)):
        return None
    return source, Key(f"({without_table(node)})", columns[0], expression=True, others=columns[1:])


def without_table(node: exp.Expr) -> str:
    """SQL of an expression of one table's columns, as it stands in the definition of an index of that table."""
    bare = node.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
        column.set("db", None)
    return bare.transform(_as_the_server_reads_it).sql(dialect="postgres")


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that must all hold."""
    node = node.unnest()
    if isinstance(node, exp.And):
        yield from conjuncts(node.this)
        yield from conjuncts(node.expression)
    else:
        yield node


def own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of an expression, those of subqueries left out."""
    yield from node.walk(prune=lambda found: isinstance(found, NESTED))


def _indexable(node: exp.Expr) -> bool:
    """Whether an expression can be an index key: made of columns and constants, without parameters of the statement."""
    kinds = (exp.Func, exp.JSONExtractScalar, exp.JSONExtract, exp.JSONBExtract, exp.JSONBExtractScalar, exp.Binary)
    if not isinstance(node, kinds) or isinstance(node, _COMPARISONS) or computed(node):
        return False
    return not PARAMETER.search(node.sql(dialect="postgres"))


def _depends_on_time_zone(node: exp.Expr) -> bool:
    """What is made of an instant depends on the session's time zone, unless the expression names one."""
    return node.find(exp.AtTimeZone) is None


def _as_the_server_reads_it(node: exp.Expr) -> exp.Expr:
    # The parser writes units of time in capitals; the server compares the text of constants.
    if isinstance(node, exp.TimestampTrunc) and isinstance(node.args.get("unit"), exp.Var):
        unit = exp.Literal.string(node.args["unit"].name.lower())
        zone = node.args.get("zone")
        return exp.Anonymous(this="date_trunc", expressions=[unit, node.this, *([zone] if zone else [])])
    return node
