"""CREATE TABLE … PARTITION OF."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.partition_bounds import condition_of
from pgarchitect.schema.safety.reading.create_table import CreateTable
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.rewriting import patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What locks the parent for everybody, and reads its default partition."""
    made = subject.form
    if not isinstance(made, CreateTable) or made.parent is None:
        return
    known = subject.known.partitioning(made.parent)
    default = known.default if known else None
    if default is None:
        happens = (
            f"Takes ACCESS EXCLUSIVE on {made.parent.shown}, so that it waits for every statement that uses any"
            " partition,"
            " with everybody else behind it; and reads its default partition, if it has one, under that lock."
        )
        yield Found(made.parent, happens, (_attached(made),), None if subject.known.facts is None else Severity.HINT)
        return
    happens = (
        f"Reads every row of the default partition {default.shown} under ACCESS EXCLUSIVE on it and on"
        f" {made.parent.shown}: nobody reads or writes that long."
    )
    yield Found(made.parent, happens, _beside(made, default, known.method, known.key) if known else (), Severity.ERROR)


def _attached(made: CreateTable) -> str:
    parent = made.parent.sql if made.parent else ""
    return patiently(
        f"CREATE TABLE {made.table.sql} (LIKE {parent} INCLUDING ALL)",
        f"ALTER TABLE {parent} ATTACH PARTITION {made.table.sql} {made.bound}",
    )


def _beside(made: CreateTable, default: Name, method: str, key: tuple[str, ...]) -> tuple[str, ...]:
    """A check of the default partition says first that it has none of the rows."""
    condition = condition_of(made.bound, method, key) or "/* within the bounds */ false"
    name = quoted(shortened(default.name, "not", made.table.name))
    return (
        f"ALTER TABLE {default.sql} ADD CONSTRAINT {name} CHECK (NOT ({condition})) NOT VALID;",
        f"ALTER TABLE {default.sql} VALIDATE CONSTRAINT {name};",
        (
            f"{_attached(made)}\n-- pgarchitect: ignore drop-constraint (the bounds say the same)\n"
            f"ALTER TABLE {default.sql} DROP CONSTRAINT {name};"
        ),
    )


RULE = Rule(
    id="create-partition",
    title="a partition is created under a lock on all partitions",
    severity=Severity.WARNING,
    page="""`CREATE TABLE … PARTITION OF` takes `ACCESS EXCLUSIVE` on the parent. A table that is created by itself
and then attached needs only `SHARE UPDATE EXCLUSIVE` there, and is empty, so that there is nothing to read.

Where the parent has a default partition, its rows must be looked through for some that belong into the new one, under
`ACCESS EXCLUSIVE`. A validated check of the default partition that excludes the new bounds spares that. With `--dsn`,
or when an earlier migration has made the default partition, the finding is an error and the rewrite does so; with
`--dsn` and no default partition it is a hint.""",
    check=check,
    examples=(
        Example(
            "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');",
            table="events_rest",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
        Example(
            "CREATE TABLE readings_2027 PARTITION OF readings FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');",
            table="readings",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE),),
        ),
    ),
    harmless=("CREATE TABLE a (b int) PARTITION BY LIST (b); CREATE TABLE a1 PARTITION OF a FOR VALUES IN (1);",),
)
