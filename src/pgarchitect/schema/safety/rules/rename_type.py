"""ALTER TYPE … RENAME TO, ALTER SCHEMA … RENAME TO."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What the running application knows by its old name; but not where another takes that name at once."""
    reader = Reader(subject.statement)
    if not reader.take("ALTER"):
        return
    kind = reader.take_any("TYPE", "SCHEMA", "DOMAIN")
    old = reader.name() if kind else None
    if old is None or not reader.take("RENAME", "TO"):
        return
    new = reader.part() or ""
    if new.endswith(("_old", "_new")) or old.name.endswith("_new"):
        return
    happens = (
        f"Every statement of the running application that names {old.shown}, in a cast or before a table, fails"
        " from then"
        f" on, and those of the new version that name {new} fail until then."
    )
    yield Found(None, happens)


RULE = Rule(
    id="rename-type",
    title="a type or a schema is renamed under the running application",
    severity=Severity.ERROR,
    page="""Prisma names enums in casts (`$1::"Role"`) and schemas before tables. When one is renamed, both versions
of the application cannot work at the same time. In schema.prisma `@@map("old_name")` of an enum keeps the database's
name. The exchange that Prisma writes when an enum loses a value (`Role_new` becomes `Role`, `Role` becomes
`Role_old`) is left alone: the name is there before and after.""",
    check=check,
    examples=(Example("ALTER TYPE order_status RENAME TO status_of_order;"),),
    harmless=('ALTER TYPE "Role" RENAME TO "Role_old"; ALTER TYPE "Role_new" RENAME TO "Role";',),
    by_size=False,
)
