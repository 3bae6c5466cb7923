"""A script as it runs: its statements, and which of them share a transaction.

A script without transaction control of its own runs as one transaction: Prisma sends it to the server in one piece. One
that holds a statement which no transaction can hold is run statement by statement by `pgarchitect migrate deploy`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.create_index import CreateIndex
from pgarchitect.schema.safety.reading.do_block import statements_of_block
from pgarchitect.schema.safety.reading.forms import DropObjects, Form, read_form
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.statement import Statement, statements_in

_ALONE: Final = (
    ("VACUUM",),
    ("CREATE", "DATABASE"),
    ("DROP", "DATABASE"),
    ("CREATE", "TABLESPACE"),
    ("DROP", "TABLESPACE"),
    ("ALTER", "SYSTEM"),
    ("REINDEX", "SCHEMA"),
    ("REINDEX", "DATABASE"),
    ("REINDEX", "SYSTEM"),
)
_OPENS: Final = (("BEGIN",), ("START", "TRANSACTION"))
_CLOSES: Final = (("COMMIT",), ("END",), ("ROLLBACK",), ("ABORT",))


@dataclass(frozen=True, slots=True)
class Step:
    """A statement in its place.

    Attributes:
        statement: its text.
        form: what it is, where a rule asks about its form.
        transaction: number of the transaction that it runs in.
        explicit: that transaction was begun by the script itself.
        control: it begins or ends a transaction: BEGIN, COMMIT, ROLLBACK; otherwise empty.
        alone: the server refuses it inside a transaction.
        inner: it stands in the body of the DO block before it.
    """

    statement: Statement
    form: Form | None
    transaction: int
    explicit: bool
    control: str
    alone: bool
    inner: bool = False


def read_script(sql: str) -> tuple[Step, ...]:
    """The statements of a script."""
    read = [(each, form := read_form(each), runs_alone(each, form)) for each in statements_in(sql)]
    apart = any(alone for _, _, alone in read)
    steps: list[Step] = []
    transaction, explicit = 0, False
    for statement, form, alone in read:
        control = control_of(statement)
        if control == "BEGIN":
            transaction, explicit = transaction + 1, True
        elif apart and not explicit:
            transaction += 1
        steps.append(Step(statement, form, transaction, explicit, control, alone))
        steps += [
            Step(inner, read_form(inner), transaction, explicit, "", alone=False, inner=True)
            for inner in statements_of_block(statement)
        ]
        if control in {"COMMIT", "ROLLBACK"}:
            transaction, explicit = transaction + 1, False
    return tuple(steps)


def joined(steps: Iterable[Step]) -> str:
    """The statements as a script, without BEGIN and COMMIT."""
    return "\n".join(f"{step.statement.text};" for step in steps if not step.control and not step.inner)


def control_of(statement: Statement) -> str:
    """BEGIN, COMMIT or ROLLBACK where a statement is one of them in any spelling; else empty."""
    if any(statement.begins(*words) for words in _OPENS):
        return "BEGIN"
    closing = next((words[0] for words in _CLOSES if statement.begins(*words)), "")
    if not closing or "TO" in {token.word for token in statement.tokens} or "PREPARED" in statement.text.upper():
        return ""
    return "COMMIT" if closing in {"COMMIT", "END"} else "ROLLBACK"


def runs_alone(statement: Statement, form: Form | None) -> bool:
    """Whether the server refuses a statement inside a transaction."""
    if isinstance(form, (CreateIndex, DropObjects)) and form.concurrently:
        return True
    if any(statement.begins(*words) for words in _ALONE):
        return True
    if not statement.begins("REINDEX") and not statement.begins("ALTER", "TABLE") and not statement.begins("CLUSTER"):
        return False
    said = {token.word for token in statement.tokens}
    if statement.begins("REINDEX") or (statement.begins("ALTER", "TABLE") and "DETACH" in said):
        return "CONCURRENTLY" in said
    return statement.begins("CLUSTER") and Reader(statement, 1).name() is None
