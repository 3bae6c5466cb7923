"""ALTER COLUMN … TYPE that writes the table anew."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AlterType
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.rewriting import in_batches, kept_by_trigger, patiently, without_trigger
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken
from pgarchitect.schema.safety.type_changes import rewrites


def check(subject: Subject) -> Iterator[Found]:
    """What writes every row in another form."""
    for table, action in subject.actions():
        if not isinstance(action, AlterType):
            continue
        before = subject.known.column(table, action.column)
        if before is not None and not rewrites(before.type, action.type) and _plain(action):
            continue
        if before is None:
            sure = f"Unless {action.column} is of a type that {action.type.text} takes over as it is (ask with --dsn): "
            severity = Severity.WARNING
        else:
            sure, severity = f"{before.type.text} → {action.type.text}: ", None
        happens = (
            f"{sure}{table.shown} is written anew, with all its indexes, under ACCESS EXCLUSIVE; nobody reads or writes"
            " that long."
        )
        yield Found(table, happens, _rewrite(table, action), severity)


def _plain(action: AlterType) -> bool:
    """Whether USING, if there is one, only casts the column, which changes nothing about what is written."""
    said = action.using.replace('"', "").replace("(", "").replace(")", "").lower()
    kind = action.type.text.replace('"', "").lower()
    return said in {"", action.column.lower(), f"{action.column.lower()}::{kind.replace('(', '').replace(')', '')}"}


def _rewrite(table: Name, action: AlterType) -> tuple[str, ...]:
    """A second column, filled beside the first, takes its name."""
    new, old = shortened(action.column, "new"), shortened(action.column, "old")
    value = action.using or f"{quoted(action.column)}::{action.type.text}"
    added = patiently(f"ALTER TABLE {table.sql} ADD COLUMN {quoted(new)} {action.type.text}")
    filled = in_batches(table, f"SET {quoted(new)} = {value}", f"{quoted(new)} IS DISTINCT FROM ({value})")
    ignore = "-- pgarchitect: ignore rename-column (the name is there before and after, in one transaction)"
    swapped = (
        "-- Give the new column first what the old one has: NOT NULL, default, indexes, foreign keys.\n"
        f"{patiently(without_trigger(table, new))}\n"
        f"{ignore}\nALTER TABLE {table.sql} RENAME COLUMN {quoted(action.column)} TO {quoted(old)};\n"
        f"{ignore}\nALTER TABLE {table.sql} RENAME COLUMN {quoted(new)} TO {quoted(action.column)};"
    )
    dropped = (
        "-- pgarchitect: ignore drop-column (another column has taken its name)\n"
        f"ALTER TABLE {table.sql} DROP COLUMN {quoted(old)};"
    )
    return (f"{added}\n{kept_by_trigger(table, new, f'({value})')}", filled, swapped, dropped)


_STEPS = (
    Taken(LockMode.ACCESS_EXCLUSIVE),
    Taken(LockMode.ROW_EXCLUSIVE, scans=True),
    Taken(LockMode.ACCESS_EXCLUSIVE),
    Taken(LockMode.ACCESS_EXCLUSIVE),
)
RULE = Rule(
    id="alter-column-type",
    title="a column's type changes in a way that writes the table anew",
    severity=Severity.ERROR,
    page="""Most changes of a type write every row and every index anew under `ACCESS EXCLUSIVE`. Some do not, and
the rule knows them where it knows the old type, from an earlier migration or with `--dsn`: `varchar` to a wider one,
`text` ↔ `varchar` without a limit, `numeric(p, s)` to more digits with the same scale or to `numeric`, a `timestamp`,
`time` or `interval` to more digits of seconds, a wider `bit varying`, `cidr` to `inet`. `timestamp` ↔ `timestamptz`
writes nothing only while `TimeZone` is `UTC`, which no script tells.

The safe way is a second column, which a trigger and batches fill, and which takes the first one's name in the end.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ALTER COLUMN stock TYPE bigint;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=_STEPS,
        ),
        Example(
            "ALTER TABLE orders ALTER COLUMN note TYPE varchar(100) USING left(note, 100);",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=_STEPS,
        ),
    ),
    harmless=(
        "CREATE TABLE a (b varchar(20)); ALTER TABLE a ALTER COLUMN b TYPE varchar(40);",
        "CREATE TABLE fresh (id int); ALTER TABLE fresh ALTER COLUMN id TYPE bigint;",
    ),
)
