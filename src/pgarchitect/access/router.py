"""Which path an operation takes: a choice that is the same for the same asker, or for the same question."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

_GOLDEN: Final = 0.6180339887498949
_asker: ContextVar[str | None] = ContextVar("pgarchitect_asker", default=None)


class Way(StrEnum):
    """One of the two paths."""

    FAST = "fast"
    SQLALCHEMY = "sqlalchemy"

    @property
    def other(self) -> "Way":
        """The one that this is compared with."""
        return Way.SQLALCHEMY if self is Way.FAST else Way.FAST


@dataclass(frozen=True, slots=True)
class Route:
    """How operations are shared out; both in percent.

    Attributes:
        fast: operations that take the fast path; the others take SQLAlchemy's.
        shadow: reads that run on both, whose results are compared.
    """

    fast: float = 100.0
    shadow: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One operation on a table.

    Attributes:
        table: its name in Python.
        operation: name of the method.
        given: positional arguments.
        asked: the others.
    """

    table: str
    operation: str
    given: tuple[Any, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The call as text: the same question is the same text in every process."""
        return f"{self.table}.{self.operation}{self.given!r}{dict(self.asked)!r}"

    def on(self, table: Any) -> Any:  # noqa: ANN401  # a table of either world and path, and what it returns
        """Run it on a table."""
        return getattr(table, self.operation)(*self.given, **self.asked)


@contextmanager
def asker(name: str) -> Iterator[None]:
    """Inside, everything that is asked takes the path of that name: of a user, a session, a request."""
    token = _asker.set(name)
    try:
        yield
    finally:
        _asker.reset(token)


class Choice:
    """Chooses paths, and the reads that are run on both."""

    __slots__ = ("_numbers", "_samples")

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._samples = itertools.count(1)

    def way(self, route: Route, call: Call, *, by_question: bool) -> Way:
        """The path of a call: by the asker's name, else by the question, else by turns."""
        if route.fast >= 100:
            return Way.FAST
        if route.fast <= 0:
            return Way.SQLALCHEMY
        name = _asker.get()
        if name is None and by_question:
            name = call.question
        place = _spread(next(self._numbers)) if name is None else bucket(name)
        return Way.FAST if place < route.fast else Way.SQLALCHEMY

    def is_shadowed(self, route: Route) -> bool:
        """Whether the next read runs on both paths; evenly spread, so that every question's turn comes."""
        return route.shadow > 0 and _spread(next(self._samples)) < route.shadow


def bucket(name: str) -> float:
    """Where a name stands between 0 and 100: everywhere and always the same, so a greater percentage only adds."""
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, person=b"pgarchitect").digest()
    return int.from_bytes(digest) / 2**64 * 100


def _spread(number: int) -> float:
    """Of successive numbers points between 0 and 100 that fill it evenly."""
    return number * _GOLDEN % 1 * 100
