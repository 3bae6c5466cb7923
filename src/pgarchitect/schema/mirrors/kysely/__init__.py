"""A ``schema.prisma`` → the types of a database for Kysely."""

from pgarchitect.schema.mirrors.kysely.whole import kysely_types

__all__ = ["kysely_types"]
