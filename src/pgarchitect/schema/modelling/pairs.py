"""Tables of implicit many-to-many relations: two columns A and B, and nothing else that could be said of them."""

from pgarchitect.schema.database_schema import DatabaseSchema, ForeignKey, Index, Table
from pgarchitect.schema.modelling.place import Place


def pair_tables(database: DatabaseSchema) -> tuple[Table, ...]:
    """The tables of pairs, by schema and name.

    Unlike Prisma's introspection we take no table for one that has a further column: nobody could tell of it.
    """
    ordered = sorted(database.tables, key=lambda each: (each.schema, each.name))
    return tuple(each for each in ordered if _is_pair(each))


def ends(table: Table) -> tuple[Place, Place]:
    """The tables that A and B of a table of pairs refer to."""
    keys = {each.columns[0]: each for each in table.foreign_keys}
    return _place(keys["A"]), _place(keys["B"])


def _is_pair(table: Table) -> bool:
    if not table.name.startswith("_") or sorted(each.name for each in table.columns) != ["A", "B"]:
        return False
    if sorted(each.columns for each in table.foreign_keys) != [("A",), ("B",)]:
        return False
    first, second = ends(table)
    of_b = any(not each.unique and _keys(each) == ["B"] for each in table.indexes)
    return first[1] <= second[1] and of_b and _is_unique(table)


def _is_unique(table: Table) -> bool:
    if table.primary_key is not None and table.primary_key.columns == ("A", "B"):
        return True
    return any(each.unique and not each.where and _keys(each) == ["A", "B"] for each in table.indexes)


def _keys(index: Index) -> list[str]:
    return [each.name for each in index.columns]


def _place(key: ForeignKey) -> Place:
    return key.schema, key.table
