"""SET ACCESS METHOD."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What ALTER TABLE says with these words."""
    for table, action in subject.actions():
        if isinstance(action, OtherAction) and action.words.startswith("SET ACCESS METHOD"):
            happens = (
                f"Writes {table.shown} anew, with all its indexes, under ACCESS EXCLUSIVE: nobody reads or writes"
                " that long."
            )
            yield Found(table, happens)


RULE = Rule(
    id="set-access-method",
    title="a table moves to another access method, so it is written anew",
    severity=Severity.ERROR,
    page="""`SET ACCESS METHOD` (PostgreSQL 15) writes the table and its indexes anew under `ACCESS EXCLUSIVE`. The
way around is a second table, filled in batches while a trigger keeps the two alike; then their names are exchanged in
one short transaction.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE archive SET ACCESS METHOD heap2;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            since=15,
        ),
    ),
    harmless=(),
)
