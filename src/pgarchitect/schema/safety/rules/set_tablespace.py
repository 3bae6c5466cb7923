"""SET TABLESPACE."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What ALTER TABLE says with these words."""
    for table, action in subject.actions():
        if isinstance(action, OtherAction) and action.words.startswith("SET TABLESPACE"):
            happens = f"Copies every file of {table.shown} under ACCESS EXCLUSIVE: nobody reads or writes that long."
            yield Found(table, happens)


RULE = Rule(
    id="set-tablespace",
    title="a table moves to another tablespace, so its files are copied",
    severity=Severity.ERROR,
    page="""`SET TABLESPACE` copies the table block by block under `ACCESS EXCLUSIVE`; its indexes stay where they
are. An index can move without stopping anybody: `REINDEX (CONCURRENTLY, TABLESPACE name) INDEX …` (PostgreSQL 14).
For a table there is only a second table in the other tablespace, or a window in which the application may stand
still.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE archive SET TABLESPACE elsewhere;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, rewrites=True),
            since=15,
        ),
    ),
    harmless=(),
)
