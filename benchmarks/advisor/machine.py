"""Where and with what it was measured."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from pgarchitect import __version__

_PACKAGES: Final = ("tpchgen-cli", "duckdb", "duckdb-extension-tpcds", "highspy", "psycopg")


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> str:
    """Load average of the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def machine(server_version: str) -> str:
    """The machine and the versions, in a sentence."""
    packages = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cores()} cores ({processor()}), PostgreSQL {server_version}, Python"
        f" {platform.python_version()}, pgarchitect {__version__}, {packages}"
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor() -> str:
    """What it calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
