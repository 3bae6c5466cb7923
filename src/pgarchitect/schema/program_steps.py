"""Steps for functions, triggers, rules, policies, domains and composite types, among those of a difference."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pgarchitect.schema.difference import Step, StepKind
from pgarchitect.schema.programs import Program, Programs, Whole, same_program

_ON_RELATIONS: Final = frozenset({"trigger", "rule", "policy", "row security", "foreign keys of", "sequence"})
_LAST: Final = 3
_UNCHECKED: Final = "SET LOCAL check_function_bodies = off;"
"""A body may name tables that come later."""


def with_programs(steps: Sequence[Step], first: Whole, second: Whole) -> tuple[Step, ...]:
    """The steps, and those that make the programs of the first side like the second's, each where it works.

    Args:
        steps: of the difference, in their order.
        first: as it is.
        second: as it is to be.
    """
    before, after = _of_sequences_that_stay(first, second), _begun(second) if _is_bare(first) else second.programs
    changed = {key for key in before.keys() & after.keys() if not same_program(before[key], after[key])}
    gone = {key: each for key, each in before.items() if key not in after or _is_made_anew(key, changed)}
    new = {key: each for key, each in after.items() if key not in before or key in changed}
    made = [tuple(_made(new, stage)) for stage in range(_LAST + 1)]
    dropped = [tuple(_dropped(gone, stage)) for stage in range(_LAST + 1)]
    old_tables = _place(steps, StepKind.RENAME_ENUM)
    tables = max(old_tables, _place(steps, StepKind.CREATE_SEQUENCE))
    views = max(tables, _place(steps, StepKind.CREATE_VIEW))
    early = (*dropped[_LAST], *dropped[2], *steps[:old_tables], *dropped[1], *steps[old_tables:tables], *made[0])
    return (*early, *steps[tables:views], *made[1], *steps[views:], *made[2], *made[_LAST], *dropped[0])


def _is_bare(side: Whole) -> bool:
    return not side.database.tables and not side.database.sequences


def _begun(side: Whole) -> Programs:
    """Its programs where all sequences are new: they begin where they are said to."""
    return {
        key: replace(each, definition=f"{each.definition} RESTART") if key[0] == "sequence" else each
        for key, each in side.programs.items()
    }


def _of_sequences_that_stay(first: Whole, second: Whole) -> Programs:
    """Programs of the first side, without what is said of sequences where all of them go."""
    return {key: each for key, each in first.programs.items() if key[0] != "sequence" or not _is_bare(second)}


def _is_made_anew(key: tuple[str, str], changed: set[tuple[str, str]]) -> bool:
    return key in changed and key[0] in _ON_RELATIONS


def _made(programs: Programs, stage: int) -> Iterator[Step]:
    """Those of a stage: before the tables, before the views, behind them, and what stands on relations itself."""
    found = [(key, each) for key, each in programs.items() if _stage(key[0], each) == stage]
    several = sorted(found, key=lambda each: each[1].made)
    if any(each.verbatim for _, each in several):
        yield Step(StepKind.CREATE_PROGRAM, (_UNCHECKED,), "check_function_bodies")
    for (kind, name), program in several:
        yield Step(StepKind.CREATE_PROGRAM, (program.statement,), f"{kind} {name}")


def _stage(kind: str, program: Program) -> int:
    return _LAST if kind in _ON_RELATIONS else program.stands_on or 0


def _dropped(programs: Programs, stage: int) -> Iterator[Step]:
    """Those of a stage, the newest first."""
    found = [(key, each) for key, each in programs.items() if _stage(key[0], each) == stage]
    for key, program in sorted(found, key=lambda each: each[1].made, reverse=True):
        yield Step(StepKind.DROP_PROGRAM, (f"{program.dropped};",), " ".join(key))


def _place(steps: Sequence[Step], kind: StepKind) -> int:
    """Where the first step of that kind, or of one that comes later, stands."""
    least = Step(kind, ("",), "").place
    return next((number for number, each in enumerate(steps) if each.place >= least), len(steps))
