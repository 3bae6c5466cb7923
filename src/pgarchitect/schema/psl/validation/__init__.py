"""Whether a schema is right, by Prisma's rules for PostgreSQL and in Prisma's words.

In Prisma's order: names, types, attributes (``names``, ``types``, ``attributes``), generators and datasource
(``configuration``), and, where nothing was wrong so far, what must hold between them (``rules``).
"""
