"""DROP CONSTRAINT."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import Drop
from pgarchitect.schema.safety.rewriting import PATIENCE
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What is no longer guaranteed, under a lock that stops reads."""
    for table, action in subject.actions():
        if not isinstance(action, Drop) or action.kind != "CONSTRAINT":
            continue
        happens = (
            f"Takes ACCESS EXCLUSIVE on {table.shown}, and of a foreign key on the other table too: it waits for every"
            " statement that uses them, with everybody else behind it. What the constraint kept out can come in"
            " from then"
            " on, and the index of a unique one is gone."
        )
        rewrite = (
            f"{PATIENCE}\n-- pgarchitect: ignore drop-constraint (the application no longer counts on it)\n"
            f"ALTER TABLE {table.sql} {action.text};"
        )
        yield Found(table, happens, (rewrite,))


RULE = Rule(
    id="drop-constraint",
    title="a constraint is dropped",
    severity=Severity.WARNING,
    page="""Dropping a constraint is an instant of work under `ACCESS EXCLUSIVE`; of a foreign key on both tables,
although adding it takes a weaker lock. A unique constraint or primary key takes its index along, which statements may
need. A constraint that is dropped only to be added in another form is better added first under a second name.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE invoices DROP CONSTRAINT invoices_order_fkey;",
            table="orders",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE),),
        ),
    ),
    by_size=False,
)
