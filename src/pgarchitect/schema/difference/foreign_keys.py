"""Foreign keys: those that go, change or come, and those that have to step aside while what they stand on changes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from pgarchitect.schema.database_schema import ForeignKey, Table
from pgarchitect.schema.ddl.foreign_keys import add_foreign_key, drop_foreign_key
from pgarchitect.schema.ddl.quoting import qualified, quote
from pgarchitect.schema.difference.constraints import renamed_constraints
from pgarchitect.schema.difference.equality import same_foreign_key
from pgarchitect.schema.difference.matching import Tables, match
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Name, Touched

Keys = Mapping[Name, Collection[frozenset[str]]]
"""Table → sets of columns."""


def foreign_key_steps(tables: Tables, touched: Touched, redone: Keys, home: str) -> Iterator[Step]:
    """The steps of all foreign keys.

    Args:
        tables: matched.
        touched: what else is touched.
        redone: primary keys and unique indexes that are dropped, be it to come back.
        home: schema that is left out of names.
    """
    for table in tables.dropped:
        yield from (_drop(table, each, home) for each in table.foreign_keys)
    for old, new in tables.pairs:
        yield from _table_steps(old, new, touched, redone, home)
    for table in tables.created:
        yield from (_add(table, each, home) for each in table.foreign_keys)


def _table_steps(old: Table, new: Table, touched: Touched, redone: Keys, home: str) -> Iterator[Step]:
    matched = match(
        old.foreign_keys,
        new.foreign_keys,
        _alterable,
        lambda each: _stays(each, (old.schema, old.name), touched, redone),
    )
    name = qualified(new.schema, new.name, home)
    yield from (_drop(old, each, home) for each in matched.dropped)
    yield from renamed_constraints(StepKind.RENAME_FOREIGN_KEY, name, matched.renamed)
    for ours, theirs in (*matched.kept, *matched.renamed):
        statements = tuple(_alterations(name, ours, theirs))
        if statements:
            yield Step(StepKind.ALTER_FOREIGN_KEY, statements, name)
    yield from (_add(new, each, home) for each in matched.added)


def _alterable(ours: ForeignKey, theirs: ForeignKey) -> bool:
    """Whether one can become the other without being checked anew."""
    if ours == theirs:
        return True
    plain = (replace(each, deferrable=False, initially_deferred=False) for each in (ours, theirs))
    return same_foreign_key(*plain) and (theirs.validated or not ours.validated)


def _alterations(table: str, ours: ForeignKey, theirs: ForeignKey) -> Iterator[str]:
    if (ours.deferrable, ours.initially_deferred) != (theirs.deferrable, theirs.initially_deferred):
        when = "DEFERRABLE" if theirs.deferrable else "NOT DEFERRABLE"
        deferred = " INITIALLY DEFERRED" if theirs.deferrable and theirs.initially_deferred else ""
        yield f"ALTER TABLE {table} ALTER CONSTRAINT {quote(theirs.name)} {when}{deferred};"
    if theirs.validated and not ours.validated:
        yield f"ALTER TABLE {table} VALIDATE CONSTRAINT {quote(theirs.name)};"


def _stays(key: ForeignKey, owner: Name, touched: Touched, redone: Keys) -> bool:
    to = (key.schema, key.table)
    return not (
        to in touched.dropped
        or touched.columns(owner) & set(key.columns)
        or touched.columns(to) & set(key.references)
        or frozenset(key.references) in redone.get(to, ())
    )


def _drop(table: Table, key: ForeignKey, home: str) -> Step:
    name = qualified(table.schema, table.name, home)
    return Step(StepKind.DROP_FOREIGN_KEY, (drop_foreign_key(table.schema, table.name, key, home),), name)


def _add(table: Table, key: ForeignKey, home: str) -> Step:
    name = qualified(table.schema, table.name, home)
    return Step(StepKind.ADD_FOREIGN_KEY, (add_foreign_key(table.schema, table.name, key, home),), name)
