"""A unique constraint that builds its own index."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.index_constraints import through_index
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn, AddConstraint
from pgarchitect.schema.safety.reading.constraints import Constraint, ConstraintKind
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What builds an index under the strongest lock."""
    for table, action in subject.actions():
        if isinstance(action, AddConstraint):
            constraints: tuple[Constraint, ...] = (action.constraint,)
        elif isinstance(action, AddColumn):
            constraints = action.column.constraints
        else:
            continue
        for constraint in constraints:
            if constraint.kind is ConstraintKind.UNIQUE and not constraint.index:
                happens = (
                    f"Reads {table.shown} and builds the index of the unique constraint under ACCESS EXCLUSIVE:"
                    " nobody reads or"
                    " writes that long."
                )
                fact = subject.known.fact(table)
                whole = fact is not None and fact.partitioned
                yield Found(table, happens, () if whole else _rewrite(table, constraint))


def _rewrite(table: Name, constraint: Constraint) -> tuple[str, ...]:

    return through_index(table, constraint)


RULE = Rule(
    id="unique-constraint",
    title="a unique constraint builds its index while nobody may read the table",
    severity=Severity.ERROR,
    page="""A unique constraint builds its index under `ACCESS EXCLUSIVE`. `CREATE UNIQUE INDEX CONCURRENTLY` builds
the same index while everybody works, and `ADD CONSTRAINT … USING INDEX` makes it the constraint's in an instant.
Where no foreign key and no `ON CONFLICT ON CONSTRAINT` needs the constraint itself, the unique index alone does the
same. A partitioned table takes neither: there the finding has no rewrite.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE NULLS NOT DISTINCT (code, id) INCLUDE (note);",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True), Taken(LockMode.ACCESS_EXCLUSIVE)),
            since=15,
        ),
        Example(
            "ALTER TABLE orders ADD UNIQUE (code, id) DEFERRABLE INITIALLY DEFERRED;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True), Taken(LockMode.ACCESS_EXCLUSIVE)),
        ),
        Example(
            "ALTER TABLE orders ADD COLUMN slug text UNIQUE;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
        ),
    ),
    harmless=("ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_idx;",),
)
