"""The flags of the router: how operations are shared out, and where that is said.

They are read in this order; the first that says something counts: ``route()`` of the service, the file that
``PGARCHITECT_ROUTE_FILE`` names, the environment.
"""

import logging
import time
import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from pgarchitect.access.failures import InvalidRoute
from pgarchitect.access.router import Route
from pgarchitect.settings import Settings

READ_AGAIN: Final = 1.0
"""Seconds after which file and environment are read again."""
_logger = logging.getLogger("pgarchitect.access.router")


def percentage(value: object, name: str) -> float:
    """``true``, ``false`` or a number from 0 to 100, as percent.

    Raises:
        InvalidRoute: it is none of these.
    """
    text = str(value).strip().lower().removesuffix("%")
    if text in {"true", "false"}:
        return 100.0 if text == "true" else 0.0
    try:
        made = float(text)
    except ValueError:
        made = -1.0
    if not 0 <= made <= 100:
        raise InvalidRoute(f"{name} is {value!r}; say true, false, or a percentage from 0 to 100.")
    return made


class Flags:
    """The flags of one service.

    Raises:
        InvalidRoute: what the environment or the file says cannot be read.
    """

    __slots__ = ("_fast", "_read", "_route", "_shadow", "_until")

    def __init__(self) -> None:
        self._fast: float | None = None
        self._shadow: float | None = None
        self._read = _reading()
        self._route = self._read
        self._until = time.monotonic() + READ_AGAIN

    @property
    def route(self) -> Route:
        """As the flags stand now; file and environment are looked at once a second at most."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + READ_AGAIN
            try:
                self._read = _reading()
            except InvalidRoute as error:
                # A flag that cannot be read must not stop a service that runs.
                _logger.warning("%s The flags stay as they were.", error)
            self._apply()
        return self._route

    def set(self, *, fast: bool | float | None, shadow: float | None) -> None:
        """Take these instead of what file and environment say, at once; None: these again."""
        chosen = None if fast is None else percentage(fast, "fast")
        self._shadow = None if shadow is None else percentage(shadow, "shadow")
        self._fast = chosen
        self._until = 0.0
        self._apply()

    def _apply(self) -> None:
        read = self._read
        fast = read.fast if self._fast is None else self._fast
        self._route = Route(fast, read.shadow if self._shadow is None else self._shadow)


def _reading() -> Route:
    try:
        settings = Settings()
    except ValidationError as error:
        name = error.errors()[0]["loc"][0]
        raise InvalidRoute(f"The setting {name} cannot be read; correct PGARCHITECT_{str(name).upper()}.") from error
    said: dict[str, Any] = {"fast_path": settings.fast_path, "shadow": settings.shadow}
    if settings.route_file is not None:
        said |= _file(settings.route_file)
    fast = percentage(said["fast_path"], "PGARCHITECT_FAST_PATH")
    return Route(fast, percentage(said["shadow"], "PGARCHITECT_SHADOW"))


def _file(path: Path) -> dict[str, Any]:
    """What the file says; nothing, where there is none."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRoute(f"The file of flags {path} cannot be read ({error}); write it as TOML.") from error
    unknown = set(said) - {"fast_path", "shadow"}
    if unknown:
        raise InvalidRoute(f"The file of flags {path} says {min(unknown)!r}; it may say fast_path and shadow.")
    return said
