"""ADD COLUMN NOT NULL without a default."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.reading.types import SERIAL
from pgarchitect.schema.safety.rewriting import made_not_null, patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What fails as soon as the table has a row."""
    for table, action in subject.actions():
        if not isinstance(action, AddColumn):
            continue
        column = action.column
        filled = column.default or column.identity or column.generated or column.type.name in SERIAL
        if not column.not_null or (filled and column.default.upper() != "NULL"):
            continue
        happens = (
            f"Fails as soon as {table.shown} has a row (SQLSTATE 23502); and an application that does not know"
            f" {column.name} yet could insert no more."
        )
        name = quoted(column.name)
        fill = (
            f"-- Release the application that writes {column.name}, then fill the old rows, some at a time:\n"
            f"-- UPDATE {table.sql} SET {name} = … WHERE ctid = ANY (ARRAY(\n"
            f"--     SELECT ctid FROM {table.sql} WHERE {name} IS NULL LIMIT 10000 FOR UPDATE SKIP LOCKED));"
        )
        added = patiently(f"ALTER TABLE {table.sql} ADD COLUMN {name} {column.type.text}")
        yield Found(table, happens, (added, fill, *made_not_null(table, column.name)))


RULE = Rule(
    id="add-column-not-null",
    title="a column that no row can have yet is demanded of every row",
    severity=Severity.ERROR,
    page="""Rows that are there get null in the new column, and `NOT NULL` forbids it: the statement fails. It passes
on an empty table only, which is why it passes in development. Either give a default that is the same for all rows
(`DEFAULT false`), which the catalog keeps without touching a row; or add the column without `NOT NULL`, let the
application write it, fill the old rows, and forbid null at the end.""",
    check=check,
    examples=(
        Example("ALTER TABLE orders ADD COLUMN region text NOT NULL;", fails="23502"),
        Example(
            "ALTER TABLE drafts ADD COLUMN region text NOT NULL;",
            table="drafts",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                None,
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
    ),
    harmless=(
        "ALTER TABLE orders ADD COLUMN region text NOT NULL DEFAULT 'eu';",
        "ALTER TABLE orders ADD COLUMN region text;",
    ),
    by_size=False,
)
