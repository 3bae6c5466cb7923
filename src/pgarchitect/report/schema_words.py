"""How a change is said in the application's schema, for a person and for a program."""

from typing import Any

from pgarchitect.recommendations.in_schema import InSchema


def schema_words(told: InSchema) -> str:
    """One sentence without its full stop: ``model User: @@index([lastSeenAt])``."""
    if told.dropped:
        return _dropped_words(told)
    if not told.line:
        return "no word for it in schema.prisma: it goes into a migration as SQL"
    said = f"model {told.model}: {told.line}"
    return f"{said}, which stands there already" if told.there else said


def _dropped_words(told: InSchema) -> str:
    if not told.line:
        return "no line of it in schema.prisma: a migration drops it as SQL"
    said = f"model {told.model}: remove {told.line}"
    return (
        f"{said}, which a relation or the model's key needs, so the schema has to change first" if told.needed else said
    )


def schema_json(told: InSchema | None) -> dict[str, Any] | None:
    """``form``: ``attribute``, or ``sql`` where the schema has no word for it."""
    if told is None:
        return None
    return {
        "path": told.path,
        "form": "attribute" if told.line else "sql",
        "model": told.model or None,
        "line": told.line or None,
        "there": told.there,
    }


def dropped_json(told: InSchema | None) -> dict[str, Any] | None:
    """Of an index to drop: ``line`` declares it and goes with it, unless it is ``needed``; null where none does."""
    if told is None:
        return None
    return {"path": told.path, "model": told.model or None, "line": told.line or None, "needed": told.needed}
