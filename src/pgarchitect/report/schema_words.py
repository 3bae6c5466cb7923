"""How a change is said in the application's schema, for a person and for a program."""

from typing import Any

from pgarchitect.recommendations.in_schema import InSchema


def schema_words(told: InSchema) -> str:
    """One sentence without its full stop: ``model User: @@index([lastSeenAt])``."""
    if not told.line:
        return "no word for it in schema.prisma: it goes into a migration as SQL"
    said = f"model {told.model}: {told.line}"
    return f"{said}, which stands there already" if told.there else said


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
