"""``-- pgarchitect: ignore rule-id (reason)``: what a person has looked at and let pass."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.safety.reading.script import Step

_IGNORE: Final = re.compile(
    r"pgarchitect:\s*(?P<how>ignore-file|ignore)\s+(?P<rules>[a-z][a-z0-9-]*(?:\s*,\s*[a-z][a-z0-9-]*)*)"
    r"\s*(?:\((?P<reason>.*)\))?"
)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A rule that a comment lets pass: for one statement, or (None) for the whole file."""

    rule: str
    statement: int | None


def ignored_in(steps: Iterable[Step]) -> Iterator[Ignored]:
    """What the comments of a script let pass."""
    for number, step in enumerate(steps):
        for comment in step.statement.comments:
            for found in _IGNORE.finditer(comment):
                place = None if found["how"] == "ignore-file" else number
                for rule in found["rules"].split(","):
                    yield Ignored(rule.strip(), place)
