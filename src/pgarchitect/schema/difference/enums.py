"""Enum types: new ones, values added in their places, those that go; what is rebuilt has a file of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import DatabaseSchema, EnumType
from pgarchitect.schema.ddl.enums import create_enum, drop_enum
from pgarchitect.schema.ddl.quoting import literal, qualified
from pgarchitect.schema.difference.enum_rebuilding import rebuilding_steps
from pgarchitect.schema.difference.matching import Tables
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Touched

_BEGIN: Final = "BEGIN;"


def enum_steps(
    before: DatabaseSchema, after: DatabaseSchema, tables: Tables, touched: Touched, home: str
) -> Iterator[Step]:
    """The steps of all enums."""
    for enum in after.enums:
        old = before.enum(enum.schema, enum.name)
        name = qualified(enum.schema, enum.name, home)
        if old is None:
            yield Step(StepKind.CREATE_ENUM, (create_enum(enum, home),), name)
        elif (enum.schema, enum.name) in touched.rebuilt:
            yield from rebuilding_steps(old, enum, tables, _names(before, after), home)
        elif enum.labels != old.labels:
            yield Step(StepKind.ALTER_ENUM, tuple(_additions(old, enum, name)), name)
    for enum in before.enums:
        if after.enum(enum.schema, enum.name) is None:
            yield Step(StepKind.DROP_ENUM, (drop_enum(enum, home),), qualified(enum.schema, enum.name, home))


def _names(*databases: DatabaseSchema) -> frozenset[str]:
    """Names of types; every table has one, too."""
    types = [each.name for database in databases for each in database.enums]
    tables = [each.name for database in databases for each in database.tables]
    return frozenset((*types, *tables))


def with_additions(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """The old labels in their order, and each new one before the old one that follows it in the new order."""
    there = list(old)
    for label, follower in _followers(old, new):
        there.insert(there.index(follower) if follower is not None else len(there), label)
    return tuple(there)


def _followers(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Each new label, and the first behind it that is there already; None: none is."""
    there = set(old)
    for place, label in enumerate(new):
        if label not in there:
            yield label, next((each for each in new[place + 1 :] if each in there), None)
            there.add(label)


def _additions(old: EnumType, new: EnumType, name: str) -> Iterator[str]:
    """ADD VALUE for each new label; where it is not the last, with the place that it gets."""
    for label, follower in _followers(old.labels, new.labels):
        behind = f" BEFORE {literal(follower)}" if follower is not None else ""
        yield f"ALTER TYPE {name} ADD VALUE {literal(label)}{behind};"


def committed_in_time(steps: Sequence[Step]) -> list[Step]:
    """Let values that are added to an enum be committed before a later step uses one of them.

    PostgreSQL refuses to use such a value in the transaction that added it; a migration runs as one, so the step gets
    its own. All that stands above it is committed with it, so views that will come back are dropped after it.
    """
    done = list(steps)
    last = 0
    for place, step in enumerate(steps):
        if step.kind is StepKind.ALTER_ENUM and step.transactional and _used(step, steps[place + 1 :]):
            done[place] = _committed(step)
            last = place + 1
    above = done[:last]
    if any(each.kind is StepKind.RENAME_ENUM for each in above):
        return done  # it may get the name of a view that goes
    views = [each for each in above if each.kind is StepKind.DROP_VIEW]
    return [*(each for each in above if each.kind is not StepKind.DROP_VIEW), *views, *done[last:]]


def _committed(step: Step) -> Step:
    """The step in a transaction of its own; it can be run again if what comes after it fails."""
    again = (each.replace(" ADD VALUE ", " ADD VALUE IF NOT EXISTS ", 1) for each in step.statements)
    return replace(step, statements=(_BEGIN, *again, "COMMIT;"), transactional=False)


def in_one_transaction(steps: Sequence[Step]) -> list[Step]:
    """Let a rebuilt enum share the transaction of the steps around it.

    What stands on it steps aside before and comes back after: were it committed by itself, as Prisma does, a step that
    fails would leave the database without its views, foreign keys and checks. Where a step refuses any transaction,
    statements run one by one, and the rebuilding keeps its own.
    """
    rebuilt = [each for each in steps if each.statements[0] == _BEGIN]
    if len(steps) == 1 or any(not each.transactional and each not in rebuilt for each in steps):
        return list(steps)
    return [
        replace(each, statements=each.statements[1:-1], transactional=True) if each in rebuilt else each
        for each in steps
    ]


def _used(step: Step, later: Sequence[Step]) -> bool:
    labels = [found[1] for each in step.statements if (found := re.search(r" ADD VALUE '((?:[^']|'')*)'", each))]
    # As a constant of its own, or as an element of an array that is written as one.
    uses = [re.compile(rf"""['{{,"]{re.escape(each)}['}},"]""") for each in labels]
    return any(use.search(sql) for use in uses for each in later for sql in each.statements)
