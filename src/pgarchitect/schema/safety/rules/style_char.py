"""char(n)."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.rule import Example, Rule, Subject
from pgarchitect.schema.safety.style import written_columns


def check(subject: Subject) -> Iterator[Found]:
    """Columns that are written so."""
    for table, column in written_columns(subject.form):
        if column.type.name == "bpchar":
            happens = (
                f"{column.name} is padded with blanks to its length, and compared without them: text holds what"
                " was written."
            )
            yield Found(table, happens, (f"{column.name} text",))


RULE = Rule(
    id="style-char",
    title="a column of type char(n)",
    severity=Severity.HINT,
    page="""`char(n)` pads every value with blanks and passes over them in comparisons, saves no room, and surprises
whoever joins it to a `text`. `text` with a check on its length does what was meant.""",
    check=check,
    examples=(Example("CREATE TABLE fresh (country char(2));"),),
    harmless=("CREATE TABLE fresh (country text);",),
    by_size=False,
    on_new=True,
    style=True,
)
