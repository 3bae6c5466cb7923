"""Where and with what it was measured."""

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from benchmarks.access.node_packages import NodeMissing, node_version
from benchmarks.advisor.machine import cores, load, processor
from pgarchitect import __version__

__all__ = ["load", "machine"]
_PACKAGES: Final = (
    "asyncpg", "psycopg", "msgspec", "uvloop", "SQLAlchemy", "Django", "peewee", "tortoise-orm", "piccolo",
)  # fmt: skip


def machine(server_version: str) -> str:
    """The machine and the versions, in a sentence."""
    packages = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    try:
        node = f", Node {node_version()}"
    except NodeMissing:
        node = ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cores()} cores ({processor()}), PostgreSQL {server_version}, Python"
        f" {platform.python_version()}{node}, pgarchitect {__version__}, {packages}"
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
