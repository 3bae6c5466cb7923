"""What a workload costs under indexes that need not exist, by the planner twin; what was asked once is remembered."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.advisor.plain_index import Config, PlainIndex
from benchmarks.advisor.question import Question, Row
from pgarchitect.errors import UsageError
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.plan import Configuration, Plan
from pgarchitect.twin.planner_twin import PlannerTwin

_Asked = tuple[int, Config]
_Known = tuple[float, Config]
_AT_ONCE: Final = 50
"""Sets of indexes that are planned under at once: all their plans are in memory, which takes gigabytes otherwise."""


class TwinCosts:
    """A statement is planned once for each set of indexes that hold a column it mentions: the rule of all peers."""

    def __init__(self, twin: PlannerTwin, question: Question) -> None:
        self._twin = twin
        self._rows: dict[int, list[Row]] = defaultdict(list)
        for row in question.rows:
            self._rows[row.statement].append(row)
        self._columns = {
            number: [(use.table.qualified, column) for use in question.uses[number] for column in use.touched]
            for number in self._rows
        }
        self._mentioned = {
            number: {(table, column.quoted) for table, column in columns} for number, columns in self._columns.items()
        }
        self._known: dict[_Asked, _Known] = {}
        self._tried: dict[PlainIndex, Hypothetical] = {}
        self._named: dict[str, PlainIndex] = {}
        self.calls = 0
        """Plans that were asked for."""

    @property
    def statements(self) -> Sequence[int]:
        """Numbers of those that count."""
        return sorted(self._rows)

    def columns(self, statement: int) -> list[PlainIndex]:
        """Of each column that a statement mentions and a B-tree can hold, the index on it alone."""
        found = {PlainIndex(table, (column.quoted,)) for table, column in self._columns[statement] if column.sortable}
        return sorted(found)

    def costs(self, wanted: Sequence[tuple[int, Config]]) -> list[float]:
        """Weighted costs."""
        asked = [(number, self._relevant(number, config)) for number, config in wanted]
        self._ask(asked)
        return [self._known[each][0] for each in asked]

    def used(self, statement: int, config: Config) -> _Known:
        """Weighted cost, and what the plan uses."""
        asked = (statement, self._relevant(statement, config))
        self._ask([asked])
        return self._known[asked]

    def sizes(self, indexes: Sequence[PlainIndex]) -> list[int]:
        """Bytes that they would have."""
        self._try(indexes)
        return [self._tried[index].size_bytes for index in indexes]

    def _relevant(self, statement: int, config: Config) -> Config:
        mentioned = self._mentioned[statement]
        return Config(each for each in config if any((each.table, column) in mentioned for column in each.columns))

    def _try(self, indexes: Iterable[PlainIndex]) -> None:
        """Make what is not there yet, all at once."""
        new = sorted(set(indexes) - self._tried.keys())
        names = [f"plain_{number}" for number in range(len(self._tried), len(self._tried) + len(new))]
        made = self._twin.try_indexes(
            [f"CREATE INDEX {name} ON {index}" for name, index in zip(names, new, strict=True)]
        )
        for name, index, found in zip(names, new, made, strict=True):
            if isinstance(found, UsageError):
                raise found
            self._tried[index] = found
            self._named[name] = index

    def _ask(self, asked: Iterable[_Asked]) -> None:
        """Plan what is not known yet."""
        by_config: dict[Config, list[int]] = {}
        for number, config in dict.fromkeys(asked):
            if (number, config) not in self._known:
                by_config.setdefault(config, []).append(number)
        self._try(index for config in by_config for index in config)
        sets = list(by_config.items())
        for start in range(0, len(sets), _AT_ONCE):
            self._plan(sets[start : start + _AT_ONCE])

    def _plan(self, sets: Sequence[tuple[Config, Sequence[int]]]) -> None:
        tasks = [
            (
                Configuration(present=tuple(self._tried[each].name for each in sorted(config))),
                [row.asked for number in numbers for row in self._rows[number]],
            )
            for config, numbers in sets
        ]
        for (config, numbers), plans in zip(sets, self._twin.plan_each(tasks), strict=True):
            found = iter(plans)
            for number in numbers:
                self._learn(number, config, [(row.weight, next(found)) for row in self._rows[number]])

    def _learn(self, number: int, config: Config, plans: Sequence[tuple[float, object]]) -> None:
        self.calls += len(plans)
        good = [(weight, plan) for weight, plan in plans if isinstance(plan, Plan)]
        used = Config(self._named[name] for _, plan in good for name in self._twin.used(plan))
        cost = math.fsum(weight * plan.cost for weight, plan in good) if len(good) == len(plans) else math.inf
        self._known[number, config] = (cost, used)
