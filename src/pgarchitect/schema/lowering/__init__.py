"""``schema.prisma`` → the database that Prisma would make of it."""

from pgarchitect.schema.lowering.database import lower

__all__ = ["lower"]
