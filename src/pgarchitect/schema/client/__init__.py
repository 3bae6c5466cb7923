"""The generated client of the data layer: rows, conditions and tables of a schema.prisma as one typed Python module."""
