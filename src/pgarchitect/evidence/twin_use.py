"""What an audit used a planner twin for, what the twin lacked, and what it cost the audited database."""

from dataclasses import dataclass
from typing import Self

from pgarchitect.twin.planner_twin import LeftOut, PlannerTwin


@dataclass(frozen=True, slots=True)
class TwinUse:
    """One planner twin.

    Attributes:
        version: of its server.
        same_major: whether its planner is of the audited server's major version.
        statements: sent to the audited database for it, those of ``pg_dump`` included.
        bytes_read: of values in the answers.
        seconds: that the audited database was read for.
        left_out: tables that were wanted and that it lacked.
        missing: what else of the database could not be recreated, one message of its server each.
        tried: candidates that were planned on it.
        screened: how many of them were not run for real, for what it said.
    """

    version: str
    same_major: bool
    statements: int
    bytes_read: int
    seconds: float
    left_out: tuple[LeftOut, ...]
    missing: tuple[str, ...]
    tried: int
    screened: int = 0

    @classmethod
    def of(cls, twin: PlannerTwin, *, tried: int, screened: int = 0) -> Self:
        """Of a twin, as it is."""
        cost = twin.cost_of_reading
        return cls(
            version=twin.version,
            same_major=twin.same_major,
            statements=cost.statements,
            bytes_read=cost.bytes_read,
            seconds=cost.seconds,
            left_out=twin.left_out,
            missing=twin.missing,
            tried=tried,
            screened=screened,
        )
