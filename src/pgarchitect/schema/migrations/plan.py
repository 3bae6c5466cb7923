"""How a script runs: in one piece, or in parts because a statement of it cannot share a transaction."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.forms import read_form
from pgarchitect.schema.safety.reading.reader import Reader
from pgarchitect.schema.safety.reading.script import control_of, runs_alone
from pgarchitect.schema.safety.reading.statement import Statement, statements_in

_TELLING: Final = re.compile(
    r"""\b(?:CONCURRENTLY|(?<!")(?:COPY|VACUUM|DATABASE|TABLESPACE|SYSTEM|REINDEX|CLUSTER|CALL|DO|BEGIN|START|COMMIT|END
            |ROLLBACK|ABORT|VALUE))\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words without which a script runs in one piece: most need not be read to know that. A quoted name is none of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Statements that are done together or not at all.

    Attributes:
        statements: in their order; where the script itself begins a transaction, BEGIN and COMMIT are among them.
        alone: it is one statement that runs outside a transaction.
    """

    statements: tuple[Statement, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a script runs.

    Attributes:
        parts: one after the other; empty: the script runs in one piece.
        atomic: in one piece, and nothing in it ends the transaction: it is done as a whole or not at all.
        copies: line of the first COPY from or to the client, which nobody answers; 0: there is none.
    """

    parts: tuple[Part, ...]
    atomic: bool
    copies: int = 0


def plan_of(sql: str) -> Plan:
    """Decide how a script runs."""
    if not _TELLING.search(sql):
        return Plan((), atomic=True)
    statements = statements_in(sql)
    if copies := next(filter(_copies, statements), None):
        return Plan((), atomic=True, copies=copies.line)
    parts = tuple(_parts(statements))
    if any(each.alone for each in parts):
        return Plan(parts, atomic=False)
    if any(map(control_of, statements)):
        return Plan((), atomic=False)
    cut = _after_added_value(statements)
    if cut:
        return Plan((Part(statements[:cut]), Part(statements[cut:])), atomic=False)
    return Plan((), atomic=True)


def session_settings(part: Part) -> Iterator[Statement]:
    """Statements of a part that set something for all that comes after them in the session."""
    for statement in part.statements:
        sets = statement.begins("SET") and not statement.begins("SET", "LOCAL")
        if sets or statement.begins("RESET") or _calls_set_config(statement):
            yield statement


def _calls_set_config(statement: Statement) -> bool:
    return statement.begins("SELECT") and any(token.word == "SET_CONFIG" for token in statement.tokens)


def _parts(statements: Sequence[Statement]) -> Iterator[Part]:
    """Each statement by itself, but what the script puts into a transaction of its own."""
    block: list[Statement] = []
    only = len(statements) == 1
    for statement in statements:
        control = control_of(statement)
        if block or control == "BEGIN":
            block.append(statement)
            if control in {"COMMIT", "ROLLBACK"}:
                yield Part(tuple(block))
                block = []
        else:
            alone = runs_alone(statement, read_form(statement)) or (only and _commits(statement))
            yield Part((statement,), alone)
    if block:
        yield Part(tuple(block))


def _copies(statement: Statement) -> bool:
    return statement.begins("COPY") and not {"STDIN", "STDOUT"}.isdisjoint(each.word for each in statement.tokens)


def _commits(statement: Statement) -> bool:
    """Whether a procedure or block may commit inside, which the server allows outside a transaction only."""
    if statement.begins("CALL"):
        return True
    return statement.begins("DO") and any("COMMIT" in token.text.upper() for token in statement.tokens)


def _after_added_value(statements: Sequence[Statement]) -> int:
    """How many statements must be committed before a value that they add to an enum is used; 0: it is not used."""
    added: set[str] = set()
    place = 0
    for number, statement in enumerate(statements):
        if value := _added_value(statement):
            added.add(value)
            place = number + 1
        elif added and not added.isdisjoint(Reader(statement).strings()):
            return place
    return 0


def _added_value(statement: Statement) -> str:
    reader = Reader(statement)
    if not reader.take("ALTER", "TYPE"):
        return ""
    reader.name()
    return next(iter(reader.strings()), "") if reader.take("ADD", "VALUE") else ""
