"""DISABLE TRIGGER and ENABLE TRIGGER."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What ALTER TABLE says with these words."""
    for table, action in subject.actions():
        if isinstance(action, OtherAction) and action.words.startswith("DISABLE TRIGGER"):
            happens = (
                f"Takes SHARE ROW EXCLUSIVE on {table.shown} until the transaction ends, so that nobody writes;"
                " and what the"
                " trigger keeps up is not kept up for the rows that anybody writes while it is off. ALL includes"
                " foreign keys."
            )
            yield Found(table, happens, (_rewrite(action.text),))


def _rewrite(action: str) -> str:
    return (
        f"-- Instead of {action}, for this transaction alone, before the statements that need it:\n"
        "SET LOCAL session_replication_role = replica;"
    )


RULE = Rule(
    id="disable-trigger",
    title="a trigger is switched off for everybody",
    severity=Severity.WARNING,
    page="""A trigger that is off is off for everybody, foreign keys' own triggers with `ALL` included, and nothing
checks afterwards what was written meanwhile. `session_replication_role = replica` leaves triggers out for one
transaction of one session and takes no lock; it needs a superuser, or the right to set it (`GRANT SET ON PARAMETER`,
PostgreSQL 15).""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders DISABLE TRIGGER orders_touch;",
            takes=Taken(LockMode.SHARE_ROW_EXCLUSIVE),
            steps=(Taken(LockMode.NONE),),
        ),
    ),
    harmless=(),
    by_size=False,
)
