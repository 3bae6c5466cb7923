"""RENAME COLUMN."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import Rename
from pgarchitect.schema.safety.reading.names import Name, quoted
from pgarchitect.schema.safety.rewriting import in_batches, kept_alike, no_longer_alike, patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What the running application knows by its old name."""
    for table, action in subject.actions():
        if not isinstance(action, Rename) or action.kind != "COLUMN":
            continue
        happens = (
            f"Every statement of the running application that names {action.old} fails from then on, and those of the"
            f" new version that name {action.new} fail until then. ACCESS EXCLUSIVE for an instant. In schema.prisma a"
            f' field of another name costs nothing: @map("{action.old}").'
        )
        known = subject.known.column(table, action.old)
        yield Found(table, happens, _rewrite(table, action, known.type.text) if known else ())


def _rewrite(table: Name, action: Rename, kind: str) -> tuple[str, ...]:
    old, new = quoted(action.old), quoted(action.new)
    added = patiently(f"ALTER TABLE {table.sql} ADD COLUMN {new} {kind}")
    filled = in_batches(table, f"SET {new} = {old}", f"{new} IS DISTINCT FROM {old}")
    dropped = (
        f"-- When every running version uses {action.new}:\n{patiently(no_longer_alike(table, action.new))}\n"
        f"-- pgarchitect: ignore drop-column (nothing uses it any more)\nALTER TABLE {table.sql} DROP COLUMN {old};"
    )
    return (f"{added}\n{kept_alike(table, action.old, action.new)}", filled, dropped)


RULE = Rule(
    id="rename-column",
    title="a column is renamed under the running application",
    severity=Severity.ERROR,
    page="""There is no moment in which both versions of an application find the column by the name that they know.
In a Prisma schema the way out needs no SQL: the field gets its new name and `@map("old_name")`, and the database
keeps the column. Where the database must change, both columns live side by side for a while, and a trigger keeps them
alike whichever is written; the rewrite is written out where the column's type is known, from an earlier migration or
with `--dsn`.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders RENAME COLUMN note TO remark;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.ROW_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
    ),
    harmless=("ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO orders_key;",),
    by_size=False,
)
