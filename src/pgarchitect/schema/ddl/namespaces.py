"""Schemas (namespaces) and extensions in SQL."""

from pgarchitect.schema.database_schema import Extension
from pgarchitect.schema.ddl.quoting import quote


def create_schema(name: str) -> str:
    """CREATE SCHEMA unless it is there."""
    return f"CREATE SCHEMA IF NOT EXISTS {quote(name)};"


def create_extension(extension: Extension) -> str:
    """CREATE EXTENSION unless it is there; the version as Prisma writes it, quoted like a name."""
    schema = f" SCHEMA {quote(extension.schema)}" if extension.schema else ""
    version = f" VERSION {quote(extension.version)}" if extension.version else ""
    options = f" WITH{schema}{version}" if schema or version else ""
    return f"CREATE EXTENSION IF NOT EXISTS {quote(extension.name)}{options};"
