"""Views and materialised views in SQL."""

from pgarchitect.schema.database_schema import View
from pgarchitect.schema.ddl.quoting import qualified, quoted_list


def create_view(view: View, home: str = "public", *, named: bool = False) -> str:
    """CREATE VIEW, or CREATE MATERIALIZED VIEW, which is filled at once.

    Args:
        view: to create.
        home: schema that is left out of names.
        named: its columns' names are said: one that it reads may be called otherwise by now.
    """
    definition = view.definition.strip().removesuffix(";")
    names = f" ({quoted_list(each.name for each in view.columns)})" if named and view.columns else ""
    options = f" WITH ({', '.join(view.options)})" if view.options else ""
    return f"CREATE {kind_of(view)} {qualified(view.schema, view.name, home)}{names}{options} AS\n{definition};"


def drop_view(view: View, home: str = "public") -> str:
    """DROP VIEW or DROP MATERIALIZED VIEW."""
    return f"DROP {kind_of(view)} {qualified(view.schema, view.name, home)};"


def kind_of(view: View) -> str:
    """What SQL calls it."""
    return "MATERIALIZED VIEW" if view.materialized else "VIEW"
