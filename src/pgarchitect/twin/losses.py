"""What of the source a copy lacks: relations by name with the reason, and other statements that it refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.twin.dump import Failure
from pgarchitect.twin.scope import LeftOut, Scope, spelled

_IDENTIFIER: Final = r'(?:"(?:[^"]|"")+"|\w+)'
_NAME: Final = rf"(?P<schema>{_IDENTIFIER})\.(?P<name>{_IDENTIFIER})"
_SUBJECT: Final = re.compile(
    rf"^(?:CREATE|ALTER|COMMENT ON)\b.*?\b(?:TABLE|VIEW|ON)\s+(?:ONLY\s+)?{_NAME}", re.IGNORECASE | re.DOTALL
)
_ABSENT: Final = re.compile(rf'relation "{_NAME}" does not exist')
_EXTENSION: Final = re.compile(r"^CREATE EXTENSION (?:IF NOT EXISTS )?(?P<name>.+?)(?: WITH SCHEMA .*)?;?$", re.DOTALL)
_IDLE: Final = re.compile(r"^COMMENT ON |^CREATE (?:CONSTRAINT )?TRIGGER |\bFOREIGN KEY ")
"""What a table may lack without being planned otherwise; statements that join what a key refers to fail anyway."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What a copy lacks.

    Attributes:
        left_out: tables that were wanted.
        missing: other things that it refused, one message of its server each.
        incomplete: tables that it has without something that plans depend on, as SQL spells them → the message.
    """

    left_out: tuple[LeftOut, ...]
    missing: tuple[str, ...]
    incomplete: Mapping[str, str]


def losses(
    connection: Connection,
    relations: Sequence[tuple[str, str]],
    scope: Scope,
    failures: Sequence[Failure],
    called: str = "planner twin",
) -> Losses:
    """Compare the copy with what was read, and find the reasons.

    Args:
        connection: to the copy.
        relations: schema and name of the tables and materialised views that were read.
        scope: what was not read.
        failures: what the copy's server refused.
        called: the copy, in a message.
    """
    here = {(row[0], row[1]) for row in connection.execute(named("pgarchitect.twin", "losses.sql", "tables").encode())}
    absent = [where for where in relations if where not in here]
    extensions = _extensions(failures)
    reasons = {subject: failure.message for failure in reversed(failures) if (subject := _subject(failure))}
    left_out = tuple(
        LeftOut(spelled(*where), _reason(reasons.get(where, f"the {called}'s server refused it"), extensions, called))
        for where in absent
    )
    gone = set(absent) | {(schema, name) for _, schema, name in scope.without}
    other = [each for each in failures if not _follows(each, gone)]
    subjects = ((_subject(each), each.message) for each in failures if not _IDLE.search(each.statement))
    incomplete = {spelled(*where): message for where, message in subjects if where is not None and where in here}
    return Losses(scope.left_out + left_out, tuple(each.message for each in other), incomplete)


def _follows(failure: Failure, gone: set[tuple[str, str]]) -> bool:
    """Whether a failure is but the consequence of a relation that is not there, or that was not wanted."""
    absent = _ABSENT.search(failure.message)
    return _subject(failure) in gone or (absent is not None and _named(absent) in gone)


def _subject(failure: Failure) -> tuple[str, str] | None:
    found = _SUBJECT.match(failure.statement)
    return _named(found) if found else None


def _named(found: re.Match[str]) -> tuple[str, str]:
    return _plain(found["schema"]), _plain(found["name"])


def _plain(identifier: str) -> str:
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier


def _extensions(failures: Sequence[Failure]) -> tuple[str, ...]:
    found = (_EXTENSION.match(failure.statement) for failure in failures)
    return tuple(_plain(match["name"]) for match in found if match)


def _reason(message: str, extensions: Sequence[str], called: str) -> str:
    if not extensions:
        return message
    which = " and ".join(extensions)
    return f"{message}; the {called}'s server lacks the extension{'s' if len(extensions) > 1 else ''} {which}"
