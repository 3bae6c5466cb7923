"""The sample application: its tables, and the statements that the server has counted while it ran."""

from functools import partial

from benchmarks.advisor.subject import MEGABYTE, Subject, settle
from examples.edfinance import generate
from examples.edfinance import workload as application
from pgarchitect.advising import Wanted
from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings
from pgarchitect.workload.counted import read_workload
from pgarchitect.workload.pg_stat_statements import Filters


def edfinance(scale: float) -> Subject:
    """The sample application at a scale."""
    return Subject(
        name="edfinance",
        title=f"The sample application, scale {scale:g}",
        load=partial(load, scale=scale),
        wanted=workload,
        budgets=[round(scale * 10 * MEGABYTE), None],
        most=25,
        left_out="Weights are the calls that the server counted, for every advisor alike. Writes are not weighed here,"
        " since the published advisors do not know of them. `make demo` proves the sample's indexes by real runs.",
    )


def load(url: str, settings: Settings, *, scale: float) -> None:
    """Create the tables, fill them and play the application once."""
    generate.load(url, scale)
    settle(url, settings)
    application.run(url)


def workload(url: str, settings: Settings) -> list[Wanted]:
    """All statements of the application, weighed by their calls."""
    with connect(url, settings) as connection:
        found = read_workload(connection, Filters(min_mean_ms=0.0, min_calls=1, top=1_000)).statements
    return [Wanted(each.text, float(each.calls), each.rows_per_call) for each in found]
