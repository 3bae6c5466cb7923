"""Names of relations and of their fields, by the rules of Prisma's own introspection.

A field is called as the model that it leads to. Where two relations join the same two models, or where a column of the
key has that name already, relation and fields are called after the columns of the key.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pgarchitect.schema.database_schema import ForeignKey, Table
from pgarchitect.schema.modelling.names import Names
from pgarchitect.schema.modelling.naming import valid
from pgarchitect.schema.modelling.pairs import ends
from pgarchitect.schema.modelling.place import Place


@dataclass(frozen=True, slots=True)
class RelationNames:
    """Names of a relation (None: it needs none), of the field that leads forward, and of the one that leads back."""

    relation: str | None
    forward: str
    back: str


Pair = frozenset[Place]
"""The two tables that a relation joins; one, of a relation of a table with itself."""


def ambiguous_pairs(
    keys: Collection[tuple[Table, ForeignKey]], pairs: Iterable[Table], names: Names
) -> frozenset[Pair]:
    """The pairs of tables whose relations need names of their own."""
    found: set[Pair] = set()
    seen: set[Pair] = set()
    for table, key in keys:
        pair = joined(table, key)
        here = (table.schema, table.name)
        if pair in seen or names.plain[key.schema, key.table] in names.fields_of(here, key.columns):
            found.add(pair)
        seen.add(pair)
    for each in pairs:
        pair = frozenset(ends(each))
        if pair in seen:
            found.add(pair)
        seen.add(pair)
    return frozenset(found)


def joined(table: Table, key: ForeignKey) -> Pair:
    """The tables that a foreign key joins."""
    return frozenset({(table.schema, table.name), (key.schema, key.table)})


def key_names(table: Table, key: ForeignKey, names: Names, *, ambiguous: bool) -> RelationNames:
    """Names for a foreign key."""
    here = (table.schema, table.name)
    model, other = names.plain[here], names.plain[key.schema, key.table]
    itself = here == (key.schema, key.table)
    prefix = "other_" if itself else ""
    if not ambiguous:
        return RelationNames(f"{model}To{other}" if itself else None, other, f"{prefix}{model}")
    relation = f"{model}_{'_'.join(names.fields_of(here, key.columns))}To{other}"
    return RelationNames(relation, f"{other}_{relation}", f"{prefix}{model}_{relation}")


def pair_names(table: Table, names: Names, *, ambiguous: bool) -> RelationNames:
    """Names for an implicit many-to-many relation: forward leads from A's table to B's."""
    places = ends(table)
    first, second = (names.plain[each] for each in places)
    itself = places[0] == places[1]
    forward, back = (f"{second}_A", f"{first}_B") if itself else (second, first)
    relation = table.name.removeprefix("_")
    if ambiguous:
        forward, back = valid(f"{second}{table.name}"), valid(f"{first}{table.name}")
        if itself:
            forward, back = f"{forward}_A", f"{back}_B"
    elif relation == "To".join(names.models[each] for each in places) and not itself:
        return RelationNames(None, forward, back)
    return RelationNames(relation, forward, back)
