"""How big the sample is, when it is, and who is busy in it: what all tables have in common.

Everything is drawn from seeded streams of ``random.Random.random``, the one method whose results Python promises
never to change, so that the same scale always gives the same bytes.
"""

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final, Self, TypeVar

SEED: Final = 2026
ANCHOR: Final = datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None)
"""The sample's present, UTC without a zone as Prisma stores it. No row is younger; "recent" means before this."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of each table that others refer to."""

    users: int
    courses: int
    enrolments: int
    progress: int
    sessions: int
    groups: int
    members: int
    posts: int
    comments: int
    reactions: int
    transactions: int
    notifications: int

    @classmethod
    def at(cls, scale: float) -> Self:
        """The sizes at ``scale``; 1 means 1,000 users and 200,000 behaviour logs.

        Courses have a floor, since a few users still need something to choose from.
        """

        def rows(full: int, least: int = 10) -> int:
            return max(least, round(full * scale))

        return cls(
            users=rows(1_000, 20),
            courses=rows(240, 40),
            enrolments=rows(30_000),
            progress=rows(80_000),
            sessions=rows(40_000),
            groups=rows(3_000, 20),
            members=rows(24_000),
            posts=rows(20_000),
            comments=rows(40_000),
            reactions=rows(60_000),
            transactions=rows(80_000),
            notifications=rows(60_000),
        )

    @property
    def lessons(self) -> int:
        """Every course has the same number of lessons."""
        return self.courses * LESSONS_PER_COURSE


LESSONS_PER_COURSE: Final = 40
LOGS_PER_SESSION: Final = 5


class Draw:
    """One stream of chance, named so that no table's rows depend on another table's size."""

    def __init__(self, stream: str, seed: int = SEED) -> None:
        self.chance = Random(f"{seed}/{stream}").random  # noqa: S311  # sample data, not secrets

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound - 1``."""
        return int(self.chance() * bound)

    def one_of(self, choices: tuple[T, ...]) -> T:
        """One of ``choices``, all equally likely."""
        return choices[int(self.chance() * len(choices))]

    def shuffled(self, items: list[T]) -> list[T]:
        """A copy of ``items`` in random order (Fisher-Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed


class Popularity:
    """Ids 1..``members`` of which few are drawn often: the k-th most popular in proportion to k ** -exponent (Zipf)."""

    def __init__(self, name: str, members: int, exponent: float = 0.9) -> None:
        self._ids = Draw(f"popularity/{name}").shuffled(list(range(1, members + 1)))
        self._cumulative = list(accumulate(rank**-exponent for rank in range(1, members + 1)))

    def draw(self, chance: float) -> int:
        """The id at ``chance``, a number from 0 (the most popular) up to, but not including, 1."""
        return self._ids[bisect(self._cumulative, chance * self._cumulative[-1])]

    def hottest(self, count: int) -> list[int]:
        """The ``count`` most popular ids, most popular first."""
        return self._ids[:count]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments of rows 1..``rows`` in order, ever denser towards the anchor, as in a growing application."""

    rows: int
    days: int

    def at(self, row: float) -> datetime:
        """When row number ``row`` came to be."""
        age = max(0.0, 1 - row / self.rows) ** 1.3
        return ANCHOR - timedelta(days=self.days * age, milliseconds=1)


class World:
    """The sizes and the popularity of users, courses, lessons, groups and posts at one scale."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.users = Popularity("users", sizes.users)
        self.joiners = Popularity("users", sizes.users, 0.4)  # the same order: even the busiest joins a few groups only
        self.courses = Popularity("courses", sizes.courses, 0.6)
        self.lessons = Popularity("lessons", sizes.lessons, 0.5)
        self.groups = Popularity("groups", sizes.groups, 0.7)
        self.posts = Popularity("posts", sizes.posts, 0.7)
        self.visits = Timeline(sizes.sessions, 365)
        self.feed = Timeline(sizes.posts, 365)


def stamp(moment: datetime) -> str:
    """``moment`` as COPY reads a TIMESTAMP(3)."""
    return moment.isoformat(" ", "milliseconds")
