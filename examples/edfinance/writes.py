"""How often the application writes what; each action takes back what it added, so that runs can be repeated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from psycopg.types.json import Jsonb

from examples.edfinance.reads import Parameters
from examples.edfinance.traffic import Traffic
from examples.edfinance.world import ANCHOR


class Application(Protocol):
    """What an action may do with the database: send a named statement, alone or inside a transaction."""

    def send(self, name: str, parameters: Parameters) -> Sequence[tuple[object, ...]]:
        """Send one statement and return its rows."""

    def together(self, steps: Sequence[tuple[str, Parameters]]) -> None:
        """Send statements as one transaction."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a user or a job does, and the statements that it consists of."""

    statements: tuple[str, ...]
    calls: int
    """In one round."""
    perform: Callable[[Application, Traffic], None]


def _record_event(application: Application, traffic: Traffic) -> None:
    user = traffic.user()
    event: Parameters = {
        "user_id": user,
        "session_id": traffic.session(),
        "payload": Jsonb({"path": "/feed", "referrer": "direct"}),
        "duration_ms": 200 + traffic.below(5_000),
        "now": ANCHOR,
    }
    written = application.send("record_event", event)
    application.send("touch_user", {"user_id": user, "now": ANCHOR})
    application.send("forget_events", {"ids": [row[0] for row in written]})


def _top_up(application: Application, traffic: Traffic) -> None:
    wallet = user = traffic.user()  # the load gives both the same number
    amount = 1_000 * (1 + traffic.below(500))
    reference = f"TOPUP-{traffic.below(2**40):010X}"
    payment: Parameters = {"wallet_id": wallet, "amount": amount, "reference": reference, "now": ANCHOR}
    change: Parameters = {"wallet_id": wallet, "amount": amount, "now": ANCHOR}
    hold: Parameters = {"user_id": user}
    application.together((("lock_wallet", hold), ("add_transaction", payment), ("change_balance", change)))
    application.together(
        (
            ("lock_wallet", hold),
            ("void_transaction", {"reference": reference}),
            ("change_balance", change | {"amount": -amount}),
        )
    )


def _save_progress(application: Application, traffic: Traffic) -> None:
    user, lesson = traffic.progress()
    saved: Parameters = {"user_id": user, "lesson_id": lesson, "seconds": traffic.below(300), "now": ANCHOR}
    application.send("save_progress", saved)


def _notify(application: Application, traffic: Traffic) -> None:
    user = traffic.user()
    title = Jsonb({"vi": "Ưu đãi sắp hết", "en": "An offer ends soon", "zh": "优惠即将结束"})
    offer: Parameters = {"user_id": user, "title": title, "expires_at": ANCHOR + timedelta(hours=1), "now": ANCHOR}
    for (number,) in application.send("send_notification", offer):
        application.send("read_notification", {"notification_id": number, "now": ANCHOR})
    application.send("delete_expired_notifications", {"user_id": user, "now": ANCHOR + timedelta(hours=2)})


def _react(application: Application, traffic: Traffic) -> None:
    reaction: Parameters = {"post_id": traffic.post(), "user_id": traffic.user(), "now": ANCHOR}
    if application.send("react_to_post", reaction):
        application.send("withdraw_reaction", {key: reaction[key] for key in ("post_id", "user_id")})


def _publish(application: Application, traffic: Traffic) -> None:
    post: Parameters = {"user_id": traffic.user(), "body": "Chào cả nhà!", "tags": ["hello"], "now": ANCHOR}
    for (number,) in application.send("publish_post", post):
        application.send("remove_post", {"post_id": number})


ACTIONS: Final = (
    Action(("record_event", "touch_user", "forget_events"), 100, _record_event),
    Action(("lock_wallet", "add_transaction", "change_balance", "void_transaction"), 40, _top_up),
    Action(("save_progress",), 80, _save_progress),
    Action(("send_notification", "read_notification", "delete_expired_notifications"), 40, _notify),
    Action(("react_to_post", "withdraw_reaction"), 40, _react),
    Action(("publish_post", "remove_post"), 20, _publish),
)
