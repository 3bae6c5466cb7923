"""What the tests of migrations share: folders of scripts, and a database to run them on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.migrations.connecting import migrating
from pgarchitect.schema.migrations.deploying import Deployed, deploy
from pgarchitect.schema.migrations.folder import LOCK_FILE, SCRIPT, read_migrations
from pgarchitect.settings import Settings

LOCK_TEXT = 'provider = "postgresql"\n'


def folder_of(folder: Path, scripts: Mapping[str, str]) -> Path:
    """Write a folder of migrations: name → script."""
    folder.mkdir(exist_ok=True)
    (folder / LOCK_FILE).write_text(LOCK_TEXT)
    for name, script in scripts.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / SCRIPT).write_bytes(script.encode())
    return folder


def deployed(url: str, folder: Path, *, resume: bool = False, told: list[str] | None = None) -> Deployed:
    """Deploy a folder."""
    heard = [] if told is None else told
    with migrating(url, Settings()) as connection:
        return deploy(connection, read_migrations(folder), heard.append, resume=resume)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with connect(url, read_only=False) as connection:
        return connection.execute(query).fetchall()


def run(url: str, statement: str) -> None:
    """Run a statement."""
    with connect(url, read_only=False) as connection:
        connection.execute(statement)


HISTORY = (
    "SELECT migration_name, finished_at IS NOT NULL, rolled_back_at IS NOT NULL, applied_steps_count, logs"
    " FROM _prisma_migrations ORDER BY started_at"
)
