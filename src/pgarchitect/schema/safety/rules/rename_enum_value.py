"""ALTER TYPE … RENAME VALUE."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.names import quoted
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rewriting import in_batches
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What the running application knows by its old name."""
    reader = Reader(subject.statement)
    if not reader.take("ALTER", "TYPE"):
        return
    enum = reader.name()
    if enum is None or not reader.take("RENAME", "VALUE"):
        return
    values = reader.strings()
    if len(values) != 2:
        return
    old, new = (each.replace("'", "''") for each in values)
    happens = (
        f"The running application still reads and writes '{old}', which {enum.shown} no longer knows: its"
        " statements fail"
        f' from then on. In schema.prisma a value of another name costs nothing: @map("{values[0]}").'
    )
    moved = tuple(
        in_batches(table, f"SET {quoted(column)} = '{new}'", f"{quoted(column)} = '{old}'")
        for table, column in subject.known.columns_of(enum.name)
    )
    added = f"ALTER TYPE {enum.sql} ADD VALUE IF NOT EXISTS '{new}';"
    yield Found(None, happens, (f"{added}\n-- Then release the application that knows both values.", *moved))


RULE = Rule(
    id="rename-enum-value",
    title="a value of an enum is renamed under the running application",
    severity=Severity.ERROR,
    page="""The rename itself is instant and needs no rewrite, since rows hold the value's number. But the version of
the application that still runs sends the old name. Add the new value, release an application that understands both,
move the rows in batches; the old value stays in the type unused. In a Prisma schema a value with `@map("old_value")`
needs no SQL at all.""",
    check=check,
    examples=(Example("ALTER TYPE order_status RENAME VALUE 'open' TO 'pending';", steps=(None, None)),),
    harmless=("ALTER TYPE order_status ADD VALUE 'lost';",),
    by_size=False,
)
