"""Rows of buddy groups, their members, posts, comments and reactions."""

from collections.abc import Iterator
from typing import Final

from examples.edfinance.learning import distinct_pairs
from examples.edfinance.world import Draw, Timeline, World, stamp

_OPENINGS: Final = (
    "Hôm nay mình đã tiết kiệm được",
    "Finally reached my goal:",
    "Mọi người nghĩ sao về",
    "I never understood",
    "Chia sẻ kinh nghiệm về",
    "Small win this week:",
    "Có ai đã thử",
    "Question for the mentors:",
)
_THEMES: Final = (
    "quỹ khẩn cấp",
    "an emergency fund",
    "gửi góp hằng tháng",
    "index funds",
    "chi tiêu 50/30/20",
    "my first budget",
    "thẻ tín dụng",
    "saving for a house",
    "bảo hiểm sức khoẻ",
    "the quiz of lesson five",
)
RARE_THEMES: Final = ("blockchain", "kim cương", "arbitrage", "bất động sản nghỉ dưỡng", "covered bonds")
_ENDINGS: Final = (
    "Cố lên cả nhà!",
    "Any advice is welcome.",
    "Cảm ơn nhóm đã động viên.",
    "Here is how I did it, step by step, in less than three months.",
    "Mình sẽ cập nhật sau mỗi tuần để mọi người cùng theo dõi.",
)
_TAGS: Final = ("{saving}", "{saving,goal}", "{invest}", "{invest,question}", "{}", "{budget}")


def groups(world: World) -> Iterator[str]:
    """Lines of ``buddy_groups``."""
    draw, rows = Draw("groups"), world.sizes.groups
    founded = Timeline(rows, 600)
    for group in range(1, rows + 1):
        goal = rf'{{"amount": {1_000_000 * (1 + draw.below(50))}, "months": {3 + draw.below(22)}}}'
        owner = world.users.draw(draw.chance())
        theme = draw.one_of(_THEMES)
        yield f"{group}\tNhóm {group}: {theme}\t{goal}\t{owner}\t{stamp(founded.at(group - 0.5))}\n"


def members(world: World) -> Iterator[str]:
    """Lines of ``buddy_group_members``."""
    draw, sizes = Draw("members"), world.sizes
    joined = Timeline(sizes.members, 500)
    pairs = distinct_pairs(draw, sizes.members, world.groups, world.joiners, (sizes.groups, sizes.users))
    for number, (group, user) in enumerate(pairs, 1):
        yield f"{group}\t{user}\t{'t' if draw.chance() < 0.08 else 'f'}\t{stamp(joined.at(number - 0.5))}\n"


def posts(world: World) -> Iterator[str]:
    """Lines of ``social_posts``: a good third in groups, a few deleted ones."""
    draw, rows = Draw("posts"), world.sizes.posts
    for post in range(1, rows + 1):
        author, luck = world.users.draw(draw.chance()), draw.chance()
        where = r"\N"
        visibility = "PRIVATE" if luck > 0.95 else "PUBLIC"
        if luck < 0.35:
            visibility, where = "GROUP", str(world.groups.draw(draw.chance()))
        theme = draw.one_of(RARE_THEMES) if draw.chance() < 0.01 else draw.one_of(_THEMES)
        body = f"{draw.one_of(_OPENINGS)} {theme}. {draw.one_of(_ENDINGS)}"
        moment = stamp(world.feed.at(post - 0.5))
        deleted = moment if draw.chance() < 0.02 else r"\N"
        yield f"{post}\t{author}\t{where}\t{body}\t{visibility}\t{draw.one_of(_TAGS)}\t{moment}\t{deleted}\n"


def comments(world: World) -> Iterator[str]:
    """Lines of ``comments``: mostly on posts that were new at the time, some on the famous ones."""
    draw, rows = Draw("comments"), world.sizes.comments
    written = Timeline(rows, 365)
    for number in range(1, rows + 1):
        newest = max(1, number * world.sizes.posts // rows)
        post = max(1, int(newest * (1 - draw.chance() ** 4)))
        famous = world.posts.draw(draw.chance())
        if famous <= newest and draw.chance() < 0.25:
            post = famous
        author = world.users.draw(draw.chance())
        body = f"{draw.one_of(_ENDINGS)} {draw.one_of(_THEMES)}?"
        yield f"{number}\t{post}\t{author}\t{body}\t{stamp(written.at(number - 0.5))}\n"


def reactions(world: World) -> Iterator[str]:
    """Lines of ``post_reactions``: a user reacts to a post once."""
    draw, sizes = Draw("reactions"), world.sizes
    given = Timeline(sizes.reactions, 365)
    pairs = distinct_pairs(draw, sizes.reactions, world.posts, world.users, (sizes.posts, sizes.users))
    for number, (post, user) in enumerate(pairs, 1):
        kind = draw.one_of(("LIKE", "LIKE", "LIKE", "LOVE", "INSIGHTFUL"))
        yield f"{post}\t{user}\t{kind}\t{stamp(given.at(number - 0.5))}\n"
