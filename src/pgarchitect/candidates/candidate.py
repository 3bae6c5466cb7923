"""A change that may help, before anything is proven."""

import re
from dataclasses import dataclass
from typing import Final

_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed change for one or more statements.

    Attributes:
        kind: the kind of change, named as its file: ``missing_index``.
        table: schema-qualified, quoted name of the table it touches.
        sql: forward SQL as a person would run it in production.
        rollback_sql: SQL that undoes it.
        trial_sql: the same change as it is tried inside a transaction (an index without CONCURRENTLY).
        object_name: name of the object that a plan must use for the change to have had an effect.
        qualified_name: that name as SQL writes it, with its schema.
        reason: one sentence: which part of the statement asks for it.
        fingerprints: statements that it was proposed for.
        key: what the change is, whatever it is called: the same change has the same key in every run.
    """

    kind: str
    table: str
    sql: str
    rollback_sql: str
    trial_sql: str
    object_name: str
    qualified_name: str
    reason: str
    fingerprints: tuple[str, ...]
    key: str

    def guesses_for(self, statement: str) -> bool:
        """Whether it holds a value that a statement leaves to a parameter, such as a key of a JSON document."""
        return any(literal.lower() not in statement.lower() for literal in _LITERAL.findall(self.key))
