"""Statistics after a migration: what ANALYZE would find right after it, as far as it follows from what was known.

A rewrite keeps the values, so statistics stay; a changed type has them converted; a new column holds one value, or
another in each row. What follows from nothing is left to the planner's guesses, and said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.catalog_state import CatalogState, Column, Place, Relation
from pgarchitect.twin.column_statistics import Distribution, Slot, insert_distribution
from pgarchitect.twin.converted import Conversion, converted, with_operators
from pgarchitect.twin.expression_statistics import COLUMNS
from pgarchitect.twin.extended_statistics import ExtendedSource, write_extended_statistics
from pgarchitect.twin.new_columns import new_column

_COMMON: Final = 1
_NOTHING: Final = (Slot(0),) * 5
_TABLES: Final = frozenset({"r", "m", "p"})


@dataclass(slots=True)
class Told:
    """What a reader has to know of a migration.

    Attributes:
        warnings: a sentence each.
        obstacles: why production would refuse the migration although the twin took it, a sentence each.
    """

    warnings: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Script:
    """What only the script tells: USING expressions by column, and the data statements that were left out."""

    using: Mapping[Place, str]
    data: Sequence[str]

    def writes(self, relation: Relation) -> bool:
        """Whether a data statement names the relation."""
        return any(mentions(text, relation.name) for text in self.data)


def carry(connection: Connection, before: CatalogState, after: CatalogState, script: Script) -> Told:
    """Write the statistics that a migration took away, or that ANALYZE would add.

    Args:
        connection: to the twin.
        before: with statistics.
        after: without.
        script: what the script says beyond the catalog.
    """
    told = Told()
    present = {(row[0], row[1], row[2]) for row in _rows(connection, "statistics_present")}
    for (relation, number, inherited), known in before.statistics.items():
        old, new = before.columns.get((relation, number)), after.columns.get((relation, number))
        if old is None or new is None or after.relations[relation].kind not in _TABLES:
            continue
        if (relation, number, inherited) in present:
            found: Distribution | None = known if not _loses_nulls(old, new, known) else _without_nulls(known)
            if found is known:
                continue
        else:
            found = _carried(connection, before, (old, new), known, script)
        if found is None:
            told.warnings.append(_unknown(after.relations[relation], new))
            continue
        if _loses_nulls(old, new, known):
            _tell_of_nulls(told, after.relations[relation], new, known, script)
            found = _without_nulls(found)
        _write(connection, (relation, number, inherited), found)
    _new_columns(connection, before, after, script, told)
    _index_expressions(connection, before, after)
    _wholes(connection, before, after, told)
    _extended(connection, before, after, told)
    return told


def _carried(
    connection: Connection, state: CatalogState, columns: tuple[Column, Column], known: Distribution, script: Script
) -> Distribution | None:
    old, new = columns
    place = (new.relation, new.number)
    using = script.using.get(place)
    if using is None and old.type == new.type:
        return known
    change = Conversion(old, new, known, using, state.relations[old.relation].rows)
    found = converted(connection, change)
    return None if found is None else with_operators(connection, change, found)


def _unknown(table: Relation, column: Column) -> str:
    return (
        f"What {table.spelled}.{column.name} holds as {column.typed} cannot be told from its values as they are: the"
        " planner guesses there, here as in production until ANALYZE."
    )


def _loses_nulls(old: Column, new: Column, known: Distribution) -> bool:
    return new.not_null and not old.not_null and known.null_fraction > 0


def _without_nulls(known: Distribution) -> Distribution:
    """The shares of the rows that are left when all rows have a value: as among those that had one."""
    rest = 1 - known.null_fraction
    if rest <= 0:
        return replace(known, null_fraction=0.0, slots=_NOTHING)
    return replace(
        known,
        null_fraction=0.0,
        slots=tuple(_scaled(slot, 1 / rest) if slot.kind == _COMMON else slot for slot in known.slots),
    )


def _scaled(slot: Slot, factor: float) -> Slot:
    if not slot.numbers:
        return slot
    numbers = (repr(float(number) * factor) for number in slot.numbers.strip("{}").split(","))
    return replace(slot, numbers="{" + ",".join(numbers) + "}")


def _tell_of_nulls(told: Told, table: Relation, column: Column, known: Distribution, script: Script) -> None:
    share = f"{known.null_fraction:.1%}".replace("%", " %")
    if script.writes(table):
        told.warnings.append(
            f"{table.spelled}.{column.name} gets NOT NULL and is null in {share} of the rows: what the data statement"
            " puts there is taken to be spread like the other values."
        )
    else:
        told.obstacles.append(
            f"{table.spelled}.{column.name} gets NOT NULL, but is null in {share} of the rows as of the last ANALYZE."
        )


def _new_columns(connection: Connection, before: CatalogState, after: CatalogState, script: Script, told: Told) -> None:
    for (relation, number), column in after.columns.items():
        table = before.relations.get(relation)
        if table is None or table.kind not in _TABLES or (relation, number) in before.columns or table.rows <= 0:
            continue
        now = after.relations[relation]
        found = new_column(connection, column, table.rows)
        if found is not None and found.null_fraction == 1 and column.not_null:
            if not script.writes(now):
                told.obstacles.append(
                    f"{now.spelled}.{column.name} is new, NOT NULL and without a default, but {now.spelled} has about"
                    f" {table.rows:,.0f} rows."
                )
            found = None
        if script.writes(now) and any(mentions(text, column.name) for text in script.data):
            told.warnings.append(
                f"{now.spelled}.{column.name} is new and filled by a data statement, which a twin cannot run: the"
                " planner guesses what it holds."
            )
        elif found is not None:
            _write(connection, (relation, number, False), found)


def _index_expressions(connection: Connection, before: CatalogState, after: CatalogState) -> None:
    """Statistics of expressions, for indexes that were made anew and still are what they were."""
    named_before = {(each.table, each.name): each for each in before.relations.values() if each.table is not None}
    for index in after.relations.values():
        old = named_before.get((index.table, index.name)) if index.table is not None else None
        if old is None or old.oid == index.oid or old.definition != index.definition:
            continue
        for (relation, number, inherited), known in before.statistics.items():
            columns = before.columns.get((relation, number)), after.columns.get((index.oid, number))
            if relation == old.oid and columns[0] and columns[1] and columns[0].type == columns[1].type:
                _write(connection, (index.oid, number, inherited), known)


def _wholes(connection: Connection, before: CatalogState, after: CatalogState, told: Told) -> None:
    """Partitioned tables that are new: their statistics are those of their only filled partition."""
    for relation in after.relations.values():
        if relation.kind != "p" or relation.oid in before.relations:
            continue
        leaves = connection.execute(_sql("leaves").encode(), (relation.oid,)).fetchall()
        if len(leaves) == 1:
            query = _sql("statistics_of_whole").replace("{columns}", COLUMNS)
            connection.execute(query.encode(), {"parent": relation.oid, "part": leaves[0][0]})
        elif leaves:
            told.warnings.append(
                f"What ANALYZE will find of {relation.spelled} as a whole, over {len(leaves)} filled partitions, is not"
                " known: the planner guesses in joins and groups."
            )
        rows = sum(leaf[1] for leaf in leaves)
        connection.execute(
            "UPDATE pg_catalog.pg_class SET reltuples = %s WHERE oid = %s AND %s > 0", (rows, relation.oid, rows)
        )


def _extended(connection: Connection, before: CatalogState, after: CatalogState, told: Told) -> None:
    """Extended statistics that lost their contents get them back where no column changed its type."""
    empty = {(row[0], row[1]): row[2] for row in _rows(connection, "extended_without_data")}
    lost = [each for each in before.extended.objects if (each.schema, each.name) in empty]
    types = {(old.type, new.type) for place, old in before.columns.items() if (new := after.columns.get(place))}
    stable = all(old == new for old, new in types)
    kept = tuple(each if stable else replace(each, common=None, expressions=()) for each in lost)
    failed = set(write_extended_statistics(connection, ExtendedSource(kept, before.extended.labels)))
    back = {(each.schema, each.name) for each in kept if f"{each.schema}.{each.name}" not in failed}
    for (schema, name), table in empty.items():
        if (schema, name) not in back:
            told.warnings.append(
                f"What the statistics {schema}.{name} on {table} will tell is known only once ANALYZE has read the"
                " rows: plans are shown without them."
            )


def _write(connection: Connection, place: tuple[int, int, bool], found: Distribution) -> None:
    relation, number, inherited = place
    where = {"relation": relation, "number": number, "inherited": inherited}
    with Attempt(connection):
        row = connection.execute(_sql("types_of").encode(), where).fetchone()
        if row is not None:
            connection.execute(_sql("forget").encode(), where)
            insert_distribution(connection, where, found, row)


def mentions(text: str, name: str) -> bool:
    """Whether a statement has a name as a word."""
    pieces = text.replace('"', " ").replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ")
    words = pieces.replace("=", " ").split()
    return name in words or name.lower() in (word.lower() for word in words)


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(_sql(name).encode()).fetchall()


def _sql(name: str) -> str:
    return named("pgarchitect.twin", "migration.sql", name)
