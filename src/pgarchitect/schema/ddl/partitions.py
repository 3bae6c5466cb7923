"""What a partition has of its own: its parent's keys and constraints come with it when it is created."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import Constraint, DatabaseSchema, ForeignKey, Table
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.ddl.tables import constraint_clause, primary_key_clause


def add_own_constraints(table: Table, database: DatabaseSchema, home: str = "public") -> Iterator[str]:
    """ADD CONSTRAINT for a partition's primary key, checks and exclusions that its parent does not have."""
    parent = _parent(table, database)
    if parent is None:
        return
    alter = f"ALTER TABLE {qualified(table.schema, table.name, home)} ADD"
    if table.primary_key and not parent.primary_key:
        yield f"{alter} {primary_key_clause(table.primary_key, ', ')};"
    for constraint in own_constraints(table, parent):
        yield f"{alter} {constraint_clause(constraint)};"


def own_constraints(table: Table, parent: Table) -> Iterator[Constraint]:
    """Checks and exclusions of a table that it does not have from its parent."""
    known = {each.name for each in parent.constraints}
    # An exclusion constraint has a name of its own in each partition.
    inherited = {each.definition for each in parent.constraints}
    for constraint in table.constraints:
        if constraint.name not in known and constraint.definition not in inherited:
            yield constraint


def own_foreign_keys(table: Table, database: DatabaseSchema) -> Iterator[ForeignKey]:
    """The foreign keys that a table does not have from the table that it is a partition of."""
    parent = _parent(table, database)
    inherited = {_reference(each) for each in parent.foreign_keys} if parent else set()
    for key in table.foreign_keys:
        if _reference(key) not in inherited:
            yield key


def _parent(table: Table, database: DatabaseSchema) -> Table | None:
    return database.table(*table.partition_of) if table.partition_bound and table.partition_of else None


def _reference(key: ForeignKey) -> tuple[object, ...]:
    return key.columns, key.schema, key.table, key.references
