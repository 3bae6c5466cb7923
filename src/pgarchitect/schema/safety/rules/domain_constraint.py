"""ALTER DOMAIN … ADD CONSTRAINT and SET NOT NULL."""

import re
from collections.abc import Iterator
from typing import Final

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.lock_modes import LockMode
from pgarchitect.schema.safety.reading.names import Name, quoted, shortened
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.rule import Example, Rule, Subject, Taken


def check(subject: Subject) -> Iterator[Found]:
    """What reads every table that has a column of the domain."""
    reader = Reader(subject.statement)
    if not reader.take("ALTER", "DOMAIN"):
        return
    domain = reader.name()
    if domain is None or reader.find("NOT", "VALID") is not None:
        return
    if reader.take("SET", "NOT", "NULL"):
        body, name = "CHECK (VALUE IS NOT NULL)", shortened(domain.name, "not_null")
    elif reader.take("ADD"):
        name = (reader.part() or "") if reader.take("CONSTRAINT") else shortened(domain.name, "check")
        body = reader.text()
    elif reader.take("VALIDATE", "CONSTRAINT"):
        body = name = ""
    else:
        return
    happens = (
        f"Reads every table that has a column of {domain.shown}, one after the other, under SHARE on all of them:"
        " INSERT,"
        " UPDATE and DELETE wait that long."
    )
    yield Found(None, happens, _rewrite(subject, domain, quoted(name), body) if body else ())


def _rewrite(subject: Subject, domain: Name, name: str, body: str) -> tuple[str, ...]:
    """New values by the domain, old ones by checks of the tables, which can be validated while everybody writes."""
    added = f"ALTER DOMAIN {domain.sql} ADD CONSTRAINT {name} {body} NOT VALID;"
    steps: list[str] = []
    for table, column in subject.known.columns_of(domain.name):
        check_name = quoted(shortened(table.name, column, domain.name))
        condition = _VALUE.sub(lambda _, column=column: quoted(column), body)  # type: ignore[misc]
        steps += [
            f"ALTER TABLE {table.sql} ADD CONSTRAINT {check_name} {condition} NOT VALID;",
            f"ALTER TABLE {table.sql} VALIDATE CONSTRAINT {check_name};",
        ]
    return (added, *steps)


_VALUE: Final = re.compile(r"\bVALUE\b", re.IGNORECASE)
RULE = Rule(
    id="domain-constraint",
    title="a domain demands more of every column that has it",
    severity=Severity.ERROR,
    page="""A constraint of a domain is checked in every column of every table that has the domain, under `SHARE` on
all those tables at once. `VALIDATE CONSTRAINT` of a domain does the same, so that `NOT VALID` only puts it off. What
helps: the domain's constraint is added `NOT VALID`, which holds for new values in an instant and stays so; and each
table gets a check that says the same of its old rows, which can be validated under `SHARE UPDATE EXCLUSIVE`. The
rewrite names the tables where they are known, from earlier migrations or with `--dsn`.""",
    check=check,
    examples=(
        Example(
            "ALTER DOMAIN amount ADD CONSTRAINT amount_positive CHECK (VALUE >= 0);",
            takes=Taken(LockMode.SHARE, scans=True),
            steps=(
                Taken(LockMode.NONE),
                Taken(LockMode.ACCESS_EXCLUSIVE),
                Taken(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True),
            ),
        ),
        Example(
            "ALTER DOMAIN later VALIDATE CONSTRAINT later_positive;",
            table="invoices",
            takes=Taken(LockMode.SHARE, scans=True),
        ),
    ),
    harmless=(
        "ALTER DOMAIN amount ADD CONSTRAINT amount_positive CHECK (VALUE >= 0) NOT VALID;",
        "ALTER DOMAIN amount DROP NOT NULL;",
    ),
)
