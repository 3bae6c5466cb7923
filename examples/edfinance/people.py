"""Rows of users and notifications."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from examples.edfinance.world import ANCHOR, Draw, Timeline, World, stamp

_FAMILIES: Final = (
    ("Nguyễn", "Nguyen", "阮"),
    ("Trần", "Tran", "陈"),
    ("Lê", "Le", "黎"),
    ("Phạm", "Pham", "范"),
    ("Hoàng", "Hoang", "黄"),
    ("Vũ", "Vu", "武"),
    ("Đặng", "Dang", "邓"),
    ("Bùi", "Bui", "裴"),
    ("Đỗ", "Do", "杜"),
    ("Ngô", "Ngo", "吴"),
    ("Dương", "Duong", "杨"),
)
_GIVEN: Final = (
    ("Lan", "Lan", "兰"),
    ("Minh", "Minh", "明"),
    ("Hương", "Huong", "香"),
    ("Tuấn", "Tuan", "俊"),
    ("Mai", "Mai", "梅"),
    ("Dũng", "Dung", "勇"),
    ("Hà", "Ha", "河"),
    ("Long", "Long", "龙"),
    ("Ngọc", "Ngoc", "玉"),
    ("Sơn", "Son", "山"),
    ("Thảo", "Thao", "草"),
    ("Khoa", "Khoa", "科"),
    ("Linh", "Linh", "玲"),
)


def email(user_id: int) -> str:
    """The e-mail address of a user: unique, and mixed case as people type them."""
    family, given = _FAMILIES[user_id % len(_FAMILIES)], _GIVEN[user_id % len(_GIVEN)]
    return f"{given[1]}.{family[1]}{user_id}@example.com"


def localised_name(user_id: int) -> str:
    """The JSON of a user's name in Vietnamese, English and Chinese."""
    family, given = _FAMILIES[user_id % len(_FAMILIES)], _GIVEN[user_id % len(_GIVEN)]
    vi, en, zh = f"{family[0]} {given[0]}", f"{given[1]} {family[1]}", f"{family[2]}{given[2]}"
    return f'{{"vi": "{vi}", "en": "{en}", "zh": "{zh}"}}'


def users(world: World) -> Iterator[str]:
    """Lines of ``users``: mostly students; the hot ones have the most points."""
    draw, sizes = Draw("users"), world.sizes
    joined = Timeline(sizes.users, 730)
    busy = {user: rank for rank, user in enumerate(world.users.hottest(sizes.users))}
    for user in range(1, sizes.users + 1):
        role = "ADMIN" if user % 200 == 1 else "MENTOR" if user % 20 == 3 else "STUDENT"
        locale = "vi" if draw.chance() < 0.8 else draw.one_of(("en", "zh"))
        points = int(50_000 / (busy[user] + 1) ** 0.7) + draw.below(100)
        referrer = str(1 + draw.below(user - 1)) if user > 1 and draw.chance() < 0.25 else r"\N"
        seen = stamp(ANCHOR - timedelta(minutes=draw.chance() ** 3 * 60 * 24 * 60))
        created = stamp(joined.at(user - 0.5))
        active = "f" if draw.chance() < 0.03 else "t"
        yield (
            f"{user}\t{email(user)}\t$argon2id$v=19$m=65536${draw.below(2**60):020x}\t{localised_name(user)}\t{role}"
            f"\t{locale}\t{points}\t{active}\t{referrer}\t{seen}\t{created}\t{seen}\n"
        )


_NOTICES: Final = (
    ("comment", '{"vi": "Có bình luận mới", "en": "New comment on your post", "zh": "您的帖子有新评论"}'),
    ("reaction", '{"vi": "Có người thích bài viết", "en": "Someone liked your post", "zh": "有人喜欢您的帖子"}'),
    ("lesson", '{"vi": "Bài học mới", "en": "A new lesson is out", "zh": "新课程已发布"}'),
    ("payment", '{"vi": "Đã nhận thanh toán", "en": "Payment received", "zh": "已收到付款"}'),
    ("streak", '{"vi": "Giữ vững chuỗi ngày học", "en": "Keep your streak", "zh": "保持学习连续天数"}'),
)


def notifications(world: World) -> Iterator[str]:
    """Lines of ``notifications``: one in twelve still unread, none that expires."""
    draw, rows = Draw("notifications"), world.sizes.notifications
    sent = Timeline(rows, 365)
    for number in range(1, rows + 1):
        moment = sent.at(number - 0.5)
        kind, title = draw.one_of(_NOTICES)
        user = world.users.draw(draw.chance())
        read = r"\N" if draw.chance() < 1 / 12 else stamp(min(ANCHOR, moment + timedelta(hours=36 * draw.chance())))
        yield f"{number}\t{user}\t{kind}\t{title}\t{read}\t\\N\t{stamp(moment)}\n"
