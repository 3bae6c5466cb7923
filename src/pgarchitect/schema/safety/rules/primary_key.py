"""A primary key that builds its own index."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.index_constraints import through_index
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddColumn, AddConstraint
from pgarchitect.schema.safety.reading.constraints import Constraint, ConstraintKind
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.rewriting import checked_not_null, without_check
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
            if constraint.kind is ConstraintKind.PRIMARY_KEY and not constraint.index:
                happens = (
                    f"Reads {table.shown} and builds the index of the primary key under ACCESS EXCLUSIVE: nobody"
                    " reads or"
                    " writes that long."
                )
                fact = subject.known.fact(table)
                whole = fact is not None and fact.partitioned
                yield Found(table, happens, () if whole else _rewrite(table, constraint, subject))


def _rewrite(table: Name, constraint: Constraint, subject: Subject) -> tuple[str, ...]:

    nullable = [each for each in constraint.columns if not subject.known.proven_not_null(table, each)]
    checked = tuple(step for column in nullable for step in checked_not_null(table, column))
    dropped = "".join(
        f"\n-- pgarchitect: ignore drop-constraint (the primary key says the same)\n{without_check(table, column)}"
        for column in nullable
    )
    index, attached = through_index(table, constraint)
    return (*checked, index, f"{attached}{dropped}")


RULE = Rule(
    id="primary-key",
    title="a primary key builds its index while nobody may read the table",
    severity=Severity.ERROR,
    page="""A primary key builds a unique index, and demands that its columns are never null, which reads the table
once more; both under `ACCESS EXCLUSIVE`. Built with `CREATE UNIQUE INDEX CONCURRENTLY`, and with null ruled out by a
validated check, the index becomes the primary key in an instant. Columns that are `NOT NULL` already need no check. A
partitioned table takes neither: there the finding has no rewrite.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE archive ADD CONSTRAINT archive_pkey PRIMARY KEY (id);",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
                Taken(LockMode.ACCESS_EXCLUSIVE),
            ),
        ),
    ),
    harmless=(
        "ALTER TABLE archive ADD PRIMARY KEY USING INDEX archive_id;",
        "CREATE TABLE fresh (id bigint PRIMARY KEY);",
    ),
)
