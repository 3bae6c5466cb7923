"""``pgarchitect advise``: the best set of indexes for a workload."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pgarchitect.advising import Wanted
from pgarchitect.advising import advise as best_indexes
from pgarchitect.checking import Check
from pgarchitect.cli import streams
from pgarchitect.cli.application_schema import (
    ApplicationSchema,
    ApplicationSchemaOption,
    application_schema,
    in_schema,
)
from pgarchitect.cli.output_format import Format
from pgarchitect.cli.size import size_in_bytes
from pgarchitect.cli.sql_file import read_statements
from pgarchitect.errors import EmptyWorkload, UsageError
from pgarchitect.evidence.proof import Effort
from pgarchitect.opening import SANDBOX, trial_place
from pgarchitect.postgres.connect_by_name import named
from pgarchitect.postgres.connection import connect
from pgarchitect.proving.building import Place
from pgarchitect.recommendations.advice import Advice, AdvisedIndex
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.report.advice import render, to_json
from pgarchitect.sandbox.sandbox import reached
from pgarchitect.settings import Settings
from pgarchitect.workload.counted import read_workload
from pgarchitect.workload.pg_stat_statements import Filters


def advise(
    dsn: Annotated[str, typer.Argument(metavar="DSN", help="Connection URL of the database.")],
    *,
    workload: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Statements separated by semicolons, each optionally preceded by `-- weight: N`; - reads standard"
            " input; left out: pg_stat_statements.",
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Most that all indexes may take together, such as 500MB.")
    ] = None,
    max_indexes: Annotated[int | None, typer.Option(min=1, help="Most indexes.")] = None,
    top: Annotated[int, typer.Option(min=1, help="From pg_stat_statements: at most so many, by total time.")] = 100,
    period_hours: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=876_000,
            help="With --workload: the hours in which statements run as often as their weights say; it lets the writes"
            " be weighed.",
        ),
    ] = None,
    sandbox: Annotated[
        str | None,
        typer.Option(
            metavar="DSN",
            help="A sandbox by its name, or another copy of the database: the chosen indexes are built there,"
            " statements run without and with them.",
        ),
    ] = None,
    runs: Annotated[
        int, typer.Option(min=1, max=100, help="On the sandbox: timed runs of a statement before and after.")
    ] = 5,
    run_timeout_ms: Annotated[
        int, typer.Option(min=100, help="A run on the sandbox that takes longer is ended.")
    ] = 10_000,
    schema: ApplicationSchemaOption = None,
    output: Annotated[Format, typer.Option("--format", help="terminal or json.")] = Format.TERMINAL,
) -> None:
    """Choose the indexes that make a workload cheapest, within a budget; the database is only read.

    With a sandbox they are built there and measured, and those that real runs do not want are taken out.
    """
    limits = Limits(size_bytes=None if budget is None else size_in_bytes(budget), count=max_indexes)
    if workload is None and period_hours is not None:
        raise UsageError("--period-hours tells of the weights of a workload file; name one with --workload.")
    settings, own_schema = Settings(), application_schema(schema)
    if workload is not None:
        wanted, seconds = _from_file(workload), None if period_hours is None else 3_600 * period_hours
    else:
        wanted, seconds = _from_server(dsn, settings, top)
    with _check(dsn, sandbox, settings, Effort(runs=runs, limit_ms=run_timeout_ms)) as check:
        found = best_indexes(dsn, wanted, limits, settings, _told, seconds=seconds, check=check)
    found = _in_schema(found, own_schema, settings)
    if output is Format.JSON:
        streams.print_json(to_json(found))
    else:
        render(found, Console())


def _in_schema(found: Advice, schema: ApplicationSchema | None, settings: Settings) -> Advice:
    replaced = [each.ddl for index in found.indexes for each in index.replaces]
    told = in_schema(schema, (*(each.ddl for each in found.indexes), *replaced), settings)
    return replace(found, indexes=tuple(_told_in_schema(each, told) for each in found.indexes))


def _told_in_schema(index: AdvisedIndex, told: Mapping[str, InSchema]) -> AdvisedIndex:
    replaces = tuple(replace(each, in_schema=told.get(each.ddl)) for each in index.replaces)
    return replace(index, in_schema=told.get(index.ddl), replaces=replaces)


def _told(step: str) -> None:
    typer.echo(step, err=True)


@contextmanager
def _check(dsn: str, sandbox: str | None, settings: Settings, effort: Effort) -> Iterator[Check | None]:
    """The sandbox, opened before the work rather than after it."""
    if sandbox is None:
        yield None
        return
    with ExitStack() as stack:
        with named(SANDBOX):
            place = stack.enter_context(reached(sandbox, settings))
        audited = stack.enter_context(connect(dsn, settings))
        trial = stack.enter_context(trial_place(audited, place.dsn, settings, own=place.dsn == dsn))
        yield Check(Place(trial, effort, _told), place.name)


def _from_file(file: Path) -> list[Wanted]:
    return [Wanted(each.text, each.weight) for each in read_statements(file, "--workload")]


def _from_server(dsn: str, settings: Settings, top: int) -> tuple[list[Wanted], float | None]:
    """The statements weighed by their calls, and the seconds in which these were counted; None: not known."""
    with connect(dsn, settings) as connection:
        found = read_workload(connection, Filters(min_mean_ms=0.0, min_calls=1, top=top))
    if not found.statements:
        raise EmptyWorkload(
            "pg_stat_statements holds no statement of an application; let it run for a while, or give a file with"
            " --workload."
        )
    seconds = (datetime.now(UTC) - found.since).total_seconds() if found.since is not None else None
    return [
        Wanted(each.text, float(each.calls), each.rows_per_call, each.mean_ms) for each in found.statements
    ], seconds
