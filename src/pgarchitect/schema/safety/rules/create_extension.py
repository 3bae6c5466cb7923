"""CREATE EXTENSION."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What needs rights and files that not every server has."""
    reader = Reader(subject.statement)
    if not reader.take("CREATE", "EXTENSION") or reader.if_not_exists():
        return
    name = reader.part() or ""
    happens = (
        f"Fails where {name} is there already (SQLSTATE 42710), as it is where an administrator had to create it: many"
        " extensions need a superuser, and files that the server must have."
    )
    rest = reader.text()
    rewrite = f'CREATE EXTENSION IF NOT EXISTS "{name}"{f" {rest}" if rest else ""};'
    yield Found(None, happens, (rewrite,))


RULE = Rule(
    id="create-extension",
    title="an extension is created without asking whether it is there",
    severity=Severity.HINT,
    page="""Extensions that are not marked as trusted can be created by a superuser only, so on many servers somebody
has done so before the migration runs. `IF NOT EXISTS` lets it pass there. Look into `pg_available_extensions` of the
server that it is meant for; the shadow database needs the extension too.""",
    check=check,
    examples=(Example("CREATE EXTENSION plpgsql;", fails="42710"),),
    harmless=('CREATE EXTENSION IF NOT EXISTS "pgcrypto";',),
    by_size=False,
)
