"""What a database has beside its tables: functions, triggers, rules, policies, domains, composite types and so on.

``schema.prisma`` has no word for any of them, so that only a migration makes them, and no migration of ours changes
them. Whether a database has those that its migrations made is for ``schema check`` to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.difference.equality import same_definition
from pgarchitect.schema.introspection import read_live_schema

_WHOLE: Final = ("CREATE OR REPLACE", "ALTER SEQUENCE")
"""Statements that say all of a thing, whatever it was."""


@dataclass(frozen=True, slots=True)
class Program:
    """A function or procedure, trigger, rule, policy, domain, composite type, or what is said of a table or sequence.

    Attributes:
        definition: the statement that makes it, as the server prints it, every name with its schema.
        dropped: the statement that drops it.
        verbatim: the server keeps the definition's text as it was written.
        made: its oid: what was made earlier needs nothing that was made later.
        stands_on: of a function, what its arguments, result or body need: 0 or None: no table; 1: tables; 2: views.
    """

    definition: str
    dropped: str
    verbatim: bool
    made: int = field(default=0, compare=False)
    stands_on: int | None = field(default=None, compare=False)

    @property
    def statement(self) -> str:
        """The definition with its semicolon."""
        return f"{self.definition.strip().removesuffix(';')};"


@dataclass(frozen=True, slots=True)
class Whole:
    """A database: what a difference is made of, and its programs."""

    database: DatabaseSchema
    programs: "Programs"


Programs = Mapping[tuple[str, str], Program]
"""By what each is (``function``, ``trigger``, …) and what it is called, as SQL writes that."""


def read_whole(connection: Connection, schemas: Sequence[str]) -> Whole:
    """What a database has in these schemas; the first of them is the one that unqualified names mean."""
    return Whole(read_live_schema(connection, schemas), read_programs(connection, schemas))


def read_programs(connection: Connection, schemas: Sequence[str]) -> Programs:
    """Those of a database in some schemas, but for those of extensions; owners and grants are no part of them."""
    with connection.transaction():
        connection.execute(statement(__package__, "programs.sql", "qualified"))
        found = connection.execute(statement(__package__, "programs.sql", "programs"), {"schemas": list(schemas)})
        return {(kind, name): Program(*row) for kind, name, *row in found.fetchall()}


def program_differences(before: Programs, after: Programs) -> Iterator[tuple[str, str]]:
    """What differs, and the statements that would make the first like the second."""
    for key in sorted({*before, *after}):
        concerns = f"{key[0]} {key[1]}"
        old, new = before.get(key), after.get(key)
        if new is None and old is not None:
            yield concerns, f"{old.dropped};"
        elif old is None and new is not None:
            yield concerns, new.statement
        elif old is not None and new is not None and not same_program(old, new):
            again = "" if new.definition.startswith(_WHOLE) else f"{old.dropped}; "
            yield concerns, f"{again}{new.statement}"


def same_program(ours: Program, theirs: Program) -> bool:
    """The same program, as servers of any version spell it."""
    if ours.verbatim or theirs.verbatim:
        return ours.definition == theirs.definition
    return same_definition(ours.definition, theirs.definition)
