"""What is asked of every advisor: a workload on a database, each statement with the values that it is planned with."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgarchitect.advising import Wanted
from pgarchitect.candidates.shape import table_uses
from pgarchitect.candidates.table_use import TableUse
from pgarchitect.evidence.binding import bind
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.plan import Generic
from pgarchitect.workload.syntax import UnreadableStatement, parse, plain_names

__all__ = ["Question", "Row", "Wanted", "question"]


@dataclass(frozen=True, slots=True)
class Row:
    """One set of values of one statement.

    Attributes:
        statement: its number, from 1.
        asked: what a planner is asked.
        weight: of its cost.
    """

    statement: int
    asked: str | Generic
    weight: float


@dataclass(frozen=True, slots=True)
class Question:
    """A workload that can be planned.

    Attributes:
        wanted: the statements.
        rows: of those whose weight is not zero.
        uses: by number of a statement, how it uses tables.
        refused: by number, why a statement cannot be planned.
    """

    wanted: Sequence[Wanted]
    rows: Sequence[Row]
    uses: dict[int, list[TableUse]]
    refused: dict[int, str]


def question(url: str, wanted: Sequence[Wanted], settings: Settings) -> Question:
    """Bind a workload's parameters on the database itself."""
    rows: list[Row] = []
    uses: dict[int, list[TableUse]] = {}
    refused: dict[int, str] = {}
    with connect(url, settings) as connection:
        for number, each in enumerate(wanted, start=1):
            try:
                tree = parse(each.text)
                catalog = read_catalog(connection, plain_names([tree]))
                forms = bind(connection, each.statement(), tree, catalog, documents=connection)
            except (UnreadableStatement, CannotRun) as error:
                refused[number] = str(error)
                continue
            share = each.weight / sum(form.weight for form in forms)
            rows += [Row(number, form.asked, share * form.weight) for form in forms if each.weight > 0]
            uses[number] = table_uses(tree, catalog)
    return Question(wanted, rows, uses, refused)
