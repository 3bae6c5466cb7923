"""Syntax trees to a :class:`~pgarchitect.schema.psl.prisma_schema.PrismaSchema`, once they are known to be right."""
