"""Migrations in Prisma's own form: the same folder, table and lock, so that both tools can take turns."""
