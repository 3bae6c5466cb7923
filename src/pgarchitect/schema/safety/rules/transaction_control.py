"""BEGIN, COMMIT and ROLLBACK in a migration."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What takes the transaction out of the hands of whoever runs the migration."""
    step = subject.step
    if step.control == "BEGIN":
        yield from _opening(subject)
    elif step.control and not any(
        each.control == "BEGIN" and each.transaction == step.transaction for each in subject.before
    ):
        happens = (
            f"{step.statement.tokens[0].word} without BEGIN ends the transaction that the migration runs in: what"
            " stands"
            " before it stays when something behind it fails."
        )
        yield Found(None, happens, (), Severity.ERROR)


def _opening(subject: Subject) -> Iterator[Found]:
    later = [each.control for each in subject.steps[subject.number + 1 :] if each.control]
    if not later:
        yield Found(None, "BEGIN without COMMIT: all that follows is undone when the session ends.", (), Severity.ERROR)
    elif later[0] == "BEGIN":
        happens = (
            "BEGIN inside a transaction that has been begun: the server only warns, and the first COMMIT ends both."
        )
        yield Found(None, happens, (), Severity.ERROR)
    elif _covers_all(subject):
        return
    else:
        happens = (
            "A transaction of its own beside other statements: when the migration fails, what that transaction has done"
            " stays, and the migration cannot be run again."
        )
        yield Found(None, happens)


def _covers_all(subject: Subject) -> bool:
    """BEGIN … COMMIT around the whole script, which changes nothing."""
    controls = [number for number, step in enumerate(subject.steps) if step.control]
    before = [step for step in subject.steps[: subject.number] if not step.statement.begins("SET")]
    return len(controls) == 2 and not before and controls[1] == len(subject.steps) - 1


RULE = Rule(
    id="transaction-control",
    title="a migration begins or ends transactions by itself",
    severity=Severity.WARNING,
    page="""A `migration.sql` runs as one transaction: all of it or nothing. `COMMIT` in the middle ends it, and what
stands before stays when something behind it fails; the migration is then neither applied nor undone, and `migrate
resolve` needs a person. `BEGIN` without `COMMIT` is undone silently when the session ends. What needs transactions of
its own belongs into migrations of its own. `BEGIN … COMMIT` around the whole script, as Prisma writes it for some
enums, changes nothing.""",
    check=check,
    examples=(
        Example("CREATE TABLE fresh (id int);\nCOMMIT;\nALTER TABLE fresh ADD COLUMN a int;"),
        Example("BEGIN;\nALTER TABLE orders ADD COLUMN a int;"),
        Example("BEGIN;\nALTER TABLE orders ADD COLUMN a int;\nCOMMIT;\nALTER TABLE orders ADD COLUMN b int;"),
    ),
    harmless=("BEGIN; ALTER TABLE orders ADD COLUMN a int; COMMIT;",),
    by_size=False,
    on_new=True,
)
