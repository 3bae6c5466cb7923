"""ATTACH PARTITION without a check that proves it."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.partition_bounds import condition_of, proves
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rewriting import PATIENCE
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What reads the whole new partition under the strongest lock."""
    for parent, action in subject.actions():
        if not isinstance(action, OtherAction) or not action.words.startswith("ATTACH PARTITION"):
            continue
        reader = Reader(subject.statement, action.at + 2, action.end)
        partition = reader.name()
        if partition is None or subject.known.is_new(partition) or subject.known.is_new(parent):
            continue
        bound = reader.text()
        if any(check.valid and proves(check.condition, bound) for check in subject.known.checks(partition).values()):
            continue
        happens = (
            f"Reads every row of {partition.shown} under ACCESS EXCLUSIVE on it, and of the default partition if"
            " there is"
            " one: a check that is valid before and says the same would spare that."
        )
        yield Found(partition, happens, _rewrite(subject, parent, partition, bound))


def _rewrite(subject: Subject, parent: Name, partition: Name, bound: str) -> tuple[str, ...]:
    known = subject.known.partitioning(parent)
    condition = condition_of(bound, known.method, known.key) if known else ""
    name = quoted(shortened(partition.name, "bound"))
    written = condition or "/* the partition key is not null, and within the bounds */ true"
    return (
        f"ALTER TABLE {partition.sql} ADD CONSTRAINT {name} CHECK ({written}) NOT VALID;",
        f"ALTER TABLE {partition.sql} VALIDATE CONSTRAINT {name};",
        (
            f"{PATIENCE}\nALTER TABLE {parent.sql} ATTACH PARTITION {partition.sql} {bound};\n"
            "-- pgarchitect: ignore drop-constraint (the bounds say the same)\n"
            f"ALTER TABLE {partition.sql} DROP CONSTRAINT {name};"
        ),
    )


RULE = Rule(
    id="attach-partition",
    title="a partition is read under a lock before it is attached",
    severity=Severity.ERROR,
    page="""`ATTACH PARTITION` must know that every row fits the bounds. It reads all of them under `ACCESS
EXCLUSIVE`, unless a valid check of the partition says it. The check is added `NOT VALID`, validated in a second
migration while everybody works, and dropped when the partition stands. The parent is locked with `SHARE UPDATE
EXCLUSIVE` only. Where the parent has a default partition, that one is read as well, under `ACCESS EXCLUSIVE`: see
[create-partition](create-partition.md). The rewrite is written out where the partition key is known, from an earlier
migration or with `--dsn`.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE readings ATTACH PARTITION readings_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            table="readings_2026",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
        Example(
            "ALTER TABLE readings ATTACH PARTITION readings_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
            table="readings",
            takes=Taken(LockMode.SHARE_UPDATE_EXCLUSIVE),
        ),
    ),
    harmless=("CREATE TABLE fresh (LIKE events); ALTER TABLE events ATTACH PARTITION fresh FOR VALUES IN (1);",),
)
