"""The folder of migrations: ``<YYYYMMDDHHMMSS>_name/migration.sql``, and ``migration_lock.toml``."""

import re
import shutil
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pgarchitect.errors import HistoryDiverged, UsageError

SCRIPT: Final = "migration.sql"
LOCK: Final = "migration_lock.toml"
_PROVIDERS: Final = frozenset({"postgresql", "postgres"})
_LOCK_TEXT: Final = """# Which database the migrations beside this file are for. Keep it in version control.
provider = "postgresql"
"""
_STAMP: Final = "%Y%m%d%H%M%S"
_STAMP_LENGTH: Final = 14
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration on disk: the name of its folder, and the bytes of its script."""

    name: str
    script: bytes

    @property
    def sql(self) -> str:
        """The script as text, without a byte order mark.

        Raises:
            UsageError: it is not UTF-8.
        """
        try:
            return self.script.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError(f"The script of the migration {self.name} is not UTF-8; save it as UTF-8.") from error


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """The migrations of a folder in their order; none where there is no such folder.

    Raises:
        HistoryDiverged: a migration has no script.
        UsageError: they are for another kind of database.
    """
    if not folder.is_dir():
        return ()
    _require_postgresql(folder / LOCK)
    return tuple(
        Migration(each.name, _script(each))
        for each in sorted(folder.iterdir(), key=lambda path: path.name)
        if each.is_dir() and not each.name.startswith(".")
    )


def write_migration(folder: Path, name: str, sql: str, now: datetime | None = None) -> Migration:
    """Write a migration, whole or not at all, with a name behind those that are there.

    Args:
        folder: of the migrations; made unless it is there.
        name: what it is about, in any words; may be empty.
        sql: its script.
        now: the time that its name begins with; the current one when None.

    Raises:
        UsageError: the folder cannot be written.
    """
    made = Migration(_next_name(folder, name, now or datetime.now(UTC)), sql.encode())
    new = folder / f".{made.name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new.mkdir()
        (new / SCRIPT).write_bytes(made.script)
        new.rename(folder / made.name)
        if not (folder / LOCK).exists():
            (folder / LOCK).write_text(_LOCK_TEXT, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        raise UsageError(f"The migration cannot be written to {folder} ({error.strerror}).") from error
    return made


def slug(name: str) -> str:
    """Words as the name of a migration has them: ``Add the User's table`` → ``add_the_users_table``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[\W_]+", "_", plain.replace("'", "")).strip("_")[:_LONGEST_NAME]


def _next_name(folder: Path, name: str, now: datetime) -> str:
    stamps = [each.name[:_STAMP_LENGTH] for each in folder.glob("*/")] if folder.is_dir() else []
    last = max((each for each in stamps if _is_stamp(each)), default="")
    stamp = now.strftime(_STAMP)
    if last >= stamp:
        stamp = (datetime.strptime(last, _STAMP).replace(tzinfo=UTC) + timedelta(seconds=1)).strftime(_STAMP)
    return f"{stamp}_{slug(name)}"


def _is_stamp(text: str) -> bool:
    try:
        datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _script(migration: Path) -> bytes:
    try:
        return (migration / SCRIPT).read_bytes()
    except FileNotFoundError as error:
        raise HistoryDiverged(
            f"The migration {migration.name} has no {SCRIPT}; bring the file back, or remove the folder {migration}."
        ) from error
    except OSError as error:
        raise UsageError(f"{migration / SCRIPT} cannot be read ({error.strerror}).") from error


def _require_postgresql(lock: Path) -> None:
    if not lock.exists():
        return
    try:
        provider = tomllib.loads(lock.read_text(encoding="utf-8")).get("provider")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{lock} is no TOML (perhaps a merge left its marks in it); put it right.") from error
    if provider not in _PROVIDERS:
        raise UsageError(f'{lock} says that the migrations are for "{provider}"; pgarchitect runs those of PostgreSQL.')
