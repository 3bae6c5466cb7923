"""CREATE INDEX CONCURRENTLY that cannot run a second time."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.names import quoted, shortened
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What fails, or makes a second index, when the migration is run again."""
    index = subject.form
    if not isinstance(index, CreateIndex) or not index.concurrently or (index.name and index.if_not_exists):
        return
    unique = "UNIQUE " if index.unique else ""
    name = index.name or shortened(index.table.name, *(index.columns or ("expr",)), "idx")
    happens = (
        f"A build that fails leaves the invalid index {name} behind, and the next run fails because the name is taken."
        if index.name
        else "A build that fails leaves an invalid index behind, and the next run makes another one beside it."
    )
    rewrite = f"CREATE {unique}INDEX CONCURRENTLY IF NOT EXISTS {quoted(name)} ON {index.table.sql} {index.rest};"
    yield Found(index.table, happens, (rewrite,))


RULE = Rule(
    id="concurrent-index-rerun",
    title="an index that is built concurrently cannot be built a second time",
    severity=Severity.HINT,
    page="""A `CREATE INDEX CONCURRENTLY` may fail after minutes: a duplicate, a deadlock, a lost connection. What is
left is an invalid index, which writes still maintain and reads never use. With a name and `IF NOT EXISTS` the
migration can run again.

`IF NOT EXISTS` alone would then pass over the invalid index. `pgarchitect migrate deploy` looks for it and finishes
it; elsewhere ask `SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid` and drop it first with `DROP INDEX
CONCURRENTLY`.""",
    check=check,
    examples=(
        Example("CREATE INDEX CONCURRENTLY orders_note ON orders (note);"),
        Example("CREATE INDEX CONCURRENTLY ON orders (note);"),
    ),
    harmless=("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note);",),
    by_size=False,
)
