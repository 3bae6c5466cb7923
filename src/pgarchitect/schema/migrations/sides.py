"""The two sides of a comparison: nothing, a schema, a folder of migrations, or a live database."""

from pathlib import Path

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.introspection import read_database_schema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.schema.migrations.planning import as_made
from pgarchitect.schema.psl.reading import read_schema
from pgarchitect.schema.shadow import replayed, shadow_database
from pgarchitect.settings import Settings

FORMS = "`empty`, a schema's path, `migrations:DIR`, or a database's URL"


def is_schema(side: str) -> bool:
    """Whether a side is a schema.prisma, which has no word for much that a database may have."""
    return side != "empty" and not side.startswith("migrations:") and "://" not in side


def read_side(side: str, schemas: tuple[str, ...], settings: Settings) -> DatabaseSchema:
    """One side, as a server spells it.

    Args:
        side: see ``FORMS``.
        schemas: namespaces that are compared.
        settings: how to reach a database.

    Raises:
        UsageError: it is nothing of these.
    """
    if side == "empty":
        return DatabaseSchema(schemas)
    if side.startswith("migrations:"):
        with shadow_database(settings) as shadow:
            return replayed(shadow, read_migrations(Path(side.removeprefix("migrations:"))), schemas)
    if "://" in side:
        url, own = without_prisma_parameters(side)
        with connect(url, settings) as connection:
            return read_database_schema(connection, (own["schema"],) if "schema" in own else schemas)
    if not Path(side).exists():
        raise UsageError(f"{side} is nothing that can be compared; write {FORMS}.")
    return as_made(lower(read_schema(Path(side))), settings)


def schemas_of(*sides: str) -> tuple[str, ...]:
    """The namespaces that a comparison is about: those that a schema among the sides names, else ``public``."""
    for side in sides:
        if is_schema(side) and Path(side).exists():
            return lower(read_schema(Path(side))).schemas
    return ("public",)
