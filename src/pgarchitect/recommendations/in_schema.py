"""How a change is said in the application's own schema."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InSchema:
    """An index in the words of a ``schema.prisma``.

    Attributes:
        path: the schema's file or folder, as it was found or given.
        model: whose block has it; empty: the table has no model.
        line: ``@@index([userId])``; empty: the schema has no word for it, so that it goes into a migration as SQL.
        there: the schema says it already; only the database lacks it.
        dropped: it is to be dropped: ``line`` goes out of the schema; empty: the schema does not declare it.
        needed: it is to be dropped, but the schema is not valid without it.
    """

    path: str
    model: str = ""
    line: str = ""
    there: bool = False
    dropped: bool = False
    needed: bool = False
