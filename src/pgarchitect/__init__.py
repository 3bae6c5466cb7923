"""pgarchitect: an AI database architect for PostgreSQL."""

__version__ = "0.1.0"
