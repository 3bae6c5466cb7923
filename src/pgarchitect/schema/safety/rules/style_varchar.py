"""varchar(n)."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.rule import Example, Rule, Subject
from pgarchitect.schema.safety.style import written_columns


def check(subject: Subject) -> Iterator[Found]:
    """Columns that are written so."""
    for table, column in written_columns(subject.form):
        if column.type.name == "varchar" and column.type.modifiers:
            limit = column.type.modifiers[0]
            happens = (
                f"To shorten the limit of {column.name} writes the table anew; a check on a text column can be"
                " exchanged."
            )
            yield Found(table, happens, (f"{column.name} text CHECK (length({column.name}) <= {limit})",))


RULE = Rule(
    id="style-varchar",
    title="a column of type varchar(n)",
    severity=Severity.HINT,
    page="""A limit that is part of the type can be raised in an instant, but to lower it writes the table anew. As a
check of a `text` column it can be exchanged in either direction with `NOT VALID`.""",
    check=check,
    examples=(Example("CREATE TABLE fresh (name varchar(50));"),),
    harmless=("CREATE TABLE fresh (name varchar);",),
    by_size=False,
    on_new=True,
    style=True,
)
