"""DROP TABLE and DROP VIEW."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.rewriting import literal, patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What a running application may still use."""
    drop = subject.form
    if not isinstance(drop, DropObjects) or drop.kind not in {"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE"}:
        return
    for table in drop.names:
        happens = (
            f"Every statement of the running application that names {table.shown} fails from then on, and what is in it"
            " is gone. ACCESS EXCLUSIVE on it, and on every table that a foreign key of it refers to."
        )
        asked = (
            "-- Release the application without it; then these must no longer grow:\n"
            "SELECT seq_scan, idx_scan, n_tup_ins FROM pg_stat_user_tables"
            f" WHERE relid = to_regclass({literal(table.sql)});"
        )
        ignore = "-- pgarchitect: ignore drop-table (nothing uses it any more)"
        dropped = patiently(f"DROP {drop.kind} {table.sql}").replace("DROP ", f"{ignore}\nDROP ", 1)
        yield Found(table, happens, (asked, dropped))


RULE = Rule(
    id="drop-table",
    title="a table or view is dropped that the running application may use",
    severity=Severity.ERROR,
    page="""During a deployment the old and the new version of an application run side by side, and the migration
runs before the old one has gone. What it still reads must be there. So the application goes first: release a version
that no longer uses the table, see in the statistics that nobody does, drop it in a later migration, and say so in a
comment.""",
    check=check,
    examples=(
        Example(
            "DROP TABLE archive;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(None, Taken(LockMode.ACCESS_EXCLUSIVE)),
        ),
    ),
    harmless=("CREATE TABLE fresh (id int); DROP TABLE fresh;",),
    by_size=False,
)
