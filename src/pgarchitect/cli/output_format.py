"""How a command prints its result."""

from enum import StrEnum


class Format(StrEnum):
    """For a person, or for a program."""

    TERMINAL = "terminal"
    JSON = "json"


class LintFormat(StrEnum):
    """For a person, for a program, or as annotations of GitHub."""

    TERMINAL = "terminal"
    JSON = "json"
    GITHUB = "github"
