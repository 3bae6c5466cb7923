"""Which relations statements read, by the names that SQL knows them by."""

from collections.abc import Sequence

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.schema.catalog import Catalog, Table
from pgarchitect.twin.scope import spelled
from pgarchitect.workload.syntax import UnreadableStatement, parse, table_name, tables
from pgarchitect.workload.workload import Statement


def parsed(statements: Sequence[Statement]) -> dict[str, exp.Expr]:
    """Fingerprint → syntax tree, of the statements that parse."""
    trees: dict[str, exp.Expr] = {}
    for statement in statements:
        try:
            trees[statement.fingerprint] = parse(statement.text)
        except UnreadableStatement:
            continue
    return trees


def bystanders(
    statements: Sequence[Statement], candidates: Sequence[Candidate], catalog: Catalog
) -> tuple[Statement, ...]:
    """The statements that no candidate is for but that read a table which one would change."""
    concerned = {each for candidate in candidates for each in candidate.fingerprints}
    others = [each for each in statements if each.fingerprint not in concerned]
    trees = parsed(others)
    changed = {candidate.table for candidate in candidates}
    return tuple(
        each
        for each in others
        if each.fingerprint in trees and not changed.isdisjoint(qualified(trees[each.fingerprint], catalog))
    )


def relations(tree: exp.Expr, catalog: Catalog) -> dict[str, Table | None]:
    """Names as SQL spells them → the table; None for a view, which the catalog does not hold."""
    found: dict[str, Table | None] = {}
    for each in tables(tree):
        name, schema = table_name(each)
        table = catalog.find(name, schema)
        found[spelled(schema, name).removeprefix('"".') if table is None else table.qualified] = table
    return found


def qualified(tree: exp.Expr, catalog: Catalog) -> list[str]:
    """The tables of the catalog that a statement reads, as SQL spells them."""
    return [name for name, table in relations(tree, catalog).items() if table is not None]
