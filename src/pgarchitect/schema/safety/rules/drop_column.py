"""DROP COLUMN."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import Drop
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.rewriting import PATIENCE
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What a running application may still use."""
    for table, action in subject.actions():
        if not isinstance(action, Drop) or action.kind != "COLUMN":
            continue
        happens = (
            f"Every statement of the running application that names {action.name} fails from then on, those that Prisma"
            f" writes for {table.shown} included, since they name every column; what is in it is gone. ACCESS EXCLUSIVE"
            " for an instant."
        )
        column = quoted(action.name)
        freed = (
            "-- Release the application without it; until then rows may come with it or without it:\n"
            f"{PATIENCE}\nALTER TABLE {table.sql} ALTER COLUMN {column} DROP NOT NULL;"
        )
        dropped = (
            f"{PATIENCE}\n-- pgarchitect: ignore drop-column (nothing uses it any more)\n"
            f"ALTER TABLE {table.sql} DROP COLUMN {column};"
        )
        yield Found(table, happens, (freed, dropped))


RULE = Rule(
    id="drop-column",
    title="a column is dropped that the running application may use",
    severity=Severity.ERROR,
    page="""The drop takes an instant: the column stays in the rows and is only hidden. But the version of the
application that still runs names it in every `SELECT` and `INSERT`. So it takes two deployments: a version that no
longer knows the column (with `DROP NOT NULL`, so that it can insert without it), then the drop, with a comment that
says so.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders DROP COLUMN note;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), Taken(LockMode.ACCESS_EXCLUSIVE)),
        ),
    ),
    harmless=("ALTER TABLE orders ALTER COLUMN note DROP DEFAULT;",),
    by_size=False,
)
