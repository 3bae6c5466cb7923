"""Many statements under many sets of indexes, planned by several sessions at once.

A switch is an update of the index's row that is never committed, so two sessions that switch the same index would wait
for each other. What all sets have in common is therefore switched for everybody beforehand, and no two sessions ever
work on sets that share one of the remaining indexes.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Final

from pgarchitect.twin.plan import Generic, Plan, Unplannable
from pgarchitect.twin.session import Session, Switches

_WORTH_SPLITTING: Final = 16
"""Statements below which a second session costs more than it saves."""
_TOGETHER: Final = 64
"""Sets that are planned under in one transaction, which keeps a version of each row that it switches."""

Row = list[Plan | Unplannable]


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of a set's statements, from ``first`` on."""

    row: int
    first: int
    statements: Sequence[str | Generic]
    switches: Switches


@dataclass(frozen=True, slots=True)
class _Task:
    """What one session plans in one go."""

    parts: Sequence[_Part]
    touched: frozenset[int]

    @classmethod
    def of(cls, parts: Sequence[_Part]) -> "_Task":
        """In an order in which each differs little from the one before."""
        return cls(_in_small_steps(parts), frozenset[int]().union(*(part.switches.touched for part in parts)))


class _Tasks:
    """What is still to be done; hands out no two tasks at a time that touch the same index."""

    def __init__(self, tasks: Sequence[_Task]) -> None:
        self._waiting = list(tasks)
        self._busy: list[_Task] = []
        self._changed = threading.Condition()

    def take(self) -> _Task | None:
        """The next task, as soon as there is one that may be done now; None when nothing is left."""
        with self._changed:
            while self._waiting:
                busy = frozenset[int]().union(*(task.touched for task in self._busy))
                for task in self._waiting:
                    if not task.touched & busy:
                        self._waiting.remove(task)
                        self._busy.append(task)
                        return task
                self._changed.wait()
            return None

    def done(self, task: _Task) -> None:
        """The task is done, or was given up."""
        with self._changed:
            self._busy.remove(task)
            self._changed.notify_all()

    def stop(self) -> None:
        """Hand out nothing any more."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()


def plan_matrix(
    sessions: Sequence[Session], statements: Sequence[str | Generic], rows: Sequence[Switches]
) -> list[Row]:
    """The plans of all statements under each of the sets, a list a set.

    Args:
        sessions: that nobody uses meanwhile; one thread each.
        statements: to plan.
        rows: the sets of indexes.

    Raises:
        CannotConnect: the twin's server is gone; some switches may stay committed.
    """
    return plan_each(sessions, [(row, statements) for row in rows])


def plan_each(sessions: Sequence[Session], wanted: Sequence[tuple[Switches, Sequence[str | Generic]]]) -> list[Row]:
    """As ``plan_matrix``, with statements of its own for each set: a list a set.

    Raises:
        CannotConnect: the twin's server is gone; some switches may stay committed.
    """
    if not wanted:
        return []
    common = reduce(and_, (row for row, _ in wanted))
    matrix: list[Row] = [[Unplannable("not planned")] * len(statements) for _, statements in wanted]
    tasks = _Tasks(_grouped(_split([(row - common, statements) for row, statements in wanted], len(sessions))))
    sessions[0].commit(common)
    try:
        with ThreadPoolExecutor(len(sessions)) as pool:
            try:
                for worker in [pool.submit(_work, session, tasks, matrix) for session in sessions]:
                    worker.result()
            except BaseException:
                tasks.stop()
                raise
    finally:
        sessions[0].commit(~common)
    return matrix


def _split(wanted: Sequence[tuple[Switches, Sequence[str | Generic]]], sessions: int) -> list[_Part]:
    """A part a set; where there are fewer sets than sessions, several that share a set's statements."""
    return [
        _Part(number, first, statements[first : first + size], row)
        for number, (row, statements) in enumerate(wanted)
        for size in (_share(len(statements), len(wanted), sessions),)
        for first in range(0, len(statements), size)
    ]


def _share(statements: int, rows: int, sessions: int) -> int:
    parts = 1 if rows >= sessions else min(sessions, max(1, statements // _WORTH_SPLITTING))
    return max(1, -(-statements // parts))


def _grouped(parts: Sequence[_Part]) -> list[_Task]:
    """The sets of the same statements together: they share most indexes, so that no two sessions could do them."""
    groups: dict[tuple[str | Generic, ...], list[_Part]] = {}
    for part in parts:
        groups.setdefault(tuple(part.statements), []).append(part)
    return [
        _Task.of(group[first : first + _TOGETHER])
        for group in groups.values()
        for first in range(0, len(group), _TOGETHER)
    ]


def _in_small_steps(parts: Sequence[_Part]) -> list[_Part]:
    left, ordered = list(parts), list[_Part]()
    before = Switches()
    while left:
        nearest = min(left, key=lambda part: _steps(before, part.switches))
        left.remove(nearest)
        ordered.append(nearest)
        before = nearest.switches
    return ordered


def _steps(before: Switches, after: Switches) -> int:
    return len(before.on ^ after.on) + len(before.off ^ after.off)


def _work(session: Session, tasks: _Tasks, matrix: list[Row]) -> None:
    while (task := tasks.take()) is not None:
        try:
            found = session.plan_in_turn([(part.switches, part.statements) for part in task.parts])
            with closing(found):
                for part, plans in zip(task.parts, found, strict=True):
                    matrix[part.row][part.first : part.first + len(plans)] = plans
        except BaseException:
            tasks.stop()
            raise
        finally:
            tasks.done(task)
