"""ALTER TABLE of one table: columns that go, come and change, its primary key, row-level security."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import Column, Sequence, Table
from pgarchitect.schema.ddl.columns import column_definition, is_serial
from pgarchitect.schema.ddl.quoting import qualified, quote
from pgarchitect.schema.ddl.sequences import create_sequence, own_sequence
from pgarchitect.schema.ddl.tables import enable_row_security, primary_key_clause
from pgarchitect.schema.difference.column_changes import TableAlteration, alter_column
from pgarchitect.schema.difference.equality import same_key
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Touched


def alter_table_steps(old: Table, new: Table, inherited: frozenset[str], touched: Touched, home: str) -> Iterator[Step]:
    """The steps of one table that stays.

    Args:
        old: the table as it is.
        new: as it is to be.
        inherited: columns that it has from its parent, where they are altered.
        touched: what is touched.
        home: schema that is left out of names.
    """
    name = qualified(new.schema, new.name, home)
    early = _recast(old, touched)
    if early:
        drops = ", ".join(f"DROP COLUMN {quote(each)}" for each in early)
        yield Step(StepKind.DROP_GENERATED_COLUMN, (f"ALTER TABLE {name} {drops};",), name)
    work = _altered(old, new, inherited, touched, home)
    if old.unlogged is not new.unlogged:
        work.last.append(f"ALTER TABLE {name} SET {'UNLOGGED' if new.unlogged else 'LOGGED'};")
    if work.clauses:
        work.first.append(f"ALTER TABLE {name} " + ",\n".join(work.clauses) + ";")
    statements = (*work.first, *work.last, *_row_security(old, new, name, home))
    if statements:
        yield Step(StepKind.ALTER_TABLE, statements, name, "; ".join(work.loses), tuple(work.warnings))


def key_stays(old: Table, new: Table, touched: Touched) -> bool:
    """Whether the primary key stays as it is, but perhaps for its name."""
    if old.primary_key is None or new.primary_key is None:
        return old.primary_key is new.primary_key
    gone = touched.gone.get((old.schema, old.name), frozenset())
    return same_key(old.primary_key, new.primary_key) and not gone & set(old.primary_key.columns)


def _altered(old: Table, new: Table, inherited: frozenset[str], touched: Touched, home: str) -> TableAlteration:
    work = TableAlteration()
    changed = not key_stays(old, new, touched)
    if changed and old.primary_key:
        work.clauses.append(f"DROP CONSTRAINT {quote(old.primary_key.name)}")
    if not (old.partition_bound and new.partition_bound):
        _columns(old, new, inherited, touched, home, work)
    if changed and new.primary_key:
        work.clauses.append(f"ADD {primary_key_clause(new.primary_key, ', ')}")
    return work


def _columns(  # noqa: PLR0917
    old: Table, new: Table, inherited: frozenset[str], touched: Touched, home: str, work: TableAlteration
) -> None:
    name = qualified(new.schema, new.name, home)
    gone = touched.gone.get((old.schema, old.name), frozenset())
    there = {each.name: each for each in old.columns if each.name not in gone}
    # What is generated goes before what it reads.
    for column in sorted(old.columns, key=lambda each: not each.generated):
        if column.name in gone - inherited - frozenset(_recast(old, touched)):
            _drop(column, new.column(column.name), name, work)
    ours = [each for each in new.columns if each.name not in inherited]
    fresh = [each for each in ours if each.name not in there]
    for column in (each for each in fresh if not each.generated):
        _add(new, column, home, work)
    for column in (each for each in ours if each.name in there):
        alter_column(old, there[column.name], column, home, work)
    # A generated column reads the others as they are then.
    generated = ",\n".join(f"ADD COLUMN     {column_definition(each, home)}" for each in fresh if each.generated)
    if generated:
        work.last.append(f"ALTER TABLE {name} {generated};")


def _recast(old: Table, touched: Touched) -> tuple[str, ...]:
    """Generated columns that would be in the way of an enum that is rebuilt."""
    gone = touched.gone.get((old.schema, old.name), frozenset())
    return tuple(each.name for each in old.columns if touched.rebuilt and each.generated and each.name in gone)


def _drop(column: Column, new: Column | None, table: str, work: TableAlteration) -> None:
    name = quote(column.name)
    work.clauses.append(f"DROP COLUMN {name}")
    if column.generated and new is not None and new.generated:
        return
    work.loses.append(f"column {name} of {table}")
    again = "" if new is None else " and added again"
    work.warnings.append(f"The column {name} of {table} is dropped{again}: all that it holds is lost.")


def _add(owner: Table, column: Column, home: str, work: TableAlteration) -> None:
    table = qualified(owner.schema, owner.name, home)
    if column.default and column.default.sequence and not is_serial(column):
        sequence = Sequence(owner.schema, column.default.sequence)
        work.first.append(create_sequence(sequence, home))
        work.last.append(own_sequence(sequence, owner, column, home))
    work.clauses.append(f"ADD COLUMN     {column_definition(column, home)}")
    filled = column.default is not None or column.identity is not None or is_serial(column)
    if not column.nullable and not filled:
        work.warnings.append(
            f"The column {quote(column.name)} is added to {table}, required and without a default:"
            " it fails if the table has rows."
        )


def _row_security(old: Table, new: Table, name: str, home: str) -> Iterator[str]:
    if new.row_security and not old.row_security:
        yield enable_row_security(new, home)
    elif old.row_security and not new.row_security:
        yield f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;"
