"""Views and materialised views in SQL."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import View
from pgarchitect.schema.ddl.quoting import literal, qualified, quote, quoted_list


def create_view(view: View, home: str = "public", *, named: bool = False) -> str:
    """CREATE VIEW, or CREATE MATERIALIZED VIEW, which is filled at once.

    Args:
        view: to be created.
        home: schema that is left out.
        named: with the names that its columns have, whatever those are called by now that it reads.
    """
    definition = view.definition.strip().removesuffix(";")
    names = f" ({quoted_list(each.name for each in view.columns)})" if named and view.columns else ""
    options = f" WITH ({', '.join(view.options)})" if view.options else ""
    return f"CREATE {_kind(view)} {qualified(view.schema, view.name, home)}{names}{options} AS\n{definition};"


def comments_on_view(view: View, home: str = "public") -> Iterator[str]:
    """COMMENT ON the view and its columns, where they have any."""
    name = qualified(view.schema, view.name, home)
    if view.comment:
        yield f"COMMENT ON {_kind(view)} {name} IS {literal(view.comment)};"
    for column in view.columns:
        if column.comment:
            yield f"COMMENT ON COLUMN {name}.{quote(column.name)} IS {literal(column.comment)};"


def drop_view(view: View, home: str = "public") -> str:
    """DROP VIEW or DROP MATERIALIZED VIEW."""
    return f"DROP {_kind(view)} {qualified(view.schema, view.name, home)};"


def _kind(view: View) -> str:
    return "MATERIALIZED VIEW" if view.materialized else "VIEW"
