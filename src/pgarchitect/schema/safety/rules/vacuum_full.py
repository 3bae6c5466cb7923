"""VACUUM FULL."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What writes a table anew to make it smaller."""
    reader = Reader(subject.statement)
    if not reader.take("VACUUM"):
        return
    options = reader.group()
    full = reader.take("FULL") or (options is not None and _asks(options))
    while reader.take_any("FREEZE", "VERBOSE", "ANALYZE"):
        continue
    if not full:
        return
    tables = reader.names()
    for table in tables or (None,):
        what = table.shown if table else "one table of the database after the other"
        happens = f"Writes {what} anew, with all its indexes, under ACCESS EXCLUSIVE: nobody reads or writes that long."
        yield Found(table, happens, (f"VACUUM (ANALYZE){f' {table.sql}' if table else ''};",))


def _asks(options: Reader) -> bool:
    for option in options.items():
        if option.take("FULL"):
            return option.peek() not in {"FALSE", "OFF", "0"}
    return False


RULE = Rule(
    id="vacuum-full",
    title="a table is written anew to make it smaller",
    severity=Severity.ERROR,
    page="""`VACUUM FULL` writes the table and all its indexes anew under `ACCESS EXCLUSIVE`. A plain `VACUUM` makes
the room of dead rows usable again while everybody works, which is enough unless the disk is full. Where the file
itself must shrink, the extensions pg_repack and pg_squeeze do it beside the table.""",
    check=check,
    examples=(
        Example(
            "VACUUM FULL archive;",
            table="archive",
            takes=Taken(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True),
            steps=(Taken(LockMode.SHARE_UPDATE_EXCLUSIVE),),
        ),
        Example("VACUUM (FULL, ANALYZE) archive;", table="archive"),
    ),
    harmless=("VACUUM ANALYZE orders;", "VACUUM (FULL false) orders;"),
)
