"""DROP SCHEMA."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.rewriting import literal
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What takes everything in it along."""
    drop = subject.form
    if not isinstance(drop, DropObjects) or drop.kind != "SCHEMA":
        return
    for schema in drop.names:
        all_of_it = "everything in it is gone with it" if drop.cascade else "it fails unless it is empty"
        happens = f"The schema {schema.name} is gone, and {all_of_it}; what names it fails from then on."
        yield Found(
            None,
            happens,
            (_asked(schema.name), f"-- Then, when none of it is used any more:\n-- DROP SCHEMA {schema.sql};"),
        )


def _asked(schema: str) -> str:
    return (
        "-- What is in it; when nobody uses it, these no longer grow:\n"
        "SELECT relname, n_live_tup, seq_scan, idx_scan, n_tup_ins FROM pg_stat_user_tables"
        f" WHERE schemaname = {literal(schema)};"
    )


RULE = Rule(
    id="drop-schema",
    title="a schema is dropped",
    severity=Severity.ERROR,
    page="""`DROP SCHEMA … CASCADE` removes every table, type and function in it, and what elsewhere depends on them,
such as a foreign key. Drop what is in it by name, in migrations that a reviewer can read, and the empty schema last,
without `CASCADE`.""",
    check=check,
    examples=(Example("DROP SCHEMA attic CASCADE;", steps=(None, None)),),
    harmless=("DROP TYPE order_status;",),
    by_size=False,
)
