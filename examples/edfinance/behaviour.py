"""Rows of behaviour sessions and behaviour logs."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from examples.edfinance.world import LESSONS_PER_COURSE, LOGS_PER_SESSION, Draw, World, stamp

_SESSIONS: Final = uuid.UUID("5f0c6c1e-6d0b-4a52-9c35-edf1a9ce2026")
_DEVICES: Final = ("android", "android", "android", "ios", "ios", "web", "web", "tablet")
SEARCHES: Final = ("etf", "vàng", "lãi suất", "cổ phiếu", "budget", "tax", "insurance", "crypto", "nhà ở", "học phí")
CAMPAIGNS: Final = ("tet-2026", "back-to-school", "first-salary", "women-invest")
_REASONS: Final = ("insufficient_funds", "timeout", "card_declined", "provider_down")

_EVENTS: Final = (
    *["PAGE_VIEW"] * 400,
    *["LESSON_VIEW"] * 200,
    *["VIDEO_PLAY"] * 150,
    *["QUIZ_SUBMIT"] * 85,
    *["SEARCH"] * 60,
    *["SOCIAL"] * 50,
    *["LOGIN"] * 45,
    *["CAMPAIGN_CLICK"] * 7,
    *["PAYMENT_FAILED"] * 3,
)
"""A thousand, so that the rare ones can be rare: 0.7 % campaign clicks, 0.3 % failed payments."""

_OVERLAP: Final = 50
"""Sessions that run at the same time, so that their logs are interleaved on disk as in real life."""


_LONGEST: Final = timedelta(hours=1)
"""Nine logs, 355 seconds apart at most: no session is longer, so the last one ends before the anchor."""


class _Visit(NamedTuple):
    session: str
    user: int
    begin: datetime
    logs: int


def session_id(number: int) -> str:
    """The id of session ``number``, counted from 1 in the order of time."""
    return str(uuid.uuid5(_SESSIONS, str(number)))


def sessions(world: World) -> Iterator[str]:
    """Lines of ``behavior_sessions``; the sessions of the last minutes are still open."""
    draw = Draw("sessions")
    for number, visit in enumerate(_visits(world), 1):
        address = f"10.{draw.below(256)}.{draw.below(256)}.{draw.below(256)}"
        end = stamp(visit.begin + timedelta(minutes=6 * visit.logs))
        if number > world.sizes.sessions - 5:
            end = r"\N"
        device = draw.one_of(_DEVICES)
        yield f"{visit.session}\t{visit.user}\t{device}\t{address}\t{stamp(visit.begin)}\t{end}\n"


def logs(world: World) -> Iterator[str]:
    """Lines of ``behavior_logs`` in the order of time."""
    draw, visits, number = Draw("logs"), _visits(world), 0
    while batch := list(islice(visits, _OVERLAP)):
        moments = sorted(_moments(draw, batch))
        for moment, user, session in moments:
            number += 1
            event = draw.one_of(_EVENTS)
            known = r"\N" if draw.chance() < 0.03 else session
            spent = str(200 + int(60_000 * draw.chance() ** 4)) if event != "LOGIN" else r"\N"
            yield f"{number}\t{user}\t{known}\t{event}\t{_PAYLOADS[event](draw, world)}\t{spent}\t{stamp(moment)}\n"


def _moments(draw: Draw, visits: list[_Visit]) -> Iterator[tuple[datetime, int, str]]:
    for visit in visits:
        moment = visit.begin
        for _ in range(visit.logs):
            yield moment, visit.user, visit.session
            moment += timedelta(seconds=5 + 350 * draw.chance() ** 2)


def _visits(world: World) -> Iterator[_Visit]:
    draw, rows = Draw("visits"), world.sizes.sessions
    length = LOGS_PER_SESSION
    for number in range(1, rows + 1):
        # Every other session makes up for the one before it, so that the total is exact.
        paired = number % 2 and number < rows
        length = 1 + draw.below(2 * LOGS_PER_SESSION - 1) if paired else 2 * LOGS_PER_SESSION - length
        if number == rows and rows % 2:
            length = LOGS_PER_SESSION
        begin = world.visits.at(number - 0.5) - _LONGEST
        yield _Visit(session_id(number), world.users.draw(draw.chance()), begin, length)


def _page(draw: Draw, world: World) -> str:
    path = draw.one_of(("/", "/courses", "/feed", "/wallet", "/groups"))
    referrer = draw.one_of(("direct", "facebook", "zalo", "google"))
    return f'{{"path": "{path}", "referrer": "{referrer}", "course": {1 + draw.below(world.sizes.courses)}}}'


def _lesson(draw: Draw, world: World) -> str:
    lesson = world.lessons.draw(draw.chance())
    course = (lesson - 1) // LESSONS_PER_COURSE + 1
    return f'{{"lessonId": "{lesson}", "courseId": "{course}", "scroll": {draw.below(101)}}}'


def _quiz(draw: Draw, world: World) -> str:
    lesson = world.lessons.draw(draw.chance())
    return f'{{"lessonId": "{lesson}", "score": {draw.below(11)}, "answers": [{draw.below(4)}, {draw.below(4)}]}}'


def _search(draw: Draw, _: World) -> str:
    return f'{{"query": "{draw.one_of(SEARCHES)}", "hits": {draw.below(40)}}}'


def _social(draw: Draw, world: World) -> str:
    return f'{{"postId": {1 + draw.below(world.sizes.posts)}, "action": "{draw.one_of(("open", "share", "like"))}"}}'


def _login(draw: Draw, _: World) -> str:
    return f'{{"method": "{draw.one_of(("google", "zalo", "password"))}"}}'


def _campaign(draw: Draw, _: World) -> str:
    return f'{{"campaign": "{draw.one_of(CAMPAIGNS)}", "channel": "{draw.one_of(("zalo", "facebook", "email"))}"}}'


def _payment(draw: Draw, _: World) -> str:
    return f'{{"reason": "{draw.one_of(_REASONS)}", "amount": {10_000 * (1 + draw.below(200))}}}'


_PAYLOADS: Final[dict[str, Callable[[Draw, World], str]]] = {
    "PAGE_VIEW": _page,
    "LESSON_VIEW": _lesson,
    "VIDEO_PLAY": _lesson,
    "QUIZ_SUBMIT": _quiz,
    "SEARCH": _search,
    "SOCIAL": _social,
    "LOGIN": _login,
    "CAMPAIGN_CLICK": _campaign,
    "PAYMENT_FAILED": _payment,
}
