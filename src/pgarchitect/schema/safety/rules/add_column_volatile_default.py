"""ADD COLUMN with a volatile default."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.rewriting import in_batches, made_not_null, patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken
from pgarchitect.schema.safety.volatility import Volatility, volatility


def check(subject: Subject) -> Iterator[Found]:
    """What writes the whole table anew because each row gets another value."""
    for table, action in subject.actions():
        if not isinstance(action, AddColumn) or not action.column.default:
            continue
        column = action.column
        kind = volatility(column.default, subject.known)
        if kind is Volatility.STEADY:
            continue
        sure = "" if kind is Volatility.VOLATILE else "If a function in it is volatile (ask with --dsn): "
        happens = (
            f"{sure}{column.default} gives every row another value: {table.shown} is written anew, with all its"
            " indexes,"
            " under ACCESS EXCLUSIVE; nobody reads or writes that long."
        )
        name = quoted(column.name)
        added = patiently(
            f"ALTER TABLE {table.sql} ADD COLUMN {name} {column.type.text}",
            f"ALTER TABLE {table.sql} ALTER COLUMN {name} SET DEFAULT {column.default}",
        )
        filled = in_batches(table, f"SET {name} = DEFAULT", f"{name} IS NULL")
        strict = made_not_null(table, column.name) if column.not_null else ()
        severity = None if kind is Volatility.VOLATILE else Severity.WARNING
        yield Found(table, happens, (added, filled, *strict), severity)


RULE = Rule(
    id="add-column-volatile-default",
    title="a new column's default differs from row to row, so the table is written anew",
    severity=Severity.ERROR,
    page="""A default that is the same for all rows (`0`, `'open'`, `now()`) is kept in the catalog, and no row is
touched. A volatile one, such as `gen_random_uuid()`, `random()` or `clock_timestamp()`, is computed for every row:
the table and all its indexes are written anew under `ACCESS EXCLUSIVE`. Without it the column comes in an instant;
the default, set afterwards, fills new rows, and batches fill the old ones.

Functions of your own are volatile unless they say otherwise. With `--dsn` the database tells; without, the finding is
a warning.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.ROW_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
    ),
    harmless=(
        "ALTER TABLE orders ADD COLUMN seen timestamptz NOT NULL DEFAULT now();",
        "ALTER TABLE orders ADD COLUMN seen timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP;",
        (
            "ALTER TABLE orders ADD COLUMN flag boolean NOT NULL DEFAULT false, ADD COLUMN tags text[] DEFAULT"
            " ARRAY['a', 'b'];"
        ),
        "ALTER TABLE orders ALTER COLUMN note SET DEFAULT gen_random_uuid();",
    ),
)
