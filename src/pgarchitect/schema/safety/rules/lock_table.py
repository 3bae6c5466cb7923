"""LOCK TABLE."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode, lock_asked
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rewriting import PATIENCE
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What says itself that others shall wait."""
    reader = Reader(subject.statement)
    if not reader.take("LOCK"):
        return
    reader.take("TABLE")
    reader.take("ONLY")
    tables = reader.names()
    mode = lock_asked(reader)
    if not mode.blocks_writes:
        return
    who = "nobody reads or writes" if mode.blocks_reads else "nobody writes"
    for table in tables:
        happens = f"Takes {mode.value} on {table.shown}: {who} until the transaction ends."
        weaker = f"LOCK TABLE {table.sql} IN SHARE UPDATE EXCLUSIVE MODE;"
        yield Found(
            table,
            happens,
            (f"-- Keeps other definitions out, and lets everybody read and write:\n{PATIENCE}\n{weaker}",),
        )


RULE = Rule(
    id="lock-table",
    title="a table is locked by hand",
    severity=Severity.WARNING,
    page="""`LOCK TABLE` without a mode is `ACCESS EXCLUSIVE`: nobody reads or writes until the transaction ends.
Most migrations need no lock of their own, since each definition takes its own. What keeps other definitions and
`VACUUM` out, and nobody else, is `SHARE UPDATE EXCLUSIVE`.""",
    check=check,
    examples=(
        Example(
            "LOCK TABLE orders;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE),),
        ),
        Example("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;", takes=Taken(LockMode.SHARE_ROW_EXCLUSIVE)),
    ),
    harmless=("LOCK TABLE orders IN ROW EXCLUSIVE MODE;",),
    by_size=False,
)
