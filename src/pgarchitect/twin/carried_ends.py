"""Least and greatest values of columns after a migration: under their new names, and as values of their new types."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from psycopg import sql

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin import end_points
from pgarchitect.twin.catalog_state import HEAPS, CatalogState, Column, Place
from pgarchitect.twin.end_points import Ends, write_ends
from pgarchitect.twin.source import EndPoints


def carried_ends(
    connection: Connection,
    states: tuple[CatalogState, CatalogState],
    known: Mapping[end_points.Column, Ends],
    told: Sequence[EndPoints],
    *,
    using: Container[Place],
    data: Path,
) -> dict[end_points.Column, Ends]:
    """The ends that the twin's trees shall have after a migration.

    Args:
        connection: to the twin.
        states: the catalog before and after.
        known: ends before it.
        told: what the source told of them.
        using: columns that were converted by an expression of the script's, whose ends are not known any more.
        data: the twin's data directory.
    """
    before, after = states
    places = {_name(before, place): place for place in before.columns}
    found: dict[end_points.Column, Ends] = {}
    for name, ends in known.items():
        place = places.get(name)
        new = after.columns.get(place) if place else None
        if place is not None and new is not None and new.type == before.columns[place].type and place not in using:
            found[_name(after, place)] = ends
    changed = [
        made
        for each in told
        if (place := places.get((each.schema, each.table, each.column))) is not None
        and (new := after.columns.get(place)) is not None
        and new.type != before.columns[place].type
        and place not in using
        and (made := _converted(connection, each, _name(after, place), (before.columns[place], new))) is not None
    ]
    with_rows = frozenset((each.schema, each.name) for each in after.relations.values() if each.kind in HEAPS)
    return found | write_ends(connection, changed, with_rows, data)


def _name(state: CatalogState, place: Place) -> end_points.Column:
    relation = state.relations[place[0]]
    return relation.schema, relation.name, state.columns[place].name


def _converted(
    connection: Connection, ends: EndPoints, name: end_points.Column, columns: tuple[Column, Column]
) -> EndPoints | None:
    """The ends as values of the new type; None where that may sort them otherwise."""
    old, new = columns
    row = connection.execute(_sql("same_category").encode(), {"old": old.type, "new": new.type}).fetchone()
    if row != (True,):
        return None
    query = sql.SQL("SELECT ({least}::{old})::{new}::text, ({greatest}::{old})::{new}::text").format(
        least=ends.least,
        greatest=ends.greatest,
        old=sql.SQL(old.bare),
        new=sql.SQL(new.typed),
    )
    with Attempt(connection):
        made = connection.execute(query).fetchone()
        return EndPoints(*name, new.bare, *made) if made else None
    return None


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "migration.sql", name)
