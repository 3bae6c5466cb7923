"""Stand-ins for extensions that the embedded server lacks: it has neither OpenSSL nor a library for UUIDs.

PostgreSQL 18 looks for extensions in further directories (``extension_control_path``). Ours holds ``pgcrypto`` and
``uuid-ossp`` with the functions of the real ones by name, type and volatility, so that migrations and defaults that
name them can be tried and spelled in a shadow database. A function that would need what is not there says so when it
is called; none of them pretends. No other database sees them.
"""

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Final

from pgarchitect.postgres.server_home import ServerHome, writing
from pgarchitect.settings import Settings

_FOLDER: Final = "extension"
"""PostgreSQL looks below it."""


def control_path(settings: Settings) -> str:
    """The value of ``extension_control_path`` for a shadow database of the embedded server; empty: it can have none.

    The files are written into the server's home, which its account can read, unless they are there.

    Raises:
        HomeUnavailable: they cannot be written.
    """
    root = ServerHome.of(settings).root / "stand-ins"
    if os.pathsep in str(root):
        return ""  # it would be taken for two
    with writing(root):
        target = root / _FOLDER
        for folder in (root, target):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755)  # the umask may have taken bits away
        for each in files(__package__).joinpath(_FOLDER).iterdir():
            _write(target / each.name, each.read_bytes())
    return f"$system{os.pathsep}{root}"


def _write(target: Path, text: bytes) -> None:
    """Write a file unless it says the same already; it is there whole or not at all."""
    if target.is_file() and target.read_bytes() == text:
        return
    descriptor, made = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as new:
        new.write(text)
    Path(made).chmod(0o644)
    Path(made).replace(target)
