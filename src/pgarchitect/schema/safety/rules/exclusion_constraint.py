"""An exclusion constraint."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddConstraint
from pgarchitect.schema.safety.reading.constraints import ConstraintKind
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What builds an index under the strongest lock, and has no other way."""
    for table, action in subject.actions():
        if isinstance(action, AddConstraint) and action.constraint.kind is ConstraintKind.EXCLUDE:
            happens = (
                f"Reads {table.shown} and builds the constraint's index under ACCESS EXCLUSIVE: nobody reads or"
                " writes that"
                " long. PostgreSQL has no other way to add it to a table that is there."
            )
            yield Found(table, happens)


RULE = Rule(
    id="exclusion-constraint",
    title="an exclusion constraint builds its index while nobody may read the table",
    severity=Severity.ERROR,
    page="""An exclusion constraint knows neither `NOT VALID` nor `USING INDEX`: its index is built under `ACCESS
EXCLUSIVE`, and there is no statement that avoids it. What is left: add it while the table is small; add it in a
window in which the application may stand still, with a `lock_timeout`; or create a new table with the constraint,
fill it in batches beside the old one, and exchange the two.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD CONSTRAINT orders_no_overlap EXCLUDE USING gist (slot WITH &&);",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
        ),
    ),
    harmless=("CREATE TABLE fresh (slot int4range, EXCLUDE USING gist (slot WITH &&));",),
)
