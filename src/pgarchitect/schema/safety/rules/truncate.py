"""TRUNCATE."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rewriting import in_batches
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What empties a table under the strongest lock."""
    reader = Reader(subject.statement)
    if not reader.take("TRUNCATE"):
        return
    reader.take("TABLE")
    reader.take("ONLY")
    tables = reader.names()
    cascade = reader.find("CASCADE") is not None
    more = " CASCADE empties every table that refers to it as well, and theirs." if cascade else ""
    for table in tables:
        happens = (
            f"All rows of {table.shown} are gone; ACCESS EXCLUSIVE: nobody reads or writes until the transaction"
            f" ends.{more}"
        )
        yield Found(table, happens, (in_batches(table, "", ""),))


RULE = Rule(
    id="truncate",
    title="a table is emptied",
    severity=Severity.ERROR,
    page="""`TRUNCATE` takes `ACCESS EXCLUSIVE`, and so stands behind every running statement with everybody else
behind itself; with `CASCADE` it empties every table that refers to this one by a foreign key, however far. Rows that
must go are deleted in batches, and only those.""",
    check=check,
    examples=(
        Example(
            "TRUNCATE archive;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, rewrites=True),
            steps=(Taken(LockMode.ROW_EXCLUSIVE, scans=True),),
        ),
    ),
    harmless=("CREATE TABLE fresh (id int); TRUNCATE fresh;",),
    by_size=False,
)
