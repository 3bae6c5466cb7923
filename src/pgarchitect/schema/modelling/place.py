"""Where things stand: in the database, and in no file yet."""

from typing import Final

from pgarchitect.schema.psl.prisma_schema import Span

Place = tuple[str, str]
"""Namespace and name of a table, view or type."""

NOWHERE: Final = Span("", 0, 0)
"""Of what stands in no file yet."""
