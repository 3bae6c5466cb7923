"""A new value of an enum, used in the transaction that adds it."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.script import Step, joined
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What the server refuses because the value is not committed yet."""
    strings = Reader(subject.statement).strings()
    if not strings or subject.statement.begins("ALTER", "TYPE"):
        return
    for step in subject.before:
        value = _added(step) if step.statement.begins("ALTER", "TYPE") else ""
        if value and value in strings:
            happens = (
                f"'{value}' is added in the same transaction, and the server does not let it be used before that"
                " one has"
                " ended (SQLSTATE 55P04)."
            )
            before = joined(subject.before)
            yield Found(None, happens, (before, f"{subject.statement.text};"))
            return


def _added(step: Step) -> str:
    reader = Reader(step.statement)
    if not reader.take("ALTER", "TYPE"):
        return ""
    reader.name()
    if not reader.take("ADD", "VALUE"):
        return ""
    return next(iter(reader.strings()), "")


RULE = Rule(
    id="enum-value-used",
    title="a new value of an enum is used in the transaction that adds it",
    severity=Severity.ERROR,
    page="""A value that `ALTER TYPE … ADD VALUE` has added can be used when the transaction has ended, not before:
not as a default, not in an `UPDATE`, not in a check. A `migration.sql` is one transaction, so it takes two
migrations. Only where the type itself was created in the same transaction does the server allow it. `pgarchitect
migrate deploy` ends the transaction behind the new value by itself; `prisma migrate deploy` does not, and fails.""",
    check=check,
    examples=(
        Example(
            "ALTER TYPE order_status ADD VALUE 'lost';\nUPDATE orders SET status = 'lost' WHERE id = 7;", fails="55P04"
        ),
        Example(
            "ALTER TYPE order_status ADD VALUE 'lost';\nALTER TABLE orders ALTER COLUMN status SET DEFAULT 'lost';",
            fails="55P04",
        ),
    ),
    harmless=("ALTER TYPE order_status ADD VALUE 'lost'; UPDATE orders SET status = 'paid' WHERE id = 7;",),
    by_size=False,
    on_new=True,
)
