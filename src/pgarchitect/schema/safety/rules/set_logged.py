"""SET LOGGED and SET UNLOGGED."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What ALTER TABLE says with these words."""
    for table, action in subject.actions():
        if isinstance(action, OtherAction) and action.words.startswith(("SET LOGGED", "SET UNLOGGED")):
            happens = (
                f"Writes {table.shown} anew, with all its indexes, under ACCESS EXCLUSIVE, and its whole contents"
                " to the log:"
                " nobody reads or writes that long."
            )
            yield Found(table, happens)


RULE = Rule(
    id="set-logged",
    title="a table becomes logged or unlogged, so it is written anew",
    severity=Severity.ERROR,
    page="""`SET LOGGED` and `SET UNLOGGED` write the table and its indexes anew under `ACCESS EXCLUSIVE`. There is
no statement that does it otherwise: create a second table of the other kind, fill it in batches while a trigger keeps
the two alike, and exchange their names in one short transaction.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE archive SET UNLOGGED;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
        ),
    ),
    harmless=(),
)
