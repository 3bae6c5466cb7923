"""The nouns of an advice: the indexes that a workload should have, and what each statement gains by them."""

from dataclasses import dataclass

from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.recommendations.measured import Measured


@dataclass(frozen=True, slots=True)
class AdvisedStatement:
    """One statement of the workload; costs are the planner's, for one run.

    Attributes:
        number: its place in the workload, from 1.
        text: as it was given.
        weight: how often it runs, compared with the others.
        parameters: the values that stood for ``$1`` …, as SQL literals.
        cost_before: as the database is; None when it cannot be planned.
        cost_after: with the advised indexes.
        saved: weighted cost that the advised indexes save, in the advice's unit.
        indexes: names of the advised indexes that its plan uses.
        refusal: why it cannot be planned, a sentence, or empty.
    """

    number: int
    text: str
    weight: float
    parameters: tuple[str, ...] = ()
    cost_before: float | None = None
    cost_after: float | None = None
    saved: float = 0.0
    indexes: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ReplacedIndex:
    """An existing index that an advised one extends, and that no statement of the workload misses then.

    Attributes:
        name: its name.
        ddl: SQL that drops it.
        rollback: SQL that brings it back.
        size_bytes: that it frees.
        in_schema: how the application's schema says it; None: no schema is known.
    """

    name: str
    ddl: str
    rollback: str
    size_bytes: int
    in_schema: InSchema | None = None


@dataclass(frozen=True, slots=True)
class AdvisedIndex:
    """One index to create.

    Attributes:
        name: its name.
        ddl: forward SQL, without locking out writers.
        rollback: SQL that removes it.
        method: of access.
        size_bytes: of the index when it is built, estimated.
        reason: what it is for, a sentence.
        statements: numbers of the statements whose plans use it.
        cost_before: weighted cost of those statements as the database is.
        cost_after: with all advised indexes.
        write_cost: what it costs the writes, in the same unit; None where the weights have no time to compare.
        hot_lost: rows whose updates would no longer be heap-only.
        replaces: existing indexes that may go once it stands.
        in_schema: how the application's schema says it; None: no schema is known, or the index does not fit it.
    """

    name: str
    ddl: str
    rollback: str
    method: str
    size_bytes: int
    reason: str
    statements: tuple[int, ...]
    cost_before: float
    cost_after: float
    write_cost: float | None = None
    hot_lost: float = 0.0
    replaces: tuple[ReplacedIndex, ...] = ()
    in_schema: InSchema | None = None


@dataclass(frozen=True, slots=True)
class RefusedIndex:
    """An index that would help the reads less than it costs the writes.

    Attributes:
        ddl: forward SQL.
        gain: weighted cost that it alone would save.
        write_cost: what it would cost the writes, in the same unit.
        hot_lost: rows whose updates would no longer be heap-only.
    """

    ddl: str
    gain: float
    write_cost: float
    hot_lost: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What was found.

    Attributes:
        indexes: to create, the one whose statements gain most first.
        statements: all of the workload, in its order.
        cost_before: weighted cost of all statements that can be planned, as the database is.
        cost_after: with the advised indexes.
        cost_with_all: with every index that was considered, whatever its size.
        considered: indexes that were considered.
        planner_calls: plans that were asked for.
        twin_seconds: time to build the planner twin.
        seconds: time after that.
        optimality_gap: no set of the considered indexes costs less than (1 - gap) of ``cost_after``, by the plans that
            are known.
        warnings: what limits the advice, one sentence each.
        refused: indexes that cost the writes more than they gain, those that gain most first.
        unit: of weighted costs: ``cost``, the planner's; ``ms``, where each statement's cost was put on the scale of
            the time that was measured for it.
        measured: what real runs on a sandbox said of the set, and what they took out of it; None without a sandbox.
    """

    indexes: tuple[AdvisedIndex, ...]
    statements: tuple[AdvisedStatement, ...]
    cost_before: float
    cost_after: float
    cost_with_all: float
    considered: int
    planner_calls: int
    twin_seconds: float
    seconds: float
    optimality_gap: float
    warnings: tuple[str, ...]
    refused: tuple[RefusedIndex, ...] = ()
    unit: str = "cost"
    measured: Measured | None = None

    @property
    def size_bytes(self) -> int:
        """Of all advised indexes together."""
        return sum(each.size_bytes for each in self.indexes)
