"""Views: those that go, come or change, and those that step aside while a table that they read changes."""

from collections.abc import Iterator, Sequence

from pgarchitect.schema.database_schema import DatabaseSchema, View
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.ddl.views import create_view, drop_view
from pgarchitect.schema.difference.comments import view_comment_steps
from pgarchitect.schema.difference.equality import same_index, same_view
from pgarchitect.schema.difference.identifiers import mentioned, mentions
from pgarchitect.schema.difference.indexes import IndexChanges, create_step, index_steps
from pgarchitect.schema.difference.matching import Tables, match
from pgarchitect.schema.difference.relation_names import relation_renames
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Touched


def view_steps(before: DatabaseSchema, after: DatabaseSchema, touched: Touched, home: str) -> Iterator[Step]:
    """The steps of all views, and of the indexes of materialised ones."""
    staying = _staying(before, after, touched)
    for view in reversed(_readers_last(before.views)):
        if (view.schema, view.name) not in staying:
            yield Step(StepKind.DROP_VIEW, (drop_view(view, home),), qualified(view.schema, view.name, home))
    for view in _readers_last(after.views):
        owner = (view.schema, view.name)
        old = staying.get(owner)
        if old is None:
            yield _create(view, before, home)
        else:
            matched = match(old.indexes, view.indexes, same_index, lambda _: True)
            changes = IndexChanges(owner, matched)
            yield from relation_renames(Tables((), (), ()), [changes], touched, home)
            yield from index_steps(changes, home, concurrently=False)
        yield from view_comment_steps(old, view, home)


def _create(view: View, before: DatabaseSchema, home: str) -> Step:
    owner = (view.schema, view.name)
    indexes = (create_step(owner, each, home).statements[0] for each in view.indexes)
    same = [each for each in before.views if each.name == view.name]
    again = any(same_view(each, view) for each in same)
    warnings = (f"The view {qualified(*owner, home)} is created anew: grants on it have to be given again.",)
    return Step(
        StepKind.CREATE_VIEW,
        (create_view(view, home, named=again), *indexes),
        qualified(*owner, home),
        warnings=warnings if same else (),
    )


def _staying(before: DatabaseSchema, after: DatabaseSchema, touched: Touched) -> dict[tuple[str, str], View]:
    """Views that are the same before and after, and read nothing that is touched or goes."""
    wanted = {(each.schema, each.name): each for each in after.views}
    staying = {}
    for view in before.views:
        name = (view.schema, view.name)
        if name in wanted and same_view(view, wanted[name]) and not _disturbed(view, before, touched):
            staying[name] = view
    while True:
        going = {each.name for each in before.views if (each.schema, each.name) not in staying}
        readers = [name for name, each in staying.items() if mentions(each.definition, going - {each.name})]
        if not readers:
            return staying
        for name in readers:
            del staying[name]


def _disturbed(view: View, before: DatabaseSchema, touched: Touched) -> bool:
    words = mentioned(view.definition)
    if not words.isdisjoint(name for _, name in touched.rebuilt):
        return True
    for table in before.tables:
        name = (table.schema, table.name)
        if table.name in words and (name in touched.dropped or not words.isdisjoint(touched.columns(name))):
            return True
    return False


def _readers_last(views: Sequence[View]) -> list[View]:
    """The views in their order, but each after those that it reads."""
    done: list[View] = []
    waiting = list(views)
    while waiting:
        names = {each.name for each in waiting}
        ready = [each for each in waiting if not mentions(each.definition, names - {each.name})]
        # A word that is the same as a view's name may look like a circle; their own order is right then.
        done += ready or waiting
        waiting = [each for each in waiting if ready and each not in ready]
    return done
