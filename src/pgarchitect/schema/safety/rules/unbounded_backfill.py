"""All rows of a table changed at once."""

from collections.abc import Iterator

from pgarchitect.schema.safety.backfill import read_backfill
from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What locks every row until all are changed."""
    backfill = read_backfill(subject.statement)
    if backfill is None or backfill.bounded or backfill.inserts:
        return
    if any(mode.blocks_writes for _, mode in subject.locked_before()):
        return  # backfill-with-ddl says more
    happens = (
        f"Changes rows of {backfill.table.shown} without a limit in one transaction: each stays locked until the"
        " last is"
        " done, and the dead rows can be cleared away only then."
    )
    yield Found(backfill.table, happens, (backfill.batched,) if backfill.batched else ())


RULE = Rule(
    id="unbounded-backfill",
    title="rows without number are changed in one transaction",
    severity=Severity.WARNING,
    page="""An `UPDATE` or `DELETE` without bounds locks every row that it has changed until it ends, doubles the
table, holds back autovacuum in the whole database meanwhile, and lets replicas fall behind. In batches each
transaction is short. The rewrite picks rows that are not yet as they should be, so it can be stopped and run again.""",
    check=check,
    examples=(
        Example(
            "UPDATE orders SET code = upper(code) WHERE note IS NOT NULL;",
            takes=Taken(LockMode.ROW_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.ROW_EXCLUSIVE, scans=True),),
        ),
        Example(
            "DELETE FROM orders WHERE quantity = 0;",
            takes=Taken(LockMode.ROW_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.ROW_EXCLUSIVE, scans=True),),
        ),
    ),
    harmless=("UPDATE orders SET code = 'x' WHERE id IN (1, 2);", "DELETE FROM orders WHERE id BETWEEN 1 AND 9;"),
)
