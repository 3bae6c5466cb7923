"""Identifiers and literals in SQL."""

from collections.abc import Iterable


def quote(identifier: str) -> str:
    """An identifier, always in quotes, as Prisma writes it."""
    return '"' + identifier.replace('"', '""') + '"'


def quoted_list(identifiers: Iterable[str], separator: str = ", ") -> str:
    """Several of them."""
    return separator.join(map(quote, identifiers))


def qualified(schema: str, name: str, home: str = "public") -> str:
    """The name of an object, with its schema unless that is ``home``."""
    return quote(name) if schema in {"", home} else f"{quote(schema)}.{quote(name)}"


def literal(text: str) -> str:
    """A string literal, with ``standard_conforming_strings`` on, as it is unless somebody turned it off."""
    return "'" + text.replace("'", "''") + "'"
