"""A database's schema → a schema.prisma's models: what `schema pull` writes."""

from pgarchitect.schema.modelling.models import modelled

__all__ = ["modelled"]
