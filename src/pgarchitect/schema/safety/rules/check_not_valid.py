"""A CHECK without NOT VALID."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn, AddConstraint
from pgarchitect.schema.safety.reading.constraints import Constraint, ConstraintKind
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What reads the whole table under the strongest lock."""
    for table, action in subject.actions():
        if isinstance(action, AddConstraint):
            constraints: tuple[Constraint, ...] = (action.constraint,)
        elif isinstance(action, AddColumn):
            constraints = action.column.constraints
        else:
            continue
        column = action.column.name if isinstance(action, AddColumn) else ""
        for constraint in constraints:
            if constraint.kind in {ConstraintKind.CHECK, ConstraintKind.NOT_NULL} and constraint.valid:
                yield _found(table, constraint, column)


def _found(table: Name, constraint: Constraint, column: str) -> Found:
    happens = (
        f"Reads every row of {table.shown} under ACCESS EXCLUSIVE to see that it meets the constraint: nobody reads or"
        " writes that long."
    )
    parts = (column,) if column else constraint.columns
    suffix = "check" if constraint.kind is ConstraintKind.CHECK else "not_null"
    name = quoted(constraint.name or shortened(table.name, *parts, suffix))
    steps = (
        f"ALTER TABLE {table.sql} ADD CONSTRAINT {name} {constraint.body} NOT VALID;",
        f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {name};",
    )
    first = f"-- First the column alone, without its check.\n{steps[0]}" if column else steps[0]
    return Found(table, happens, (first, steps[1]))


RULE = Rule(
    id="check-not-valid",
    title="a check is made of every row while nobody may read the table",
    severity=Severity.ERROR,
    page="""Adding a check reads the whole table under `ACCESS EXCLUSIVE`. `NOT VALID` demands it of new rows only,
which takes an instant; `VALIDATE CONSTRAINT`, in a migration of its own, reads the old rows under `SHARE UPDATE
EXCLUSIVE`, while everybody works. The same holds for the named `NOT NULL` of PostgreSQL 18, and for a check that
comes with a new column: even when the column is null everywhere, every row is read.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0);",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True)),
        ),
        Example(
            "ALTER TABLE orders ADD CONSTRAINT orders_code_there NOT NULL code;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True)),
            since=18,
        ),
        Example(
            "ALTER TABLE orders ADD COLUMN rank int CHECK (rank > 0);",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
        ),
    ),
    harmless=("ALTER TABLE orders ADD CONSTRAINT c CHECK (total >= 0) NOT VALID;",),
)
