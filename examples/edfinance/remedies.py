"""What a good database architect should find in the workload. Tests read it; the audit must never do so.

``index`` remedies were measured at scale 1 and made their statement at least twice as fast;
docs/sample-application.md has the table.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What has to change."""

    INDEX = "index"
    REWRITE = "rewrite"
    NONE = "none"
    """Nothing: the statement is served well already, and a recommendation would be a mistake."""


@dataclass(frozen=True, slots=True)
class Index:
    """One index that cures."""

    table: str
    columns: tuple[str, ...]
    """As in CREATE INDEX, in order; a plain column, or an expression in parentheses, or a column with its class."""
    method: str = "btree"

    @property
    def sql(self) -> str:
        """The statement that creates it, under a name that PostgreSQL chooses."""
        return f"CREATE INDEX ON {self.table} USING {self.method} ({', '.join(self.columns)})"


@dataclass(frozen=True, slots=True)
class Remedy:
    """The known best remedy of one statement."""

    statement: str
    """Its name in the workload."""
    kind: Kind
    indexes: tuple[Index, ...] = ()
    """Any one of them will do, best first; with a rewrite: what the rewritten statement needs."""
    rewrite: str | None = None
    """The statement as it should be, with the same parameters unless ``why`` says otherwise."""
    later: bool = False
    """Whether it is out of reach of plain B-tree columns proposed from the statement's own text."""
    why: str = ""

    def accepts(self, table: str, columns: tuple[str, ...], method: str = "btree") -> bool:
        """Whether an index on ``columns`` of ``table`` is one of those that cure.

        The direction of a column does not matter, since a B-tree is read from either end and no statement here sorts
        by two columns.
        """
        plain = tuple(re.sub(r"\s+(asc|desc)\b.*", "", column, flags=re.IGNORECASE) for column in columns)
        return any((index.table, index.columns, index.method) == (table, plain, method) for index in self.indexes)


def _btree(statement: str, table: str, *choices: tuple[str, ...], why: str = "") -> Remedy:
    return Remedy(statement, Kind.INDEX, tuple(Index(table, columns) for columns in choices), why=why)


_INDEXES: Final = (
    _btree("recent_logs_of_user", "behavior_logs", ("user_id", "created_at")),
    _btree("logs_of_session", "behavior_logs", ("session_id", "created_at"), ("session_id",)),
    _btree("failed_payments", "behavior_logs", ("event_type", "created_at"), ("created_at",), ("event_type",)),
    _btree("events_by_type", "behavior_logs", ("created_at",)),
    _btree("active_users_by_day", "behavior_logs", ("created_at",)),
    _btree("events_by_device", "behavior_logs", ("created_at",)),
    _btree("sessions_of_user", "behavior_sessions", ("user_id", "started_at")),
    _btree(
        "last_visit_of_mentors",
        "behavior_sessions",
        ("user_id", "started_at"),
        ("user_id",),
        why="The inner query runs once for each mentor.",
    ),
    _btree(
        "public_feed",
        "social_posts",
        ("visibility", "created_at"),
        ("created_at",),
        why="deleted_at must not stand before created_at: behind IS NULL the planner sees no order.",
    ),
    _btree(
        "posts_of_author",
        "social_posts",
        ("author_id", "created_at"),
        ("author_id",),
    ),
    _btree(
        "group_feed",
        "social_posts",
        ("group_id", "created_at"),
        ("group_id",),
    ),
    _btree("comments_of_post", "comments", ("post_id", "created_at"), ("post_id",)),
    _btree("comments_of_posts", "comments", ("post_id",), ("post_id", "created_at")),
    _btree(
        "comment_counts_of_author",
        "comments",
        ("post_id",),
        ("post_id", "created_at"),
        why="The inner query runs once for each post; an index on the posts' author alone leaves most of the cost.",
    ),
    _btree("unread_notifications", "notifications", ("user_id", "read_at"), ("read_at", "user_id"), ("user_id",)),
    _btree("newest_notifications", "notifications", ("user_id", "created_at")),
    _btree("delete_expired_notifications", "notifications", ("user_id", "expires_at"), ("expires_at",), ("user_id",)),
    _btree("transactions_of_wallet", "wallet_transactions", ("wallet_id", "created_at")),
    _btree("pending_transactions", "wallet_transactions", ("status", "created_at"), ("status",)),
    _btree("transaction_by_reference", "wallet_transactions", ("reference",)),
    _btree("void_transaction", "wallet_transactions", ("reference",), ("reference", "status"), ("status", "reference")),
    _btree(
        "revenue_by_day",
        "wallet_transactions",
        ("created_at",),
        ("kind", "status", "created_at"),
        ("status", "kind", "created_at"),
        ("status", "created_at"),
    ),
    _btree("groups_of_user", "buddy_group_members", ("user_id",), ("user_id", "group_id")),
    _btree(
        "course_roster",
        "enrolments",
        ("course_id", "status", "enrolled_at"),
        ("status", "course_id", "enrolled_at"),
        ("course_id", "enrolled_at"),
        ("course_id",),
    ),
    _btree("lesson_statistics", "user_progress", ("lesson_id",), ("lesson_id", "status"), ("status", "lesson_id")),
    _btree("course_funnel", "user_progress", ("lesson_id",), ("lesson_id", "user_id")),
    _btree("learners_since", "user_progress", ("updated_at",), ("updated_at", "user_id")),
    _btree("lessons_of_course", "lessons", ("course_id", "position"), ("course_id",)),
)

_LATER: Final = (
    Remedy(
        "lesson_events",
        Kind.INDEX,
        (
            Index("behavior_logs", ("(payload ->> 'lessonId')", "created_at")),
            Index("behavior_logs", ("(payload ->> 'lessonId')",)),
        ),
        later=True,
        why="A key of a JSON document needs an index on the expression.",
    ),
    Remedy(
        "campaign_clicks",
        Kind.INDEX,
        (Index("behavior_logs", ("payload jsonb_path_ops",), "gin"), Index("behavior_logs", ("payload",), "gin")),
        later=True,
        why="Containment in a JSON document needs GIN.",
    ),
    Remedy(
        "search_posts",
        Kind.INDEX,
        (Index("social_posts", ("body gin_trgm_ops",), "gin"),),
        later=True,
        why="A pattern that begins with % needs trigrams (extension pg_trgm).",
    ),
    Remedy(
        "user_by_email_any_case",
        Kind.INDEX,
        (Index("users", ("(lower(email))",)),),
        later=True,
        why="The unique index on e-mail does not serve lower(email).",
    ),
    Remedy(
        "remove_post",
        Kind.INDEX,
        (Index("comments", ("post_id",)), Index("comments", ("post_id", "created_at"))),
        later=True,
        why="The time is spent in the foreign key's cascade, which the statement does not show.",
    ),
)

_REWRITES: Final = (
    Remedy(
        "unusual_transactions",
        Kind.REWRITE,
        rewrite=(
            "SELECT t.id, t.wallet_id, t.amount FROM wallet_transactions t"
            " JOIN (SELECT x.wallet_id, avg(x.amount) AS usual FROM wallet_transactions x GROUP BY x.wallet_id) w"
            " ON w.wallet_id = t.wallet_id WHERE t.created_at >= %(since)s AND t.amount > 3 * w.usual"
        ),
        why="One average for each wallet instead of one for each payment.",
    ),
    Remedy(
        "posts_without_reaction",
        Kind.REWRITE,
        rewrite=(
            "SELECT p.id, p.author_id, p.body FROM social_posts p WHERE p.created_at >= %(since)s"
            " AND NOT EXISTS (SELECT 1 FROM post_reactions r WHERE r.post_id = p.id)"
            " ORDER BY p.created_at DESC LIMIT 50"
        ),
        why="NOT IN reads every reaction; NOT EXISTS asks the primary key. post_id is never NULL: both say the same.",
    ),
    Remedy(
        "browse_logs",
        Kind.REWRITE,
        rewrite=(
            "SELECT id, user_id, event_type, created_at FROM behavior_logs WHERE id < %(after)s"
            " ORDER BY id DESC LIMIT 50"
        ),
        why="OFFSET reads what it skips; ask for what follows the last id that was shown (a new parameter) instead.",
    ),
    Remedy(
        "transactions_on_day",
        Kind.REWRITE,
        (Index("wallet_transactions", ("created_at",)),),
        rewrite=(
            "SELECT kind, status, count(*), sum(amount) FROM wallet_transactions"
            " WHERE created_at >= %(day)s::date AND created_at < %(day)s::date + 1 GROUP BY kind, status"
        ),
        why="A function around a column hides it from a plain index; a range does not.",
    ),
)

_NONE: Final = tuple(
    Remedy(statement, Kind.NONE, why=why)
    for statement, why in (
        ("user_by_id", "primary key"),
        ("user_by_email", "unique index"),
        ("wallet_of_user", "unique index"),
        ("course_by_slug", "unique index"),
        ("lesson_progress", "unique index"),
        ("post_with_author", "primary keys"),
        ("courses_of_user", "the unique index begins with user_id"),
        ("record_event", "an INSERT only suffers from indexes"),
        ("touch_user", "primary key"),
        ("forget_events", "primary key"),
        ("lock_wallet", "unique index"),
        ("add_transaction", "an INSERT only suffers from indexes"),
        ("change_balance", "primary key"),
        ("save_progress", "unique index"),
        ("send_notification", "an INSERT only suffers from indexes"),
        ("read_notification", "primary key"),
        ("react_to_post", "primary key"),
        ("withdraw_reaction", "primary key"),
        ("publish_post", "an INSERT only suffers from indexes"),
    )
)

REMEDIES: Final = (*_INDEXES, *_LATER, *_REWRITES, *_NONE)
"""At most one for each statement."""
