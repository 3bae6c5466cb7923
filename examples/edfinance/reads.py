"""How often the application reads what, and with which parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from psycopg.types.json import Jsonb

from examples.edfinance import learning, money, people
from examples.edfinance.behaviour import CAMPAIGNS
from examples.edfinance.social import RARE_THEMES
from examples.edfinance.traffic import Traffic

Parameters = dict[str, object]


@dataclass(frozen=True, slots=True)
class Read:
    """A statement that only reads."""

    name: str
    calls: int
    """In one round."""
    parameters: Callable[[Traffic], Parameters]
    inlined: bool = False
    """Whether the values stand in the text, as some drivers and object mappers send them."""


def _user(traffic: Traffic) -> Parameters:
    return {"user_id": traffic.user()}


def _post(traffic: Traffic) -> Parameters:
    return {"post_id": traffic.post()}


def _group(traffic: Traffic) -> Parameters:
    return {"group_id": traffic.group()}


def _course(traffic: Traffic) -> Parameters:
    return {"course_id": traffic.course()}


def _lesson(traffic: Traffic) -> Parameters:
    return {"lesson_id": traffic.lesson()}


def _nothing(_: Traffic) -> Parameters:
    return {}


def _email(traffic: Traffic) -> Parameters:
    return {"email": people.email(traffic.user())}


def _shouted_email(traffic: Traffic) -> Parameters:
    return {"email": people.email(traffic.user()).upper()}


def _progress(traffic: Traffic) -> Parameters:
    user, lesson = traffic.progress()
    return {"user_id": user, "lesson_id": lesson}


def _page_of_posts(traffic: Traffic) -> Parameters:
    return {f"post_{number}": traffic.post() for number in range(1, 11)}


def _since(**period: float) -> Callable[[Traffic], Parameters]:
    return lambda traffic: {"since": traffic.since(**period)}


READS: Final = (
    Read("user_by_id", 300, _user),
    Read("user_by_email", 120, _email),
    Read("user_by_email_any_case", 40, _shouted_email, inlined=True),
    Read("wallet_of_user", 200, _user),
    Read("course_by_slug", 80, lambda traffic: {"slug": learning.slug(traffic.course())}, inlined=True),
    Read("lesson_progress", 150, _progress),
    Read("post_with_author", 100, _post),
    Read("courses_of_user", 80, _user),
    Read("group_leaderboard", 25, _group),
    Read("recent_logs_of_user", 50, _user),
    Read("logs_of_session", 40, lambda traffic: {"session_id": traffic.session()}),
    Read("sessions_of_user", 60, _user),
    Read("public_feed", 80, _nothing),
    Read("posts_of_author", 60, _user, inlined=True),
    Read("group_feed", 60, _group),
    Read("comments_of_post", 100, _post),
    Read("comments_of_posts", 40, _page_of_posts, inlined=True),
    Read("comment_counts_of_author", 30, _user),
    Read("unread_notifications", 120, _user),
    Read("newest_notifications", 80, _user),
    Read("transactions_of_wallet", 80, lambda traffic: {"wallet_id": traffic.user()}),
    Read("pending_transactions", 40, _nothing),
    Read(
        "transaction_by_reference",
        60,
        lambda traffic: {"reference": money.reference(traffic.transaction())},
        inlined=True,
    ),
    Read("groups_of_user", 80, _user),
    Read("course_roster", 60, _course),
    Read("lesson_statistics", 60, _lesson),
    Read("lessons_of_course", 80, _course, inlined=True),
    Read("course_funnel", 25, _course),
    Read("failed_payments", 25, _since(days=7)),
    Read("events_by_type", 25, _since(hours=12)),
    Read("active_users_by_day", 20, _since(days=7)),
    Read("events_by_device", 20, _since(hours=4)),
    Read("revenue_by_day", 25, _since(days=7)),
    Read("transactions_on_day", 25, lambda traffic: {"day": traffic.since(days=1 + traffic.below(5)).date()}),
    Read("lesson_events", 25, lambda traffic: {"lesson": str(traffic.lesson())}),
    Read("campaign_clicks", 20, lambda traffic: {"campaign": Jsonb({"campaign": traffic.one_of(CAMPAIGNS)})}),
    Read("search_posts", 25, lambda traffic: {"pattern": f"%{traffic.one_of(RARE_THEMES)}%"}, inlined=True),
    Read("top_of_the_school", 40, _nothing),
    Read("last_visit_of_mentors", 12, _nothing),
    Read("unusual_transactions", 10, _since(minutes=20)),
    Read("posts_without_reaction", 20, _since(hours=12)),
    Read("browse_logs", 20, lambda traffic: {"skip": 50 * traffic.below(traffic.logs() // 50)}, inlined=True),
    Read("learners_since", 20, _since(days=1)),
)
