"""Rows are changed in the transaction that holds a strong lock."""

from collections.abc import Iterator

from pgarchitect.schema.safety.backfill import Backfill, read_backfill
from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.script import joined
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What makes a lock of an instant last as long as the change of all rows."""
    backfill = read_backfill(subject.statement)
    if backfill is None or backfill.bounded or subject.step.alone:
        return
    locked = next((table for table, mode in subject.locked_before() if mode.blocks_writes), None)
    if locked is None:
        return
    happens = (
        f"Changes rows of {backfill.table.shown} while the transaction keeps the lock that the definitions before"
        " it took"
        f" on {locked.shown}: it lasts as long as the change."
    )
    yield Found(backfill.table, happens, _apart(subject, backfill))


def _apart(subject: Subject, backfill: Backfill) -> tuple[str, ...]:
    """The definitions before, the rows in batches where that can be written, the definitions behind."""
    later = subject.steps[subject.number + 1 :]
    behind = joined(step for step in later if step.transaction == subject.step.transaction)
    rows = backfill.batched or f"{subject.statement.text};"
    return tuple(part for part in (joined(subject.before), rows, behind) if part)


RULE = Rule(
    id="backfill-with-ddl",
    title="rows are changed under the lock of a definition",
    severity=Severity.ERROR,
    page="""`ALTER TABLE … ADD COLUMN` takes `ACCESS EXCLUSIVE` for an instant, and keeps it until the transaction
ends. An `UPDATE` of all rows in the same `migration.sql` makes minutes of it. The definition and the rows belong into
two migrations, and the rows into batches: short transactions, few row locks, dead rows that autovacuum
keeps up with.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD COLUMN region text;\nUPDATE orders SET region = 'eu';",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), Taken(LockMode.ROW_EXCLUSIVE, scans=True)),
        ),
    ),
    harmless=(
        "ALTER TABLE orders ADD COLUMN region text; UPDATE orders SET region = 'eu' WHERE id = 1;",
        "CREATE TABLE fresh (id int); INSERT INTO fresh SELECT 1;",
    ),
)
