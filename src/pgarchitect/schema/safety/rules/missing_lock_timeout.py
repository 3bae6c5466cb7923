"""A strong lock without lock_timeout."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import sets_lock_timeout
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.rewriting import patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """The first statement of a script that may wait for ever, with everybody else behind it."""
    table = _strong(subject, subject.number)
    if table is None:
        return
    if any(_strong(subject, number) or sets_lock_timeout(subject.steps[number]) for number in range(subject.number)):
        return
    happens = (
        f"Waits for {table.shown} as long as the longest statement that uses it, and everybody else waits behind it:"
        " without lock_timeout there is no end to that."
    )
    yield Found(table, happens, (patiently(subject.statement.text),))


def _strong(subject: Subject, number: int) -> Name | None:
    return next((table for table, mode in subject.locked(number) if mode.blocks_writes), None)


RULE = Rule(
    id="missing-lock-timeout",
    title="a strong lock is awaited without an end",
    severity=Severity.HINT,
    page="""A lock that is waited for stops others as one that is held does: whoever comes later stands behind it in
the queue. With `SET lock_timeout = '2s'` a migration that does not get its lock gives up, nothing has happened, and
it is run again. It is told once for each file. A `lock_timeout` of the role or of the connection does the same; then
leave the rule out with `--ignore missing-lock-timeout`.""",
    check=check,
    examples=(Example("ALTER TABLE orders ADD COLUMN a int;"),),
    harmless=(
        "SET lock_timeout = '2s'; ALTER TABLE orders ADD COLUMN a int;",
        "SET LOCAL lock_timeout TO '5s'; DROP TABLE archive;",
    ),
)
