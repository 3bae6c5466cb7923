"""timestamp without time zone."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.rule import Example, Rule, Subject
from pgarchitect.schema.safety.style import written_columns


def check(subject: Subject) -> Iterator[Found]:
    """Columns that are written so."""
    for table, column in written_columns(subject.form):
        if column.type.name == "timestamp":
            happens = (
                f"{column.name} does not say of which time zone it is; timestamptz is a point in time, in the"
                " same 8 bytes."
            )
            precision = f"({column.type.modifiers[0]})" if column.type.modifiers else ""
            yield Found(table, happens, (f"{column.name} timestamptz{precision}",))


RULE = Rule(
    id="style-timestamp",
    title="a column of type timestamp without time zone",
    severity=Severity.HINT,
    page="""`timestamp` keeps what a clock showed without saying where it hung. `timestamptz` keeps a point in time;
both take 8 bytes. Prisma's `DateTime` is `timestamp(3)` unless `@db.Timestamptz(3)` is given, and is read as UTC by
it, though not by others.""",
    check=check,
    examples=(Example("CREATE TABLE fresh (made_at timestamp(3));"),),
    harmless=("CREATE TABLE fresh (made_at timestamptz(3));",),
    by_size=False,
    on_new=True,
    style=True,
)
