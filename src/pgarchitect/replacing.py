"""Existing indexes that advised ones make superfluous: the planner is asked whether any statement would miss them."""

import math
import re
from collections.abc import Iterator, Sequence
from operator import mul
from typing import Final

from pgarchitect.candidates.extended_index import extends
from pgarchitect.candidates.index_definition import IndexDefinition, last_part
from pgarchitect.errors import UsageError
from pgarchitect.evidence.plan_costs import Names
from pgarchitect.recommendations.advice import ReplacedIndex
from pgarchitect.schema.catalog import Index
from pgarchitect.twin.plan import Configuration, Plan
from pgarchitect.workbench import Workbench

_DEARER: Final = 1.1
"""A longer index takes a page more here and there; no statement may cost more than so many times what it costs."""
_TOGETHER: Final = 1.02
"""And the workload no more than so many times."""

_NAME: Final = re.compile(r'CREATE INDEX ("(?:[^"]|"")*"|\S+) ON ')


def replaced(bench: Workbench, chosen: Names) -> dict[str, tuple[ReplacedIndex, ...]]:
    """Of each chosen index, the existing ones that it extends and that no statement of the workload misses then."""
    gone: list[str] = []
    found: dict[str, tuple[ReplacedIndex, ...]] = {}
    for name in sorted(chosen):
        definition = bench.tried.definitions[name]
        for index in _extended(definition):
            if index.name not in gone and _as_cheap(bench, chosen, [*gone, index.name]):
                gone.append(index.name)
                found[name] = (*found.get(name, ()), _replaced(definition, index))
    return found


def _extended(definition: IndexDefinition) -> Iterator[Index]:
    yield from (index for index in definition.table.indexes if extends(definition, index))


def _as_cheap(bench: Workbench, chosen: Names, absent: Sequence[str]) -> bool:
    rows = [row for row, _ in enumerate(bench.owners) if row not in bench.costs.refusals]
    try:
        plans = bench.costs.planned(rows, Configuration(tuple(sorted(chosen)), tuple(absent)))
    except UsageError:  # two schemas have an index of that name
        return False
    before = [bench.costs.cost(row, chosen) for row in rows]
    after = [plan.cost if isinstance(plan, Plan) else math.inf for plan in plans]
    if any(cost > _DEARER * was for cost, was in zip(after, before, strict=True)):
        return False
    whole, without = (math.fsum(map(mul, (bench.weights[row] for row in rows), each)) for each in (before, after))
    return without <= _TOGETHER * whole


def _replaced(definition: IndexDefinition, index: Index) -> ReplacedIndex:
    schema = definition.table.qualified.removesuffix(f".{last_part(definition.table.qualified)}")
    return ReplacedIndex(
        name=index.name,
        ddl=f"DROP INDEX CONCURRENTLY {schema}.{_quoted(index)};",
        rollback=index.definition.replace("CREATE INDEX ", "CREATE INDEX CONCURRENTLY ", 1) + ";",
        size_bytes=index.size_bytes,
    )


def _quoted(index: Index) -> str:
    found = _NAME.match(index.definition)
    return found[1] if found else index.name
