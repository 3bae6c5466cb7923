"""Statements on all rows that a relation leads to: to keep only some, to change or delete those that fit."""

from collections.abc import Mapping, Sequence
from typing import Any

from pgarchitect.access.conditions import Conditions, Where
from pgarchitect.access.nested.keyed import belongs, touched
from pgarchitect.access.nested.sources import Source
from pgarchitect.access.nested.tree import ChangedMany
from pgarchitect.access.shapes import RelationShape, Tables, TableShape
from pgarchitect.access.statement import Parameters, Statement
from pgarchitect.access.writing import assignments

Values = tuple[Any, ...]
"""Values of a key."""


def keep_only(
    tables: Tables,
    owner: TableShape,
    relation: RelationShape,
    parents: Sequence[Values],
    kept: Sequence[tuple[Values, Values]],
) -> Statement:
    """Cut a relation to all rows but some.

    Args:
        tables: shapes of all tables.
        owner: table of the rows that the relation leads from.
        relation: it.
        parents: values of ``relation.here`` of those rows.
        kept: such values, and the identity of a row that it still leads to (``relation.there`` of a relation through a
            table between).
    """
    other = tables[relation.target]
    names = relation.there if relation.through else other.identity
    parameters = Parameters()
    source = Source(parameters)
    here = [owner.column(each) for each in relation.here]
    mine = [source.column(each, [parent[n] for parent in parents]) for n, each in enumerate(here)]
    test = ""
    if kept:
        rest = Source(parameters, "v")
        same = [f"{rest.column(each, [parent[n] for parent, _ in kept])} = {mine[n]}" for n, each in enumerate(here)]
        theirs = [rest.column(other.column(name), [key[n] for _, key in kept]) for n, name in enumerate(names)]
        same += [f"{each} = {_named(relation, other, name)}" for each, name in zip(theirs, names, strict=True)]
        test = f" AND NOT EXISTS (SELECT 1 FROM {rest.sql()} WHERE {' AND '.join(same)})"
    if relation.through is not None:
        between = relation.through
        where = f"j.{between.here_quoted} = {mine[0]}{test}"
        return parameters.statement(f"DELETE FROM {between.qualified} j USING {source.sql()} WHERE {where}")
    sets = [f"{other.column(each).quoted} = NULL" for each in relation.there] + touched(other, parameters)
    where = f"{belongs(other, relation, mine, 't')}{test}"
    return parameters.statement(f"UPDATE {other.qualified} t SET {', '.join(sets)} FROM {source.sql()} WHERE {where}")


def _named(relation: RelationShape, other: TableShape, name: str) -> str:
    return f"j.{relation.through.there_quoted}" if relation.through else f"t.{other.column(name).quoted}"


def join_rows(
    tables: Tables, owner: TableShape, relation: RelationShape, pairs: Sequence[tuple[Values, Values]]
) -> Statement:
    """Put pairs of rows into the table between them."""
    between = relation.through
    assert between is not None  # noqa: S101  # asked of such relations only
    source = Source(parameters := Parameters())
    here = source.column(owner.column(relation.here[0]), [mine[0] for mine, _ in pairs])
    there = source.column(tables[relation.target].column(relation.there[0]), [theirs[0] for _, theirs in pairs])
    return parameters.statement(
        f"INSERT INTO {between.qualified} ({between.here_quoted}, {between.there_quoted})"
        f" SELECT {here}, {there} FROM {source.sql()} ON CONFLICT DO NOTHING"
    )


def update_linked(
    tables: Tables, owner: TableShape, relation: RelationShape, parents: Sequence[Values], changed: ChangedMany
) -> Statement | None:
    """UPDATE of the rows of several rows that fit; None: there is nothing to set."""
    other = tables[relation.target]
    parameters = Parameters()
    sets = assignments(other, changed.values, parameters, "t")
    if not sets:
        return None
    source, where = _linked(tables, owner, relation, parents, changed.where, parameters=parameters)
    text = f"UPDATE {other.qualified} t SET {', '.join(sets)} FROM {source.sql()} WHERE {where}"
    return parameters.statement(text)


def delete_linked(
    tables: Tables,
    owner: TableShape,
    relation: RelationShape,
    parents: Sequence[Values],
    several: Sequence[Mapping[str, Any]],
) -> Statement:
    """DELETE of the rows of several rows that fit any of some conditions."""
    parameters = Parameters()
    source, where = _linked(tables, owner, relation, parents, {"OR": list(several)}, parameters=parameters)
    return parameters.statement(f"DELETE FROM {tables[relation.target].qualified} t USING {source.sql()} WHERE {where}")


def _linked(
    tables: Tables,
    owner: TableShape,
    relation: RelationShape,
    parents: Sequence[Values],
    where: Where,
    *,
    parameters: Parameters,
) -> tuple[Source, str]:
    """Rows as a source, and the condition on those that the relation leads to from any of them."""
    other = tables[relation.target]
    test = Conditions(tables, parameters).of(other, where, "t")
    source = Source(parameters)
    here = [owner.column(each) for each in relation.here]
    mine = [source.column(each, [parent[n] for parent in parents]) for n, each in enumerate(here)]
    return source, f"{belongs(other, relation, mine, 't')} AND ({test})"
