"""Indexes and primary keys that are the same but for their names; these are unique in a schema, not in a table."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pgarchitect.schema.ddl.quoting import qualified, quote
from pgarchitect.schema.difference.alter_table import key_stays
from pgarchitect.schema.difference.indexes import IndexChanges
from pgarchitect.schema.difference.matching import Tables
from pgarchitect.schema.difference.rename_order import free_name, in_order
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Touched


def relation_renames(tables: Tables, indexes: Sequence[IndexChanges], touched: Touched, home: str) -> Iterator[Step]:
    """The renames of all tables, each in its turn."""
    renames: dict[str, dict[str, str]] = defaultdict(dict)
    keys: dict[tuple[str, str], str] = {}
    for each in indexes:
        renames[each.owner[0]] |= {old.name: new.name for old, new in each.indexes.renamed}
    for old, new in tables.pairs:
        ours, theirs = old.primary_key, new.primary_key
        if ours and theirs and ours.name != theirs.name and key_stays(old, new, touched):
            renames[new.schema][ours.name] = theirs.name
            keys[new.schema, ours.name] = qualified(new.schema, new.name, home)
    for schema, names in renames.items():
        for was, becomes in in_order(names, names.keys(), free_name):
            table = keys.pop((schema, was), None)
            if table is None:
                name = qualified(schema, was, home)
                yield Step(StepKind.RENAME_INDEX, (f"ALTER INDEX {name} RENAME TO {quote(becomes)};",), name)
            else:
                # It may be renamed twice.
                keys[schema, becomes] = table
                rename = f"ALTER TABLE {table} RENAME CONSTRAINT {quote(was)} TO {quote(becomes)};"
                yield Step(StepKind.RENAME_CONSTRAINT, (rename,), table)
