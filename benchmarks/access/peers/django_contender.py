"""Django's ORM over psycopg 3, with server-side binding and prepared statements."""

from typing import Any
from uuid import UUID

from django import setup
from django.conf import settings
from django.db import connections, models

from benchmarks.access.peers.contender import Contender, Row, Server, told


def _configure(server: Server) -> None:
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": server.database,
        "USER": server.user,
        "HOST": server.host,
        "PORT": server.port,
        "CONN_MAX_AGE": None,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 0},
    }
    settings.configure(DATABASES={"default": database}, USE_TZ=False, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
    setup()


def _models() -> tuple[Any, Any]:
    """The models, which can only be made once Django is set up."""

    class User(models.Model):
        id = models.UUIDField(primary_key=True)
        email = models.TextField()
        role = models.TextField()

        class Meta:
            app_label = "benchmark"
            db_table = "users"

    class EventType(models.Model):
        code = models.TextField(primary_key=True)
        category = models.TextField()
        weight = models.IntegerField()

        class Meta:
            app_label = "benchmark"
            db_table = "event_types"

    class LogColumns(models.Model):
        id = models.UUIDField(primary_key=True)
        session_id = models.TextField()
        payload = models.JSONField()
        duration = models.IntegerField()
        created_at = models.DateTimeField()

        class Meta:
            abstract = True
            app_label = "benchmark"

    class Log(LogColumns):
        user = models.ForeignKey(User, models.CASCADE)
        event = models.ForeignKey(EventType, models.CASCADE, db_column="event_type")

        class Meta:
            app_label = "benchmark"
            db_table = "behavior_logs"

    class NewLog(LogColumns):
        user_id = models.UUIDField()
        event_type = models.TextField()

        class Meta:
            app_label = "benchmark"
            db_table = "new_logs"

    return Log, NewLog


class Django(Contender):
    """The ORM in threads."""

    def open(self) -> None:
        _configure(self.server)
        self.logs, self.new_logs = _models()

    def leave(self) -> None:
        connections.close_all()

    def read(self, user: UUID) -> Any:
        return list(self.logs.objects.filter(user_id=user).order_by("-created_at")[:1_000])

    def point(self, key: UUID) -> Any:
        return self.logs.objects.get(pk=key)

    def insert(self, rows: list[Row]) -> Any:
        self.new_logs.objects.bulk_create([self.new_logs(**each) for each in rows], batch_size=5_000)

    def join(self, event: str) -> Any:
        found = self.logs.objects.filter(event_id=event).order_by("-created_at")
        return list(
            found.values_list(
                "id", "duration", "created_at", "user__email", "user__role", "event__code", "event__category",
                "event__weight",
            )[:200]
        )  # fmt: skip

    def log(self, row: Any) -> str:
        row.event_type = row.event_id
        return super().log(row)

    def joined(self, row: Any) -> str:
        return told(row)
