"""CREATE INDEX without CONCURRENTLY."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What builds while nobody may write."""
    index = subject.form
    if not isinstance(index, CreateIndex) or index.concurrently or index.only:
        return
    happens = (
        f"Takes SHARE on {index.table.shown} until all of it is read and the index stands: INSERT, UPDATE and DELETE"
        " wait that long."
    )
    yield Found(index.table, happens, _rewrite(index, subject))


def _rewrite(index: CreateIndex, subject: Subject) -> tuple[str, ...]:
    name = index.name or shortened(index.table.name, *(index.columns or ("expr",)), "idx")
    fact = subject.known.fact(index.table)
    if fact is None or not fact.partitioned:
        return (
            (
                f"CREATE {_unique(index)}INDEX CONCURRENTLY IF NOT EXISTS {quoted(name)} ON {index.table.sql}"
                f" {index.rest};"
            ),
        )
    whole = f"CREATE {_unique(index)}INDEX {quoted(name)} ON ONLY {index.table.sql} {index.rest};"
    parts = [index.table.beside(part) for part in fact.partitions]
    builds = [
        f"CREATE {_unique(index)}INDEX CONCURRENTLY {quoted(_part_index(part, name))} ON {part.sql} {index.rest};"
        for part in parts
    ]
    attached = [
        f"ALTER INDEX {index.table.beside(name).sql} ATTACH PARTITION {part.beside(_part_index(part, name)).sql};"
        for part in parts
    ]
    return (whole, *builds, "\n".join(attached))


def _unique(index: CreateIndex) -> str:
    return "UNIQUE " if index.unique else ""


def _part_index(part: Name, name: str) -> str:
    return shortened(name, part.name)


RULE = Rule(
    id="index-not-concurrent",
    title="an index is built while nobody may write to the table",
    severity=Severity.ERROR,
    page="""`CREATE INDEX` reads the whole table, sorts it and writes the index; all that time it holds `SHARE`,
which every `INSERT`, `UPDATE` and `DELETE` waits for. `CONCURRENTLY` reads the table twice, takes longer, and lets
everybody work.

It cannot run in a transaction: give it a migration of its own. When it fails half-way it leaves an invalid index;
`pgarchitect migrate deploy` finds it and finishes it, elsewhere drop it with `DROP INDEX CONCURRENTLY` and start
over. On a partitioned table `CONCURRENTLY` does not exist: with `--dsn` the rewrite builds each partition's index by
itself and attaches it.""",
    check=check,
    examples=(
        Example(
            "CREATE INDEX orders_note ON orders (note);",
            takes=Taken(LockMode.SHARE, scans=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),),
        ),
        Example(
            "CREATE UNIQUE INDEX ON orders (code, id) WHERE quantity > 0;",
            takes=Taken(LockMode.SHARE, scans=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),),
        ),
    ),
    harmless=(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note);",
        "CREATE TABLE fresh (id bigint); CREATE INDEX ON fresh (id);",
        "CREATE INDEX events_id ON ONLY events (id);",
    ),
)
