"""DROP INDEX without CONCURRENTLY."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What waits for every reader of the table, with everybody else behind it."""
    drop = subject.form
    if not isinstance(drop, DropObjects) or drop.kind != "INDEX" or drop.concurrently:
        return
    for index in drop.names:
        table = subject.known.table_of(index)
        whose = table.shown if table else f"the table of {index.shown}"
        happens = (
            f"Takes ACCESS EXCLUSIVE on {whose}: it waits for every statement that uses the table, and all new ones,"
            " reads too, wait behind it."
        )
        yield Found(table, happens, (f"DROP INDEX CONCURRENTLY IF EXISTS {index.sql};",))


RULE = Rule(
    id="drop-index-not-concurrent",
    title="an index is dropped under a lock that stops reads",
    severity=Severity.ERROR,
    page="""The drop itself is quick. Its lock is not: `ACCESS EXCLUSIVE` on the table waits until the last statement
that reads the table has ended, and whatever comes later queues behind it. One long report is enough to stop the
application. `CONCURRENTLY` waits for the same statements without standing in anybody's way.

The index of a constraint cannot be dropped concurrently, only with the constraint: see
[drop-constraint](drop-constraint.md).""",
    check=check,
    examples=(
        Example(
            "DROP INDEX orders_code;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE),),
        ),
    ),
    harmless=("DROP INDEX CONCURRENTLY IF EXISTS orders_code;",),
)
