"""A new migration is tried before it is written, on the shadow database that has all migrations before it.

Triggers, rules and policies are no part of a difference, but may stand in its way or go with a view that is created
anew. Those are taken along: dropped before it, or created again behind it, as the shadow database says them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import psycopg

from pgarchitect.errors import MigrationFailed, MigrationObstructed
from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.connection_errors import first_line
from pgarchitect.postgres.named_sql import statement
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.difference import Step, StepKind, Wishes, difference, migration_script
from pgarchitect.schema.difference.equality import same_type
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.migrations.folder import Migration
from pgarchitect.schema.migrations.plan import plan_of
from pgarchitect.schema.migrations.planning import Plan
from pgarchitect.schema.migrations.runner import replay
from pgarchitect.schema.programs import Programs, read_programs

_IN_THE_WAY: Final = (
    psycopg.errors.DependentObjectsStillExist,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedObject,
)


@dataclass(frozen=True, slots=True)
class Tried:
    """A migration that runs: its steps, and what they leave to be done, which is nothing."""

    steps: tuple[Step, ...]
    left: tuple[Step, ...]


def tried(found: Plan, steps: Sequence[Step], shadow: Connection) -> Tried:
    """Run steps in the shadow database, with what has to be taken along.

    Raises:
        MigrationObstructed: something that the schema has no word for stands in the way.
        MigrationFailed: the server refuses one of them for another reason.
    """
    before = read_programs(shadow, found.after.schemas)
    complete = _run(found, _warned(found, steps, shadow), before, shadow)
    lost = _lost(before, read_programs(shadow, found.after.schemas), shadow)
    if lost:
        again = _created(lost)
        _replay(again, shadow)
        complete = (*complete, *again)
    made = read_database_schema(shadow, found.after.schemas)
    return Tried(complete, difference(made, found.after, Wishes(keep_inexpressible=True)))


def _warned(found: Plan, steps: Sequence[Step], shadow: Connection) -> tuple[Step, ...]:
    """The steps, and of a table that is created that there is one of its name where the schema no longer looks."""
    new = {each.name: each for each in found.after.tables if found.before.table(each.schema, each.name) is None}
    values = {"names": list(new), "schemas": list(found.after.schemas)}
    rows = shadow.execute(statement(__package__, "trying.sql", "elsewhere"), values).fetchall() if new else []
    home = next(iter(found.after.schemas), "public")
    told = {qualified(new[name].schema, name, home): schema for schema, name in rows}
    return tuple(_with_warning(each, told) if each.kind is StepKind.CREATE_TABLE else each for each in steps)


def _with_warning(step: Step, told: Mapping[str, str]) -> Step:
    schema = told.get(step.concerns)
    if schema is None:
        return step
    warning = (
        f"The table {step.concerns} begins empty: one of its name stays in the schema {schema}, which the datasource"
        " does not name. If it moves, name both schemas for this migration, and say --rename."
    )
    return replace(step, warnings=(*step.warnings, warning))


def _run(found: Plan, steps: tuple[Step, ...], programs: Programs, shadow: Connection) -> tuple[Step, ...]:
    try:
        _replay(steps, shadow)
    except MigrationObstructed:
        shadow.rollback()
        standing = _standing(found, programs, shadow) if plan_of(migration_script(steps)).atomic else {}
        if not standing:
            raise
        drops = tuple(f"{each.dropped};" for each in standing.values())
        aside = Step(StepKind.SET_ASIDE, drops, ", ".join(name for _, name in standing))
        complete = (aside, *steps, *_created(standing))
        _replay(complete, shadow)
        return complete
    return steps


def _replay(steps: tuple[Step, ...], shadow: Connection) -> None:
    try:
        replay(shadow, Migration("new", migration_script(steps)))
    except _IN_THE_WAY as error:
        raise MigrationObstructed(
            f"The migration that follows from the schema cannot run as it is ({_reason(error)}), so it was not written."
            " Write it with --create-only and complete it by hand: drop what stands in its way before it, and create it"
            " again behind, where it is still wanted."
        ) from error
    except psycopg.Error as error:
        raise MigrationFailed(
            f"The migration that follows from the schema fails on an empty database ({first_line(error)}), so it was"
            " not written; please report this sentence with the schema."
        ) from error


def _reason(error: psycopg.Error) -> str:
    detail = " and ".join((error.diag.message_detail or "").splitlines())
    return f"{first_line(error)}{f': {detail}' if detail else ''}".rstrip(".")


def _standing(found: Plan, programs: Programs, shadow: Connection) -> Programs:
    """Triggers, rules and policies on columns that get another type."""
    changing = list(_changing(found))
    schemas, tables, columns = ([each[place] for each in changing] for place in range(3))
    values = {"schemas": schemas, "tables": tables, "columns": columns}
    rows = shadow.execute(statement(__package__, "trying.sql", "standing"), values).fetchall()
    return {(kind, name): programs[kind, name] for kind, name in rows if (kind, name) in programs}


def _changing(found: Plan) -> Iterator[tuple[str, str, str]]:
    for old in found.before.tables:
        new = found.after.table(old.schema, old.name)
        for column in old.columns if new else ():
            now = new.column(column.name) if new else None
            if now is not None and not same_type(column.type, now.type):
                yield old.schema, old.name, column.name


def _lost(before: Programs, after: Programs, shadow: Connection) -> Programs:
    """What went with a relation that is there again."""
    return {key: program for key, program in before.items() if key not in after and _has_home(key, shadow)}


def _has_home(key: tuple[str, str], shadow: Connection) -> bool:
    _, on, relation = key[1].rpartition(" ON ")
    row = (
        shadow.execute(statement(__package__, "trying.sql", "is_there"), {"name": relation}).fetchone() if on else None
    )
    return bool(row and row[0])


def _created(programs: Programs) -> tuple[Step, ...]:
    return tuple(
        Step(StepKind.PUT_BACK, (each.statement,), f"{kind} {name}") for (kind, name), each in programs.items()
    )
