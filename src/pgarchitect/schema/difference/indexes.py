"""Indexes and UNIQUE constraints of the tables that stay, and of those that come."""

from collections.abc import Iterator
from dataclasses import dataclass

from pgarchitect.schema.database_schema import Index, Table
from pgarchitect.schema.ddl.indexes import create_index, drop_index
from pgarchitect.schema.ddl.quoting import qualified, quote, quoted_list
from pgarchitect.schema.difference.equality import same_index
from pgarchitect.schema.difference.matching import Matched, Tables, match
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Name, Touched


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """What becomes of the indexes of one table, or of one materialised view.

    Attributes:
        owner: it.
        indexes: before and after.
        partitioned: PostgreSQL does nothing to its indexes with CONCURRENTLY.
    """

    owner: Name
    indexes: Matched[Index]
    partitioned: bool = False


def index_changes(tables: Tables, touched: Touched) -> tuple[IndexChanges, ...]:
    """Match the indexes of each table that stays."""
    return tuple(_of_table(old, new, touched) for old, new in tables.pairs)


def _of_table(old: Table, new: Table, touched: Touched) -> IndexChanges:
    owner = (old.schema, old.name)
    indexes = match(old.indexes, new.indexes, same_index, lambda each: _stays(each, owner, touched))
    return IndexChanges(owner, indexes, partitioned=bool(new.partition_key))


def index_steps(changes: IndexChanges, home: str, *, concurrently: bool) -> Iterator[Step]:
    """What is dropped and created of one owner's indexes."""
    concurrently = concurrently and not changes.partitioned
    for index in changes.indexes.dropped:
        yield drop_step(changes.owner, index, home, concurrently=concurrently)
    for index in changes.indexes.added:
        yield create_step(changes.owner, index, home, concurrently=concurrently, filled=True)


def create_step(owner: Name, index: Index, home: str, *, concurrently: bool = False, filled: bool = False) -> Step:
    """The step that creates an index; ``filled``: the table may have rows already."""
    sql = create_index(*owner, index, home)
    apart = concurrently and filled and not index.constraint
    if apart:
        sql = sql.replace("INDEX ", "INDEX CONCURRENTLY ", 1)
    kind = StepKind.ADD_CONSTRAINT if index.constraint else StepKind.CREATE_INDEX
    name = qualified(*owner, home)
    warnings = (_duplicates(index, name),) if index.unique and filled else ()
    return Step(kind, (sql,), name, warnings=warnings, transactional=not apart)


def drop_step(owner: Name, index: Index, home: str, *, concurrently: bool = False) -> Step:
    """The step that drops an index or a UNIQUE constraint."""
    name = qualified(*owner, home)
    if index.constraint:
        return Step(StepKind.DROP_CONSTRAINT, (f"ALTER TABLE {name} DROP CONSTRAINT {quote(index.name)};",), name)
    sql = drop_index(owner[0], index, home)
    if concurrently:
        sql = sql.replace("INDEX ", "INDEX CONCURRENTLY ", 1)
    return Step(StepKind.DROP_INDEX, (sql,), name, transactional=not concurrently)


def _stays(index: Index, owner: Name, touched: Touched) -> bool:
    gone = touched.gone.get(owner, frozenset())
    if gone & {*(each.name for each in index.columns), *index.included}:
        return False
    expressions = (index.where, *(each.expression for each in index.columns))
    return not any(touched.disturbs(owner, each) for each in expressions)


def _duplicates(index: Index, table: str) -> str:
    columns = quoted_list(each.name for each in index.columns if each.name)
    keys = columns or "expressions"
    return f"{quote(index.name)} on {table} ({keys}) will be unique: duplicates among its rows make it fail."
