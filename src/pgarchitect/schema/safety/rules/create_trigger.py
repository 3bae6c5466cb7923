"""CREATE TRIGGER on a table that is there."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode, sets_lock_timeout
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rewriting import patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What stops writes for an instant, and slows them ever after."""
    reader = Reader(subject.statement)
    if not reader.take("CREATE"):
        return
    reader.take("OR", "REPLACE")
    reader.take("CONSTRAINT")
    if not reader.take("TRIGGER"):
        return
    reader.until({"ON"})
    reader.take("ON")
    table = reader.name()
    if table is None or any(sets_lock_timeout(step) for step in subject.steps[: subject.number]):
        return
    happens = (
        f"Takes SHARE ROW EXCLUSIVE on {table.shown}: it waits for every transaction that has written to the table, and"
        " those that want to write wait behind it."
    )
    yield Found(table, happens, (patiently(subject.statement.text),))


RULE = Rule(
    id="create-trigger",
    title="a trigger is created on a table that is written to",
    severity=Severity.WARNING,
    page="""`CREATE TRIGGER` takes `SHARE ROW EXCLUSIVE`: an instant of work, but it waits for every open transaction
that has written to the table, and new writes stand behind it. A `lock_timeout` bounds that. From then on the trigger
is part of every write.""",
    check=check,
    examples=(
        Example(
            "CREATE TRIGGER orders_again BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();",
            takes=Taken(LockMode.SHARE_ROW_EXCLUSIVE),
            steps=(Taken(LockMode.SHARE_ROW_EXCLUSIVE),),
        ),
    ),
    harmless=(
        "CREATE TABLE fresh (id int); CREATE TRIGGER t BEFORE UPDATE ON fresh FOR EACH ROW EXECUTE FUNCTION touch();",
    ),
)
