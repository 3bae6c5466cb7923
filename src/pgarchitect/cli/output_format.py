"""How a command prints its result."""

from enum import StrEnum


class Format(StrEnum):
    """For a person, or for a program."""

    TERMINAL = "terminal"
    JSON = "json"
