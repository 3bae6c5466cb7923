"""Views: those that go, come or change, and those that step aside while a table that they read changes."""

from collections.abc import Iterator, Mapping

from pgarchitect.schema.database_schema import DatabaseSchema, View
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.ddl.tables import parents_first
from pgarchitect.schema.ddl.views import create_view, drop_view
from pgarchitect.schema.difference.comments import view_comment_steps
from pgarchitect.schema.difference.equality import same_index, same_view
from pgarchitect.schema.difference.identifiers import mentions
from pgarchitect.schema.difference.indexes import IndexChanges, create_step, index_steps
from pgarchitect.schema.difference.matching import Tables, match
from pgarchitect.schema.difference.readers import Name, name_of, readers_last, reads_any, with_readers
from pgarchitect.schema.difference.relation_names import relation_renames
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Touched


def view_steps(before: DatabaseSchema, after: DatabaseSchema, touched: Touched, home: str) -> Iterator[Step]:
    """The steps of all views, and of the indexes of materialised ones."""
    staying = _staying(before, after, touched)
    wanted = {each.name for each in after.views}
    for view in reversed(readers_last(before.views)):
        if name_of(view) not in staying:
            name = qualified(view.schema, view.name, home)
            warnings = () if view.name in wanted else (f"The view {name} is dropped.",)
            yield Step(StepKind.DROP_VIEW, (drop_view(view, home),), name, warnings=warnings)
    for view in readers_last(after.views):
        old = staying.get(name_of(view))
        yield from _kept(old, view, touched, home) if old else (_created(view, before, home),)
        yield from view_comment_steps(old, view, home)


def _kept(old: View, new: View, touched: Touched, home: str) -> Iterator[Step]:
    """The indexes of a view that stays."""
    changes = IndexChanges(name_of(new), match(old.indexes, new.indexes, same_index, lambda _: True))
    yield from relation_renames(Tables((), (), ()), [changes], touched, home)
    yield from index_steps(changes, home, concurrently=False)


def _created(view: View, before: DatabaseSchema, home: str) -> Step:
    name = qualified(view.schema, view.name, home)
    indexes = (create_step(name_of(view), each, home).statements[0] for each in view.indexes)
    same = [each for each in before.views if each.name == view.name]
    # A column that it reads may be called otherwise by now.
    statements = (create_view(view, home, named=any(same_view(each, view) for each in same)), *indexes)
    warnings = (f"The view {name} is created anew: grants on it have to be given again.",) if same else ()
    return Step(StepKind.CREATE_VIEW, statements, name, warnings=warnings)


def _staying(before: DatabaseSchema, after: DatabaseSchema, touched: Touched) -> dict[Name, View]:
    """Views that are the same before and after, and read nothing that is touched or goes."""
    wanted = {name_of(each): each for each in after.views}
    columns = _touched_columns(before, touched)

    def goes(view: View) -> bool:
        name = name_of(view)
        return name not in wanted or not same_view(view, wanted[name]) or _disturbed(view, columns, touched)

    going = with_readers(before.views, goes)
    return {name_of(each): each for each in before.views if name_of(each) not in going}


def _touched_columns(before: DatabaseSchema, touched: Touched) -> dict[Name, frozenset[str]]:
    """The columns of each table that change or go, with those of the table that it is a partition or heir of."""
    found: dict[Name, frozenset[str]] = {}
    for each in parents_first(before.tables):
        name = (each.schema, each.name)
        above = found.get(each.partition_of, frozenset()) if each.partition_of else frozenset()
        found[name] = touched.columns(name) | above
    return found


def _disturbed(view: View, columns: Mapping[Name, frozenset[str]], touched: Touched) -> bool:
    if mentions(view.definition, {name for _, name in touched.rebuilt}):
        return True
    return reads_any(view, touched.dropped, columns)
