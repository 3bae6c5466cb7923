"""A database's schema → what a schema.prisma says of it, in the names and words of ``prisma db pull``."""

from pgarchitect.schema.modelling.modelled import modelled

__all__ = ["modelled"]
