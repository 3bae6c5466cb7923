"""What no transaction can hold, in a transaction."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.script import joined
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """A statement that the server refuses there."""
    step = subject.step
    if not step.alone:
        return
    others = [each for each in subject.steps if each is not step and not each.control]
    words = " ".join(token.word or token.text for token in step.statement.tokens[:3])
    if step.explicit:
        yield Found(None, f"The server refuses {words} … between BEGIN and COMMIT (SQLSTATE 25001).", _apart(subject))
    elif others:
        happens = (
            f"{words} … shares its file with other statements. `prisma migrate deploy` sends a file in one piece, which"
            " makes it one transaction, and the server refuses this one there (SQLSTATE 25001); `pgarchitect migrate"
            " deploy` runs such a file statement by statement, and a failure leaves the first ones done."
        )
        yield Found(None, happens, _apart(subject), Severity.WARNING)


def _apart(subject: Subject) -> tuple[str, ...]:
    """The same statements: those before it, itself, those behind it."""
    here = subject.number
    parts = (joined(subject.steps[:here]), f"{subject.statement.text};", joined(subject.steps[here + 1 :]))
    return tuple(part for part in parts if part)


RULE = Rule(
    id="concurrently-in-transaction",
    title="a statement that no transaction can hold shares one with others",
    severity=Severity.ERROR,
    page="""`CREATE INDEX CONCURRENTLY`, `DROP INDEX CONCURRENTLY`, `REINDEX … CONCURRENTLY`, `DETACH PARTITION …
CONCURRENTLY`, `VACUUM`, `CREATE DATABASE` and `ALTER SYSTEM` end and begin transactions of their own. Inside one the
server refuses them.

Several statements that reach the server in one piece are one transaction too, even without `BEGIN`: that is how
Prisma sends a `migration.sql`. So such a statement gets a file of its own.""",
    check=check,
    examples=(
        Example("BEGIN;\nCREATE INDEX CONCURRENTLY orders_note ON orders (note);\nCOMMIT;", fails="25001"),
        Example(
            "COMMENT ON TABLE orders IS 'x';\nCREATE INDEX CONCURRENTLY orders_note ON orders (note);", fails="25001"
        ),
        Example("ALTER TABLE customers SET (fillfactor = 90);\nVACUUM customers;", fails="25001"),
    ),
    harmless=("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note);", "VACUUM orders;"),
    by_size=False,
    on_new=True,
)
