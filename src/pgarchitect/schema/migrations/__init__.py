"""Migrations in Prisma's form: a folder of scripts, and a table in the database that remembers which have run."""
