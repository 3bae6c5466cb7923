"""The two sides of a comparison: nothing, a schema, a folder of migrations, or a live database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.prisma_url import without_prisma_parameters
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.migrations.folder import read_migrations
from pgarchitect.schema.migrations.planning import as_made
from pgarchitect.schema.places import home_schema
from pgarchitect.schema.programs import Whole, read_whole
from pgarchitect.schema.psl.reading import read_schema, schema_sources
from pgarchitect.schema.shadow import replay_all, shadow_database
from pgarchitect.settings import Settings

FORMS: Final = "`empty`, a schema's path, `migrations:DIR`, or a database's URL"
_MIGRATIONS: Final = "migrations:"


def is_schema(side: str) -> bool:
    """Whether a side is a schema.prisma, which has no word for much that a database may have."""
    return side != "empty" and not side.startswith(_MIGRATIONS) and not is_database(side)


def read_side(side: str, schemas: Sequence[str], settings: Settings, *, url: str | None = None) -> Whole:
    """One side, as a server spells it; a schema has no programs.

    Args:
        side: see ``FORMS``.
        schemas: namespaces that are compared, the one that unqualified names mean first.
        settings: how to reach a database.
        url: of a server for shadow databases; None: the embedded one.

    Raises:
        UsageError: it is nothing of these.
        SchemaInvalid: a schema has errors.
        MigrationFailed: a migration fails on an empty database.
    """
    home = schemas[0]
    if side == "empty":
        return Whole(DatabaseSchema(tuple(schemas)), {})
    if side.startswith(_MIGRATIONS):
        with shadow_database(settings, url=url, home=home) as shadow:
            replay_all(shadow, read_migrations(_folder(side)))
            return read_whole(shadow, schemas)
    if is_database(side):
        with connect(without_prisma_parameters(side)[0], settings) as connection:
            return read_whole(connection, schemas)
    return Whole(as_made(lower(read_schema(_path(side)), home), settings, home=home, url=url), {})


def schemas_of(*sides: str) -> tuple[str, ...]:
    """The namespaces that a comparison is about, that of unqualified names first, and a schema's.

    It is that of a URL (``?schema=``, else ``public``); without one, that of the project's own database.

    Raises:
        UsageError: the URLs of two databases name different ones.
    """
    own = [without_prisma_parameters(side)[1].get("schema") or "public" for side in sides if is_database(side)]
    if len(set(own)) > 1:
        raise UsageError(
            f"The two URLs name different schemas ({' and '.join(own)}), and tables are compared within one; name the"
            " same schema in both."
        )
    home = own[0] if own else _own_home(sides)
    named: list[str] = [home]
    for side in filter(is_schema, sides):
        schema = read_schema(_path(side))
        named += [*(schema.datasource.schemas if schema.datasource else ()), *lower(schema, home).schemas]
    return tuple(dict.fromkeys(named))


def _own_home(sides: Sequence[str]) -> str:
    paths = [_path(side) for side in sides if is_schema(side)]
    texts = [text for path in paths for text in schema_sources(path).values()]
    return home_schema(texts, paths[0] if paths else None)


def is_database(side: str) -> bool:
    """Whether a side is a live database."""
    return "://" in side


def _folder(side: str) -> Path:
    path = Path(side.removeprefix(_MIGRATIONS))
    if not path.is_dir():
        raise UsageError(f"{path} is no folder of migrations; write {FORMS}.")
    return path


def _path(side: str) -> Path:
    if not Path(side).exists():
        raise UsageError(f"{side} is nothing that can be compared; write {FORMS}.")
    if (Path(side) / "migration_lock.toml").exists() or any(Path(side).glob("*/migration.sql")):
        raise UsageError(f"{side} is a folder of migrations; write {_MIGRATIONS}{side}.")
    return Path(side)
