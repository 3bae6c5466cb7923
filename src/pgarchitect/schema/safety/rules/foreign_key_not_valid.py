"""A foreign key without NOT VALID."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn, AddConstraint
from pgarchitect.schema.safety.reading.constraints import Constraint, ConstraintKind
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What looks every row up in the other table while nobody may write to either."""
    for table, action in subject.actions():
        if isinstance(action, AddConstraint):
            constraints: tuple[Constraint, ...] = (action.constraint,)
        elif isinstance(action, AddColumn) and action.column.default.upper() not in {"", "NULL"}:
            constraints = action.column.constraints
        else:
            continue
        for constraint in constraints:
            if constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.valid and constraint.references:
                yield _found(subject, table, constraint, constraint.references)


def _found(subject: Subject, table: Name, constraint: Constraint, other: Name) -> Found:
    happens = (
        f"Looks every row of {table.shown} up in {other.shown} under SHARE ROW EXCLUSIVE on both: INSERT, UPDATE and"
        " DELETE on either wait that long."
    )
    name = quoted(constraint.name or shortened(table.name, *constraint.columns, "fkey"))
    fact = subject.known.fact(table)
    if fact is None or not fact.partitioned or subject.version >= 18:
        return Found(table, happens, _two_steps(table, name, constraint.body))
    parts = [step for part in fact.partitions for step in _two_steps(table.beside(part), name, constraint.body)]
    ignore = "-- pgarchitect: ignore foreign-key-not-valid (each partition has it, so none is read)"
    whole = f"{ignore}\nALTER TABLE {table.sql} ADD CONSTRAINT {name} {constraint.body};"
    return Found(table, happens, (*parts, whole))


def _two_steps(table: Name, name: str, body: str) -> tuple[str, str]:
    return (
        f"ALTER TABLE {table.sql} ADD CONSTRAINT {name} {body} NOT VALID;",
        f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {name};",
    )


RULE = Rule(
    id="foreign-key-not-valid",
    title="a foreign key is checked while nobody may write to either table",
    severity=Severity.ERROR,
    page="""Adding a foreign key joins the two tables to see that it holds, and keeps `SHARE ROW EXCLUSIVE` on both
meanwhile. `NOT VALID` demands it of new rows only, which takes an instant; `VALIDATE CONSTRAINT`, in a migration of
its own, checks the old rows under `SHARE UPDATE EXCLUSIVE` here and `ROW SHARE` there, while everybody works.

A column that is added with `REFERENCES` and without a default is null everywhere, so that there is nothing to check.
Before PostgreSQL 18 a partitioned table takes no foreign key that is `NOT VALID`: with `--dsn` the rewrite adds it to
each partition, and to the whole at the end, which reads nothing then.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id)"
            " ON DELETE SET NULL ON UPDATE CASCADE;",
            takes=Taken(LockMode.SHARE_ROW_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.SHARE_ROW_EXCLUSIVE), Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True)),
        ),
        Example(
            "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;",
            table="customers",
            takes=Taken(LockMode.SHARE_ROW_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.SHARE_ROW_EXCLUSIVE), Taken(LockMode.ROW_SHARE, scans=True)),
        ),
    ),
    harmless=(
        "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;",
        "ALTER TABLE orders ADD COLUMN buyer_id bigint REFERENCES customers (id);",
        "CREATE TABLE fresh (id bigint); ALTER TABLE fresh ADD FOREIGN KEY (id) REFERENCES customers (id);",
    ),
)
