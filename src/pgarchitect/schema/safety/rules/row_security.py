"""ENABLE ROW LEVEL SECURITY."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import OtherAction
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.rewriting import patiently
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What ALTER TABLE says with these words."""
    for table, action in subject.actions():
        if isinstance(action, OtherAction) and action.words.startswith("ENABLE ROW LEVEL"):
            happens = (
                f"Until a policy lets them, nobody but the owner of {table.shown} sees or writes any of its rows:"
                " statements"
                " of the running application return nothing. ACCESS EXCLUSIVE for an instant."
            )
            yield (
                Found(table, happens, (_rewrite(table),))
                if not _has_policy(subject, table)
                else Found(table, happens, (), Severity.HINT)
            )


def _has_policy(subject: Subject, table: Name) -> bool:
    """Whether the script has made a policy before."""
    return any(
        step.statement.begins("CREATE", "POLICY") and table.name in {token.name for token in step.statement.tokens}
        for step in subject.before
    )


def _rewrite(table: Name) -> str:
    return patiently(
        f"CREATE POLICY {quoted(shortened(table.name, 'as_before'))} ON {table.sql} USING (true)",
        f"ALTER TABLE {table.sql} ENABLE ROW LEVEL SECURITY",
    )


RULE = Rule(
    id="row-security",
    title="row security is switched on",
    severity=Severity.WARNING,
    page="""Row security without a policy hides all rows from everybody but the table's owner and roles with
`BYPASSRLS`, without an error: the application suddenly finds nothing. Create the policy first, in the same
transaction. Prisma usually connects as the owner, whom row security passes over unless it is forced with `FORCE ROW
LEVEL SECURITY`.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE),),
        ),
    ),
    harmless=(),
    by_size=False,
)
