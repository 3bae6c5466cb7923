"""REINDEX without CONCURRENTLY."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What rebuilds while nobody may write."""
    reader = Reader(subject.statement)
    if not reader.take("REINDEX"):
        return
    reader.group()
    kind = reader.take_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    if "CONCURRENTLY" in {token.word for token in subject.statement.tokens} or kind in {"", "SYSTEM"}:
        return
    name = reader.name()
    if name is None:
        return
    table = subject.known.table_of(name) if kind == "INDEX" else name if kind == "TABLE" else None
    whose = {"INDEX": f"the table of {name.shown}", "TABLE": name.shown}.get(kind, "one table after the other")
    happens = (
        f"Takes SHARE on {whose} and ACCESS EXCLUSIVE on each index until it is built anew: writes wait, and so do the"
        " reads that would use the index."
    )
    yield Found(table, happens, (f"REINDEX {kind} CONCURRENTLY {name.sql};",))


RULE = Rule(
    id="reindex-not-concurrent",
    title="an index is built anew while nobody may write",
    severity=Severity.ERROR,
    page="""`REINDEX` blocks writes to the table and reads through the index until the new index stands; planning a
query looks at every index of the table, so even queries that would not use it wait. `CONCURRENTLY` builds the new
index beside the old one.""",
    check=check,
    examples=(
        Example(
            "REINDEX INDEX orders_code;",
            takes=Taken(LockMode.SHARE, scans=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),),
        ),
        Example(
            "REINDEX TABLE orders;",
            takes=Taken(LockMode.SHARE, scans=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),),
        ),
    ),
    harmless=("REINDEX TABLE CONCURRENTLY orders;", "REINDEX (CONCURRENTLY) INDEX orders_code;"),
)
