"""Every setting, in one typed object, read from the environment (``PGARCHITECT_…``)."""

import os
from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Where the embedded server lives.

    root gets a system directory, since the server drops its privileges and must still reach its files;
    everyone else gets the user's data directory of the platform.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/pgarchitect")
    return Path(platformdirs.user_data_dir("pgarchitect"))


class Settings(BaseSettings):
    """The settings of a process; the command line's options take precedence over them."""

    model_config = SettingsConfigDict(env_prefix="PGARCHITECT_", env_ignore_empty=True, frozen=True, extra="ignore")

    home_url: str | None = Field(
        default=None,
        description="Connection URL of the architect's own database; unset: the embedded server.",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Directory of the embedded server and what it keeps."
    )
    embedded_user: str = Field(
        default="nobody", description="As root only: the account that the embedded server runs as."
    )
    connect_timeout_s: int = Field(default=10, ge=1, description="Seconds to wait for a connection.")
    statement_timeout_ms: int = Field(
        default=30_000, ge=100, description="Milliseconds after which the server ends a statement of ours."
    )
    lock_timeout_ms: int = Field(
        default=2_000, ge=10, description="Milliseconds that a statement of ours waits for a lock."
    )
    twin_programs: str | None = Field(
        default=None,
        description="Directories with server programs of other PostgreSQL versions, for planner twins; colon between.",
    )
    mirrors: str | None = Field(
        default=None,
        description="Folders of mirrors that `migrate dev` updates and `schema check` compares; colon between.",
    )
    twin_sample_pages: int = Field(
        default=1_000,
        ge=0,
        description="Pages of a table that a planner twin may read at most to look at its rows; 0: none.",
    )
    fast_path: str = Field(
        default="true",
        description="Operations of a DatabaseService that take the fast path: true, false, or a percentage.",
    )
    shadow: str = Field(
        default="0", description="Reads of a DatabaseService that run on both paths to be compared, as a percentage."
    )
    route_file: Path | None = Field(
        default=None, description="TOML file whose fast_path and shadow take precedence; it may change at any time."
    )

    @property
    def mirror_folders(self) -> tuple[Path, ...]:
        """The folders of ``mirrors``."""
        return tuple(Path(each) for each in (self.mirrors or "").split(os.pathsep) if each)
