"""Tables whose foreign keys lead back to them: TypeScript cannot infer the types of those without a word of help."""

from collections.abc import Mapping

from pgarchitect.schema.database_schema import DatabaseSchema

Place = tuple[str, str]
"""Namespace and name of a table."""


def in_cycles(database: DatabaseSchema) -> frozenset[Place]:
    """The tables that refer to themselves by way of others."""
    references = {
        (each.schema, each.name): {(key.schema, key.table) for key in each.foreign_keys} - {(each.schema, each.name)}
        for each in database.tables
    }
    return frozenset(each for each in references if each in _reached(each, references))


def _reached(start: Place, references: Mapping[Place, set[Place]]) -> set[Place]:
    reached: set[Place] = set()
    left = [start]
    while left:
        for each in references.get(left.pop(), set()) - reached:
            reached.add(each)
            left.append(each)
    return reached
