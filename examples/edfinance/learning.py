"""Rows of courses, lessons, enrolments and progress."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from examples.edfinance.world import ANCHOR, LESSONS_PER_COURSE, Draw, Popularity, Timeline, World, stamp

_TOPICS: Final = (
    ("saving", "Tiết kiệm", "Saving", "储蓄"),
    ("budgeting", "Lập ngân sách", "Budgeting", "预算"),
    ("stocks", "Cổ phiếu", "Stocks", "股票"),
    ("bonds", "Trái phiếu", "Bonds", "债券"),
    ("funds", "Quỹ đầu tư", "Funds", "基金"),
    ("insurance", "Bảo hiểm", "Insurance", "保险"),
    ("tax", "Thuế", "Tax", "税务"),
    ("credit", "Tín dụng", "Credit", "信用"),
    ("retirement", "Hưu trí", "Retirement", "退休"),
    ("startup", "Khởi nghiệp", "Startup", "创业"),
)
_LEVELS: Final = ("BEGINNER", "INTERMEDIATE", "ADVANCED")
_SENTENCES: Final = (
    "Pay yourself first, then plan the rest of the month.",
    "Lãi kép là người bạn kiên nhẫn nhất của nhà đầu tư.",
    "Compare the yearly rate, not the monthly instalment.",
    "Đa dạng hoá để một sai lầm không làm mất tất cả.",
    "An emergency fund covers three to six months of spending.",
    "Phí nhỏ mỗi năm trở thành khoản lớn sau nhiều năm.",
    "Write down every expense for two weeks before you judge.",
)


def slug(course_id: int) -> str:
    """The address of a course."""
    return f"{_TOPICS[course_id % len(_TOPICS)][0]}-{course_id}"


def courses(world: World) -> Iterator[str]:
    """Lines of ``courses``."""
    draw, rows = Draw("courses"), world.sizes.courses
    made = Timeline(rows, 700)
    for course in range(1, rows + 1):
        topic, vi, en, zh = _TOPICS[course % len(_TOPICS)]
        title = f'{{"vi": "{vi} {course}", "en": "{en} {course}", "zh": "{zh} {course}"}}'
        price = 50_000 * draw.below(20)
        published = "f" if draw.chance() < 0.1 else "t"
        level = draw.one_of(_LEVELS)
        made_at = stamp(made.at(course - 0.5))
        yield f"{course}\t{slug(course)}\t{title}\t{topic}\t{level}\t{price}.00\t{published}\t{made_at}\n"


def lessons(world: World) -> Iterator[str]:
    """Lines of ``lessons``: short texts, the same number in each course."""
    draw = Draw("lessons")
    for lesson in range(1, world.sizes.lessons + 1):
        course, before = divmod(lesson - 1, LESSONS_PER_COURSE)
        _, vi, en, zh = _TOPICS[(course + 1) % len(_TOPICS)]
        title = f'{{"vi": "{vi}: bài {before + 1}", "en": "{en}: part {before + 1}", "zh": "{zh} 第{before + 1}课"}}'
        content = " ".join(draw.one_of(_SENTENCES) for _ in range(24))
        yield f"{lesson}\t{course + 1}\t{before + 1}\t{title}\t{content}\t{180 + draw.below(900)}\n"


def enrolments(world: World) -> Iterator[str]:
    """Lines of ``enrolments``: a user takes a course once; some complete it, some drop out."""
    draw, rows = Draw("enrolments"), world.sizes.enrolments
    taken = Timeline(rows, 500)
    pairs = distinct_pairs(draw, rows, world.users, world.courses, (world.sizes.users, world.sizes.courses))
    for number, (user, course) in enumerate(pairs, 1):
        moment, luck = taken.at(number - 0.5), draw.chance()
        if luck < 0.3:
            completed = min(ANCHOR, moment + timedelta(days=40 * draw.chance()))
            state = f"COMPLETED\t100\t{stamp(moment)}\t{stamp(completed)}"
        else:
            state = f"{'DROPPED' if luck < 0.45 else 'ACTIVE'}\t{draw.below(100)}\t{stamp(moment)}\t\\N"
        yield f"{number}\t{user}\t{course}\t{state}\n"


def progress(world: World) -> Iterator[str]:
    """Lines of ``user_progress``: one row for each lesson that a user has begun."""
    draw, rows = Draw("progress"), world.sizes.progress
    touched = Timeline(rows, 365)
    pairs = distinct_pairs(draw, rows, world.users, world.lessons, (world.sizes.users, world.sizes.lessons))
    for number, (user, lesson) in enumerate(pairs, 1):
        done = draw.chance() < 0.7
        score = str(40 + draw.below(61)) if done else r"\N"
        yield (
            f"{number}\t{user}\t{lesson}\t{'COMPLETED' if done else 'STARTED'}\t{score}\t{1 + draw.below(4)}"
            f"\t{60 + draw.below(1800)}\t{stamp(touched.at(number - 0.5))}\n"
        )


def distinct_pairs(
    draw: Draw, count: int, left: Popularity, right: Popularity, bounds: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """``count`` different pairs of popular ids; where the popular ones are used up, any ids within ``bounds``."""
    seen: set[tuple[int, int]] = set()
    while len(seen) < count:
        pair = (left.draw(draw.chance()), right.draw(draw.chance()))
        while pair in seen:
            pair = (1 + draw.below(bounds[0]), 1 + draw.below(bounds[1]))
        seen.add(pair)
        yield pair
