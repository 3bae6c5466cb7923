"""What listeners get: notes of NOTIFY, and gaps where some may have been missed; pure, nothing here waits."""

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pgarchitect.access.failures import InvalidCondition, ListenerTooSlow
from pgarchitect.access.forms import whole

NOTIFY: Final = "SELECT pg_catalog.pg_notify($1::text, $2::text)"
"""The statement that tells listeners: channel, payload."""
_LONGEST: Final = 63
"""Bytes of a channel's name; the server would cut a longer one silently."""


@dataclass(frozen=True, slots=True)
class Note:
    """What NOTIFY sent.

    Attributes:
        channel: where.
        payload: its text.
        pid: process of the server that sent it.
    """

    channel: str
    payload: str
    pid: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Notes may have been missed before the next one: read anew whatever they tell of.

    Attributes:
        reconnected: the connection broke and is back; what was sent in between is lost.
        dropped: so many notes were dropped since the listener was too slow.
    """

    reconnected: bool
    dropped: int


class Overflow(StrEnum):
    """What happens to notes that a slow listener has no room for."""

    DROP_OLDEST = "drop_oldest"
    """The oldest waiting note goes; a gap says so."""
    DROP_NEWEST = "drop_newest"
    """The new note goes; a gap says so."""
    FAIL = "fail"
    """The listener gets ``ListenerTooSlow``."""


class NoteQueue:
    """Notes that wait for one listener, never more than its limit.

    Args:
        channels: that it listens to.
        limit: of notes that wait; 0: any number.
        overflow: what happens beyond it.
    """

    __slots__ = ("_dropped", "_limit", "_notes", "_overflow", "_reconnected", "_too_slow", "channels")

    def __init__(self, channels: tuple[str, ...], limit: int, overflow: Overflow) -> None:
        self.channels = channels
        self._notes: deque[Note] = deque()
        self._limit = limit or math.inf
        self._overflow = overflow
        self._reconnected = False
        self._dropped = 0
        self._too_slow = False

    def put(self, note: Note) -> None:
        """Add a note, or do what is done beyond the limit."""
        if len(self._notes) < self._limit:
            self._notes.append(note)
        elif self._overflow is Overflow.FAIL:
            self._too_slow = True
        else:
            self._dropped += 1
            if self._overflow is Overflow.DROP_OLDEST:
                self._notes.popleft()
                self._notes.append(note)

    def reconnected(self) -> None:
        """Tell that notes may have been missed while the connection was broken."""
        self._reconnected = True

    def take(self) -> Note | Gap | None:
        """What the listener gets next, gaps first; None: nothing waits.

        Raises:
            ListenerTooSlow: a note found no room, and that is what was to happen then.
        """
        if self._too_slow:
            raise ListenerTooSlow(
                f"More than {self._limit} notes waited for a listener of {', '.join(self.channels)}; take them faster,"
                " raise its limit or let it drop some."
            )
        if self._reconnected or self._dropped:
            gap = Gap(self._reconnected, self._dropped)
            self._reconnected, self._dropped = False, 0
            return gap
        return self._notes.popleft() if self._notes else None


def queue_of(channels: tuple[str, ...], limit: int, overflow: Overflow | str) -> NoteQueue:
    """The queue of a listener.

    Raises:
        InvalidCondition: there is no channel, a name cannot be a channel's, or there is no such overflow.
    """
    if not channels:
        raise InvalidCondition("listen takes the name of at least one channel.")
    if overflow not in list(Overflow):
        raise InvalidCondition(f"overflow is {overflow!r}; it may be {', '.join(Overflow)}.")
    return NoteQueue(tuple(map(channel_name, channels)), whole(limit, "limit", least=0), Overflow(overflow))


def channel_name(name: str) -> str:
    """A channel's name, as it may be sent.

    Raises:
        InvalidCondition: the server would refuse it or cut it.
    """
    size = len(name.encode(errors="surrogatepass"))
    if not name or "\0" in name or size > _LONGEST or any("\ud800" <= each <= "\udfff" for each in name):
        raise InvalidCondition(
            f"{name[:80]!r} cannot be the name of a channel; it has 1 to {_LONGEST} bytes, and no zero among them."
        )
    return name
