"""json instead of jsonb."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.rule import Example, Rule, Subject
from pgarchitect.schema.safety.style import written_columns


def check(subject: Subject) -> Iterator[Found]:
    """Columns that are written so."""
    for table, column in written_columns(subject.form):
        if column.type.name == "json":
            happens = (
                f"{column.name} is kept as text and read anew whenever a part of it is asked for; it has no"
                " equality and no index."
            )
            yield Found(table, happens, (f"{column.name} jsonb",))


RULE = Rule(
    id="style-json",
    title="a column of type json",
    severity=Severity.HINT,
    page="""`json` keeps the text as it came; every access reads it anew, `=`, `DISTINCT` and `GROUP BY` fail on it,
and no GIN index can be built. `jsonb` gives up the order and the duplicates of keys, and nothing else. In
schema.prisma `Json` is `jsonb`.""",
    check=check,
    examples=(Example("CREATE TABLE fresh (doc json);"),),
    harmless=("CREATE TABLE fresh (doc jsonb);",),
    by_size=False,
    on_new=True,
    style=True,
)
