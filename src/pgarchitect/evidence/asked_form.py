"""What a twin is asked about a statement: a form for each set of values that it is likely called with."""

from dataclasses import dataclass

from pgarchitect.evidence.binding import GENERIC, bind
from pgarchitect.evidence.prepared import generic
from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.twin.plan import Generic
from pgarchitect.workload.syntax import UnreadableStatement, parameter_numbers, parse, plain_names
from pgarchitect.workload.workload import Statement


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A statement with one set of values.

    Attributes:
        statement: with the values in place; with ``$1`` … where it is planned without values.
        asked: what the planner is asked.
        scenario: which kind of values; empty for a statement without parameters.
        parameters: the values, as SQL literals.
        weight: how much the set counts among those of the statement, 0 … 1.
        without_values: why no values could be found; else empty.
    """

    statement: str
    asked: str | Generic
    scenario: str = ""
    parameters: tuple[str, ...] = ()
    weight: float = 1.0
    without_values: str = ""


def asked_forms(session: Connection, source: Connection, statement: Statement) -> tuple[AskedForm, ...]:
    """The forms of a statement, the likeliest first; one that our parser cannot read has one without values.

    Args:
        session: to a twin: values are chosen by its statistics.
        source: what it is a twin of: values of JSON parameters are chosen from its documents.
        statement: with or without parameters.

    Raises:
        CannotRun: the server cannot plan it, with values or without.
    """
    text = statement.text
    if not parameter_numbers(text):
        return (AskedForm(text, text),)
    try:
        tree = parse(text)
    except UnreadableStatement:
        why = "our parser does not understand its syntax"
        return (AskedForm(text, generic(text), GENERIC, without_values=why),)
    found = bind(session, statement, tree, read_catalog(session, plain_names([tree])), documents=source)
    return tuple(
        AskedForm(each.sql, each.asked, each.scenario, each.literals, each.weight, each.refusal) for each in found
    )
