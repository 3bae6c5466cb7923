"""DROP DATABASE."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What no migration can mean."""
    drop = subject.form
    if isinstance(drop, DropObjects) and drop.kind == "DATABASE":
        happens = "A whole database is gone; and inside a transaction the server refuses it (SQLSTATE 25001)."
        yield Found(None, happens)


RULE = Rule(
    id="drop-database",
    title="a database is dropped",
    severity=Severity.ERROR,
    page="""A migration belongs to one database and cannot drop it; that of another is not its business. There is no
safe way to write it in a migration.""",
    check=check,
    examples=(Example("COMMENT ON TABLE orders IS 'x';\nDROP DATABASE old_shop;", fails="25001"),),
    by_size=False,
)
