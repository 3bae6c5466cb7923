"""Views and materialised views in SQL."""

from pgarchitect.schema.database_schema import View
from pgarchitect.schema.ddl.quoting import qualified


def create_view(view: View, home: str = "public") -> str:
    """CREATE VIEW, or CREATE MATERIALIZED VIEW, which is filled at once."""
    definition = view.definition.strip().removesuffix(";")
    return f"CREATE {_kind(view)} {qualified(view.schema, view.name, home)} AS\n{definition};"


def drop_view(view: View, home: str = "public") -> str:
    """DROP VIEW or DROP MATERIALIZED VIEW."""
    return f"DROP {_kind(view)} {qualified(view.schema, view.name, home)};"


def _kind(view: View) -> str:
    return "MATERIALIZED VIEW" if view.materialized else "VIEW"
