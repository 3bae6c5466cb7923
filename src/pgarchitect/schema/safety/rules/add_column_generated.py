"""ADD COLUMN … GENERATED ALWAYS AS (…) STORED."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.rewriting import in_batches, kept_by_trigger, patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What computes a value for every row and writes the table anew."""
    for table, action in subject.actions():
        if not isinstance(action, AddColumn) or not action.column.generated or not action.column.stored:
            continue
        column = action.column
        happens = (
            f"Computes {column.name} for every row and writes {table.shown} anew, with all its indexes, under ACCESS"
            " EXCLUSIVE: nobody reads or writes that long."
        )
        name = quoted(column.name)
        plain = f"ALTER TABLE {table.sql} ADD COLUMN {name} {column.type.text}"
        if subject.version >= 18:
            virtual = f"{plain} GENERATED ALWAYS AS ({column.generated}) VIRTUAL"
            yield Found(table, happens, (patiently(virtual),))
            continue
        added = f"{patiently(plain)}\n{kept_by_trigger(table, column.name, f'({column.generated})')}"
        filled = in_batches(
            table, f"SET {name} = ({column.generated})", f"{name} IS DISTINCT FROM ({column.generated})"
        )
        yield Found(table, happens, (added, filled))


RULE = Rule(
    id="add-column-generated",
    title="a stored generated column is added, so the table is written anew",
    severity=Severity.ERROR,
    page="""A stored generated column is computed for every row: the table and all its indexes are written anew under
`ACCESS EXCLUSIVE`.

Since PostgreSQL 18 a virtual one (`VIRTUAL`, the default there) costs nothing to add: it is computed when it is read.
With `--dsn` on such a server the rewrite says so; it cannot be indexed. Everywhere else a plain column that a trigger
fills does the same, and old rows are filled in batches.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD COLUMN worth numeric GENERATED ALWAYS AS (total * quantity) STORED;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), Taken(LockMode.ROW_EXCLUSIVE, scans=True)),
        ),
    ),
    harmless=("ALTER TABLE orders ADD COLUMN worth numeric GENERATED ALWAYS AS (total * quantity) VIRTUAL;",),
)
