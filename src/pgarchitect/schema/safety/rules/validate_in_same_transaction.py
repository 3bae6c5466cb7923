"""VALIDATE CONSTRAINT in the transaction that added the constraint."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AddConstraint, AlterTable, OtherAction
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.script import Step, joined
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What reads the whole table while the lock of the addition is still held."""
    for table, action in subject.actions():
        if not isinstance(action, OtherAction) or not action.words.startswith("VALIDATE CONSTRAINT"):
            continue
        name = Reader(subject.statement, action.at + 2, action.end).part() or ""
        if not any(_adds(step, table.key, name) for step in subject.before):
            continue
        happens = (
            f"The lock that adding {name} took on {table.shown} is held until the transaction ends, so that every"
            " row is"
            " read under it: what NOT VALID was to avoid."
        )
        before = joined(subject.before)
        yield Found(table, happens, (before, f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {quoted(name)};"))


def _adds(step: Step, table: tuple[str, str], name: str) -> bool:
    return (
        isinstance(step.form, AlterTable)
        and step.form.table.key == table
        and any(isinstance(each, AddConstraint) and each.constraint.name == name for each in step.form.actions)
    )


RULE = Rule(
    id="validate-in-same-transaction",
    title="a constraint is validated under the lock that its addition took",
    severity=Severity.ERROR,
    page="""`ADD CONSTRAINT … NOT VALID` and `VALIDATE CONSTRAINT` belong into two transactions. Locks are held until
a transaction ends: in one transaction the validation reads the table under the stronger lock of the addition, and
nothing is gained. A `migration.sql` is one transaction, so it takes two migrations.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (total >= 0) NOT VALID;\n"
            "ALTER TABLE orders VALIDATE CONSTRAINT c;",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True),
            steps=(Taken(LockMode.ACCESS_EXCLUSIVE), Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True)),
        ),
    ),
    harmless=(
        "ALTER TABLE orders VALIDATE CONSTRAINT c;",
        (
            "BEGIN; ALTER TABLE orders ADD CONSTRAINT c CHECK (total >= 0) NOT VALID; COMMIT;"
            " ALTER TABLE orders VALIDATE CONSTRAINT c;"
        ),
    ),
)
