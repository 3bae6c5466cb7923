"""Mirrors of a ``schema.prisma`` in Python and TypeScript: the same schema always gives the same bytes."""
