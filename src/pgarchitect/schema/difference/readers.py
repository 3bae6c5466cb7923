"""Views and what they read: by the catalog where one was asked, else by the words of their definitions."""

from collections.abc import Callable, Collection, Mapping, Sequence

from pgarchitect.schema.database_schema import View
from pgarchitect.schema.difference.identifiers import mentioned

Name = tuple[str, str]
"""Schema and name."""


def name_of(view: View) -> Name:
    """Schema and name of a view."""
    return view.schema, view.name


def reads_any(view: View, relations: Collection[Name], columns: Mapping[Name, Collection[str]] | None = None) -> bool:
    """Whether a view reads one of these relations, or one of these columns of others."""
    columns = columns or {}
    if view.reads is None:
        words = mentioned(view.definition)
        return any(name in words for _, name in relations) or any(
            table in words and not words.isdisjoint(names) for (_, table), names in columns.items()
        )
    return any(
        (schema, name) in relations or column in columns.get((schema, name), ()) for schema, name, column in view.reads
    )


def _reads_another(view: View, views: set[Name]) -> bool:
    """Whether a view reads one of these, which it may be itself."""
    return bool(views) and reads_any(view, views if view.reads is not None else views - {name_of(view)})


def with_readers(views: Sequence[View], is_hit: Callable[[View], bool]) -> frozenset[Name]:
    """Views of which something is true, and those that read them, however far away."""
    found = {name_of(each) for each in views if is_hit(each)}
    while True:
        more = {name_of(each) for each in views if _reads_another(each, found)} - found
        if not more:
            return frozenset(found)
        found |= more


def readers_last(views: Sequence[View]) -> list[View]:
    """The views in their order, but each after those that it reads."""
    done: list[View] = []
    waiting = list(views)
    while waiting:
        names = {name_of(each) for each in waiting}
        ready = [each for each in waiting if not _reads_another(each, names)]
        # A word that is the same as a view's name may look like a circle; their own order is right then.
        done += ready or waiting
        names -= {name_of(each) for each in ready}
        waiting = [each for each in waiting if ready and name_of(each) in names]
    return done
