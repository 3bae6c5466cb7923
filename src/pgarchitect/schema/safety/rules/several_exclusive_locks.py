"""Several tables under ACCESS EXCLUSIVE in one transaction."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode, locks_of
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.script import Step
from pgarchitect.schema.safety.rewriting import patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What waits for a second table while it holds the first."""
    here = [table for table, mode in subject.locked(subject.number) if mode is LockMode.ACCESS_EXCLUSIVE]
    if not here:
        return
    held = [table for table, mode in subject.locked_before() if mode is LockMode.ACCESS_EXCLUSIVE]
    keys = {table.key for table in held}
    new = [table for table in here if table.key not in keys]
    if not held or not new or len(keys) > 1:  # told once a transaction
        return
    happens = (
        f"Waits for {new[0].shown} while it keeps {held[0].shown} locked: nobody reads either until the"
        " transaction ends,"
        " and an application that takes them in the other order ends in a deadlock."
    )
    yield Found(new[0], happens, _apart(subject))


def _exclusive(step: Step, subject: Subject) -> list[Name]:
    return [table for table, mode in locks_of(step, subject.known) if mode is LockMode.ACCESS_EXCLUSIVE]


def _apart(subject: Subject) -> tuple[str, ...]:
    """One migration for each table, in the order of the script."""
    parts: dict[tuple[str, str], list[str]] = {}
    for step in subject.steps:
        if step.transaction == subject.step.transaction and not step.control and not step.inner:
            tables = _exclusive(step, subject)
            key = tables[0].key if tables else next(reversed(parts), ("", ""))
            parts.setdefault(key, []).append(step.statement.text)
    return tuple(patiently(*texts) for texts in parts.values())


RULE = Rule(
    id="several-exclusive-locks",
    title="one transaction stops reads of several tables",
    severity=Severity.WARNING,
    page="""Locks are held until a transaction ends, and a `migration.sql` is one transaction. The second `ALTER
TABLE` may wait for a long query while the first table stays locked: an instant becomes minutes. And where the
application locks the two tables in the other order, one of the two ends in a deadlock. One migration for each table,
each with a `lock_timeout`, holds one lock at a time.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE customers ADD COLUMN b int;",
            table="customers",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.NONE), Taken(LockMode.ACCESS_EXCLUSIVE)),
        ),
    ),
    harmless=(
        "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;",
        "BEGIN; ALTER TABLE orders ADD COLUMN a int; COMMIT; BEGIN; ALTER TABLE customers ADD COLUMN b int; COMMIT;",
    ),
    by_size=False,
)
