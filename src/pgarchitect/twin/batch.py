"""Many statements under many sets of indexes, planned by several sessions at once.

A switch is an update of the index's row that is never committed, so two sessions that switch the same index would wait
for each other. What all sets have in common is therefore switched for everybody beforehand, and no two sessions ever
work on sets that share one of the remaining indexes.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Final

from pgarchitect.twin.plan import Generic, Plan, Unplannable
from pgarchitect.twin.session import Session, Switches

_WORTH_SPLITTING: Final = 16
"""Statements below which a second session costs more than it saves."""

Row = list[Plan | Unplannable]


@dataclass(frozen=True, slots=True)
class _Task:
    row: int
    first: int
    statements: Sequence[str | Generic]
    switches: Switches


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
                busy = frozenset[int]().union(*(task.switches.touched for task in self._busy))
                for task in self._waiting:
                    if not task.switches.touched & busy:
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
    tasks = _Tasks(_split([(row - common, statements) for row, statements in wanted], len(sessions)))
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


def _split(wanted: Sequence[tuple[Switches, Sequence[str | Generic]]], sessions: int) -> list[_Task]:
    """A task a set; where there are fewer sets than sessions, several that share a set's statements."""
    return [
        _Task(number, first, statements[first : first + size], row)
        for number, (row, statements) in enumerate(wanted)
        for size in (_share(len(statements), len(wanted), sessions),)
        for first in range(0, len(statements), size)
    ]


def _share(statements: int, rows: int, sessions: int) -> int:
    parts = 1 if rows >= sessions else min(sessions, max(1, statements // _WORTH_SPLITTING))
    return max(1, -(-statements // parts))


def _work(session: Session, tasks: _Tasks, matrix: list[Row]) -> None:
    while (task := tasks.take()) is not None:
        try:
            with session.switched(task.switches):
                plans = session.plan_all(task.statements)
            matrix[task.row][task.first : task.first + len(plans)] = plans
        except BaseException:
            tasks.stop()
            raise
        finally:
            tasks.done(task)
