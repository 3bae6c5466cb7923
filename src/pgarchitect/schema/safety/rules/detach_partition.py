"""DETACH PARTITION without CONCURRENTLY."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What ALTER TABLE says with these words."""
    for table, action in subject.actions():
        if (
            isinstance(action, OtherAction)
            and action.words.startswith("DETACH PARTITION")
            and "CONCURRENTLY" not in action.text.upper()
        ):
            happens = (
                f"Takes ACCESS EXCLUSIVE on {table.shown}: it waits for every statement that uses any partition,"
                " and everybody"
                " else waits behind it."
            )
            yield Found(table, happens, (f"ALTER TABLE {table.sql} {action.text.rstrip()} CONCURRENTLY;",))


RULE = Rule(
    id="detach-partition",
    title="a partition is detached under a lock on all partitions",
    severity=Severity.ERROR,
    page="""`DETACH PARTITION` takes `ACCESS EXCLUSIVE` on the parent, and so stops everybody who uses any partition
while it waits. `CONCURRENTLY` (PostgreSQL 14) takes `SHARE UPDATE EXCLUSIVE` and waits without standing in the way.
It cannot run in a transaction, and not where the parent has a default partition. When it is interrupted, `DETACH
PARTITION … FINALIZE` ends it.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE readings DETACH PARTITION readings_2025;",
            table="readings",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE),),
        ),
    ),
    harmless=("ALTER TABLE readings DETACH PARTITION readings_2025 CONCURRENTLY;",),
    by_size=False,
)
