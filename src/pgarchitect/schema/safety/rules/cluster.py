"""CLUSTER."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What writes a table anew in the order of an index."""
    reader = Reader(subject.statement)
    if not reader.take("CLUSTER"):
        return
    reader.group()
    reader.take("VERBOSE")
    table = reader.name()
    what = table.shown if table else "every table that was clustered before"
    happens = f"Writes {what} anew, with all its indexes, under ACCESS EXCLUSIVE: nobody reads or writes that long."
    yield Found(table, happens, (_rewrite(table),) if table else ())


def _rewrite(table: Name) -> str:
    return (
        "-- With the extension pg_repack, from a shell; it locks the table for an instant at the beginning and"
        " the end:\n"
        f"--   pg_repack --table '{table.sql}' --order-by '…'"
    )


RULE = Rule(
    id="cluster",
    title="a table is written anew in the order of an index",
    severity=Severity.ERROR,
    page="""`CLUSTER` writes the table and all its indexes anew under `ACCESS EXCLUSIVE`, and the order is not kept
up afterwards. pg_repack and pg_squeeze, two extensions, do the same beside the table and lock it for an instant only.
PostgreSQL itself has no such statement.""",
    check=check,
    examples=(
        Example(
            "CLUSTER orders USING orders_code;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=(None,),
        ),
    ),
    harmless=("ALTER TABLE orders CLUSTER ON orders_code;",),
)
