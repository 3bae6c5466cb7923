"""DROP … CASCADE."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import Drop
from pgarchitect.schema.safety.reading.forms import DropObjects
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What drops more than it names."""
    drop = subject.form
    if isinstance(drop, DropObjects) and drop.cascade and drop.kind not in {"SCHEMA", "DATABASE"}:
        names = ", ".join(name.sql for name in drop.names)
        yield _found(
            drop.names[0] if drop.kind == "TABLE" and drop.names else None, names, f"DROP {drop.kind} {names};"
        )
    for table, action in subject.actions():
        if isinstance(action, Drop) and action.cascade:
            plain = action.text[: action.text.upper().rindex("CASCADE")].rstrip()
            yield _found(table, action.name, f"ALTER TABLE {table.sql} {plain};")


def _found(table: Name | None, what: str, plain: str) -> Found:
    happens = (
        f"Also drops whatever depends on {what}: views, foreign keys of other tables, columns of a type; nobody"
        " is asked,"
        " and their tables are locked with ACCESS EXCLUSIVE too."
    )
    return Found(table, happens, (f"-- Fails, and names what depends on it; drop that by name before.\n{plain}",))


RULE = Rule(
    id="drop-cascade",
    title="a drop takes along what depends on it",
    severity=Severity.WARNING,
    page="""`CASCADE` drops what nobody has named: the view on the table, the foreign key of another table, the
column of the type, the objects of the extension. Which ones, the server tells only as a notice. Without it the
statement fails and lists them; a migration that drops each by name shows a reviewer what goes.""",
    check=check,
    examples=(
        Example(
            "DROP TYPE order_status CASCADE;",
            table="orders",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
        ),
    ),
    harmless=("DROP TYPE order_status;", "ALTER TABLE orders DROP COLUMN note;"),
    by_size=False,
)
