"""ALTER COLUMN … SET EXPRESSION of a stored generated column."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.alter_table import AlterColumn
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What computes a generated column anew for every row."""
    for table, action in subject.actions():
        if isinstance(action, AlterColumn) and action.what.startswith("SET EXPRESSION"):
            happens = (
                f"Computes {action.column} anew for every row and writes {table.shown} anew under ACCESS EXCLUSIVE, if"
                " the column is stored: nobody reads or writes that long."
            )
            yield Found(table, happens)


RULE = Rule(
    id="set-expression",
    title="a generated column gets another expression, so the table is written anew",
    severity=Severity.ERROR,
    page="""Since PostgreSQL 17 a generated column's expression can be changed. Of a stored column every row is then
written anew under `ACCESS EXCLUSIVE`. The way around is a second column: add it as in
[add-column-generated](add-column-generated.md), let the application read that one, and drop the first. A virtual
column (PostgreSQL 18) changes in an instant.""",
    check=check,
    examples=(
        Example(
            "ALTER TABLE orders ALTER COLUMN double_quantity SET EXPRESSION AS (quantity * 3);",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            since=17,
        ),
    ),
)
