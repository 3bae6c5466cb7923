"""What is promised of the generated client, and whether this run holds it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.access.cases import CASES, CONCURRENT, INSERT_1K, INSERT_10K, JOIN, POINT, READ, Case
from benchmarks.access.contenders import (
    ASYNCPG,
    ENTRIES,
    OURS_ASYNCIO,
    OURS_COALESCING,
    OURS_THREADS,
    PGBENCH,
    PSQL,
    PSYCOPG,
    Family,
)
from benchmarks.access.results import Results

_DRIVERS: Final = {OURS_ASYNCIO: ASYNCPG, OURS_THREADS: PSYCOPG}
_INSERTS: Final = (INSERT_1K, INSERT_10K)


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: in a case, ours against the best of some rivals, at most (or at least) so many times its figure."""

    case: Case
    ours: str
    rivals: tuple[str, ...]
    against: str
    limit: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise and what was measured: the ratio to the rival that was best."""

    target: Target
    rival: str
    ratio: float
    driver: float | None
    """The driver's own ratio to that rival: no client on this driver can be better."""
    limit: float | None
    """That of a client in C that makes nothing of the rows; of one row at a time there is none."""

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        limit = self.target.limit
        return self.ratio >= limit if self.target.case.per_second else self.ratio <= limit


def _of(*families: Family) -> tuple[str, ...]:
    return tuple(each.name for each in ENTRIES if each.family in families)


def targets() -> Iterator[Target]:
    """All of them."""
    for ours, driver in _DRIVERS.items():
        for case in (READ, INSERT_1K, INSERT_10K, JOIN):
            yield Target(case, ours, (driver,), "its driver", 1.10)
        yield Target(POINT, ours, (driver,), "its driver", 1.25)
        yield Target(CONCURRENT, ours, (driver,), "its driver", 0.85)
        yield Target(INSERT_10K, ours, (PSQL,), PSQL, 1.15)
        yield from _against_node(ours)
        for case in CASES:
            yield Target(case, ours, _of(Family.ORM, Family.CORE), "the best in Python", 1.0)
    drizzle = _of(Family.DRIZZLE)
    yield Target(CONCURRENT, OURS_COALESCING, drizzle, "Drizzle's best", 5.0)


def _against_node(ours: str) -> Iterator[Target]:
    drizzle, prisma = _of(Family.DRIZZLE), _of(Family.PRISMA)
    limits = {READ: 0.85, POINT: 0.55, INSERT_1K: 0.5, INSERT_10K: 0.5, CONCURRENT: 1.8}
    yield from (Target(case, ours, drizzle, "Drizzle's best", limit) for case, limit in limits.items())
    yield from (Target(case, ours, prisma, "Prisma 7", 0.5) for case in (READ, POINT, JOIN))
    yield from (Target(case, ours, prisma, "Prisma 7", 0.1) for case in _INSERTS)


def verdicts(results: Results) -> list[Verdict]:
    """What was measured of each promise; those whose rivals or whose own side did not take part are left out."""
    return [made for each in targets() if (made := _judged(results, each)) is not None]


def _judged(results: Results, target: Target) -> Verdict | None:
    best = _best(results, target.case, target.rivals)
    ratio = None if best is None else results.ratio(target.case.name, target.ours, best)
    if best is None or ratio is None:
        return None
    name, driver = target.case.name, _DRIVERS.get(target.ours, ASYNCPG)
    limit = PSQL if target.case in _INSERTS else PGBENCH
    beside = (None if each == best else results.ratio(name, each, best) for each in (driver, limit))
    return Verdict(target, best, ratio, *beside)


def _best(results: Results, case: Case, rivals: Sequence[str]) -> str | None:
    known = {name: made.middle for name in rivals if (made := results.figure(case.name, name)) is not None}
    if not known:
        return None
    return (max if case.per_second else min)(known, key=lambda name: known[name])
