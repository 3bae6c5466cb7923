"""REFRESH MATERIALIZED VIEW without CONCURRENTLY."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What fills a view while nobody may read it."""
    reader = Reader(subject.statement)
    if not reader.take("REFRESH", "MATERIALIZED", "VIEW") or reader.take("CONCURRENTLY"):
        return
    view = reader.name()
    if view is None:
        return
    happens = f"Runs the query of {view.shown} under ACCESS EXCLUSIVE on it: nobody reads it that long."
    yield Found(view, happens, (f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view.sql};",))


RULE = Rule(
    id="refresh-not-concurrent",
    title="a materialized view is filled while nobody may read it",
    severity=Severity.ERROR,
    page="""`REFRESH MATERIALIZED VIEW` keeps readers out for as long as its query takes. `CONCURRENTLY` computes the
new contents beside the old ones and changes the rows that differ; others read on (`EXCLUSIVE` keeps out writers,
which a view has none of). It needs a unique index on plain columns without a condition, and a view that has been
filled before.""",
    check=check,
    examples=(
        Example(
            "REFRESH MATERIALIZED VIEW totals;",
            table="totals",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=(Taken(LockMode.EXCLUSIVE, scans=True),),
        ),
    ),
    harmless=("REFRESH MATERIALIZED VIEW CONCURRENTLY totals;",),
)
