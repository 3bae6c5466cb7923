"""A primary key of 32 bits or less."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.constraints import ConstraintKind
from pgarchitect.schema.safety.rule import Example, Rule, Subject
from pgarchitect.schema.safety.style import is_key, written_columns

LIMITS = {"int4": 2_147_483_647, "serial": 2_147_483_647, "int2": 32_767, "smallserial": 32_767}
"""Type → its greatest value."""


def check(subject: Subject) -> Iterator[Found]:
    """Columns that are written so."""
    for table, column in written_columns(subject.form):
        key = any(each.kind is ConstraintKind.PRIMARY_KEY for each in column.constraints) or is_key(
            subject.form, column
        )
        if key and column.type.name in {"int4", "int2", "serial", "smallserial"}:
            happens = (
                f"{column.name} ends at {LIMITS[column.type.name]:,}, and to widen it writes the table and those"
                " that refer to it anew."
            )
            yield Found(table, happens, (f"{column.name} {'bigserial' if 'serial' in column.type.name else 'bigint'}",))


RULE = Rule(
    id="style-int-key",
    title="a primary key of 32 bits or less",
    severity=Severity.HINT,
    page="""A key of 32 bits is used up after 2,147,483,647 rows, those that were rolled back or deleted included;
then inserts fail, and widening it writes the table anew, and all that refer to it. In schema.prisma: `BigInt`.""",
    check=check,
    examples=(Example("CREATE TABLE fresh (id SERIAL, PRIMARY KEY (id));"),),
    harmless=("CREATE TABLE fresh (id BIGSERIAL, n int, PRIMARY KEY (id));",),
    by_size=False,
    on_new=True,
    style=True,
)
