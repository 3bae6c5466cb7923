"""SET NOT NULL on a column that is there."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AlterColumn
from pgarchitect.schema.safety.rewriting import made_not_null
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What reads the whole table under the strongest lock, unless a check has proven it before."""
    for table, action in subject.actions():
        if not isinstance(action, AlterColumn) or action.what != "SET NOT NULL":
            continue
        if subject.known.proven_not_null(table, action.column):
            continue
        happens = (
            f"Takes ACCESS EXCLUSIVE on {table.shown} while it reads every row to see that {action.column} is never"
            " null: nobody reads or writes that long."
        )
        yield Found(table, happens, made_not_null(table, action.column))


RULE = Rule(
    id="set-not-null",
    title="a column becomes NOT NULL while nobody may read the table",
    severity=Severity.ERROR,
    page="""`SET NOT NULL` reads the whole table under `ACCESS EXCLUSIVE`. When a validated `CHECK (column IS NOT
NULL)` is there already, the server believes it and reads nothing. The check is added `NOT VALID`, which reads nothing
either, and validated in a second migration under `SHARE UPDATE EXCLUSIVE`, while everybody works. In one and the same
transaction the two would keep the first lock through the second.

PostgreSQL 18 can do it in two steps: `ADD CONSTRAINT … NOT NULL column NOT VALID`, then `VALIDATE CONSTRAINT`. The
rule knows a check that an earlier migration or, with `--dsn`, the database has validated.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ALTER COLUMN code SET NOT NULL;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
    ),
    harmless=(
        "ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;",
        "CREATE TABLE fresh (id int); ALTER TABLE fresh ALTER COLUMN id SET NOT NULL;",
    ),
)
