"""A ``schema.prisma`` → the schema file of Drizzle ORM 0.45."""

from pgarchitect.schema.mirrors.drizzle.whole import drizzle_schema

__all__ = ["drizzle_schema"]
