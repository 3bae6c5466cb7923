"""Who does what at which moment: parameters as a real application sees them, a few of them hot."""

from datetime import datetime, timedelta
from itertools import islice

from examples.edfinance import behaviour, learning
from examples.edfinance.world import ANCHOR, LOGS_PER_SESSION, Draw, World

_REMEMBERED_PROGRESS = 500


class Traffic:
    """One seeded stream of users, posts, courses, sessions and moments of a loaded sample."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._draw = Draw("traffic", seed)
        lines = islice(learning.progress(world), _REMEMBERED_PROGRESS)
        fields = (line.split("\t") for line in lines)
        self._progress = tuple((int(user), int(lesson)) for _, user, lesson, *_ in fields)

    def user(self) -> int:
        """A user; those who are busy in the data are busy here."""
        return self._world.users.draw(self._draw.chance())

    def course(self) -> int:
        """A course, more likely a popular one."""
        return self._world.courses.draw(self._draw.chance())

    def lesson(self) -> int:
        """A lesson, more likely a popular one."""
        return self._world.lessons.draw(self._draw.chance())

    def group(self) -> int:
        """A buddy group, more likely one with many members."""
        return self._world.groups.draw(self._draw.chance())

    def post(self) -> int:
        """A post: three in four are among the newest, the others are famous."""
        if self._draw.chance() < 0.25:
            return self._world.posts.draw(self._draw.chance())
        return self._newest(self._world.sizes.posts)

    def session(self) -> str:
        """The id of a session, more likely a late one."""
        return behaviour.session_id(self._newest(self._world.sizes.sessions))

    def transaction(self) -> int:
        """The number of a transaction, more likely a late one."""
        return self._newest(self._world.sizes.transactions)

    def notification(self) -> int:
        """The id of a notification, more likely a late one."""
        return self._newest(self._world.sizes.notifications)

    def progress(self) -> tuple[int, int]:
        """User and lesson of a progress row that exists."""
        return self._draw.one_of(self._progress)

    def since(self, **period: float) -> datetime:
        """``timedelta(**period)`` before the anchor, give or take a tenth, since real clocks move on."""
        return ANCHOR - timedelta(**period) * (0.95 + 0.1 * self._draw.chance())

    def one_of(self, choices: tuple[str, ...]) -> str:
        """One of ``choices``, all equally likely."""
        return self._draw.one_of(choices)

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound - 1``."""
        return self._draw.below(bound)

    def logs(self) -> int:
        """How many behaviour logs the sample has."""
        return self._world.sizes.sessions * LOGS_PER_SESSION

    def mixed(self, steps: list[int]) -> list[int]:
        """``steps`` in the random order in which users happen to come."""
        return self._draw.shuffled(steps)

    def _newest(self, rows: int) -> int:
        return rows - int(rows * self._draw.chance() ** 4)
