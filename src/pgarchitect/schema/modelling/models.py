"""Tables and views → models and views."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from pgarchitect.schema.database_schema import DatabaseSchema, Table, View
from pgarchitect.schema.expressible import written_index
from pgarchitect.schema.modelling.columns import column_field
from pgarchitect.schema.modelling.keys import indexes, primary_key
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.names import Names
from pgarchitect.schema.modelling.place import NOWHERE
from pgarchitect.schema.modelling.relations import Relations
from pgarchitect.schema.modelling.remarks import remarks
from pgarchitect.schema.modelling.types import field_type
from pgarchitect.schema.psl.prisma_schema import Arity, Field, Index, Model, ModelRef, Unsupported


def table_model(  # all of it is needed
    table: Table, database: DatabaseSchema, names: Names, relations: Relations, known: Known, *, schemas: bool
) -> Model:
    """The model of a table.

    Args:
        table: that has one.
        database: that it is of.
        names: of everything.
        relations: of all models.
        known: an earlier schema.
        schemas: ``@@schema`` is said.
    """
    place = (table.schema, table.name)
    earlier = known.model(table)
    fields = _columns(table, names, known, earlier)
    ordered = _in_order([*fields, *relations.fields(table), *_of_no_column(earlier, names, known)], earlier)
    nameless = is_nameless(table, names, known)
    model = Model(
        names.models[place],
        table.name,
        table.schema if schemas else None,
        ordered,
        primary_key(table, names.fields[place], earlier),
        indexes(table, names.fields[place], known, partial=known.has_preview("partialIndexes")),
        is_view=False,
        ignored=nameless,
        documentation="",
        span=NOWHERE,
    )
    if earlier is None:
        return replace(model, documentation=remarks(table, model.name, database, nameless=nameless))
    model = replace(model, indexes=_indexes_in_order(model, earlier), ignored=nameless or earlier.ignored)
    return replace(model, table=earlier.table, documentation=earlier.documentation, span=earlier.span)


def view_model(view: View, names: Names, known: Known, *, schemas: bool) -> Model:
    """The view of a view; what an earlier schema says of its keys and relations stays, the database knows none.

    Relations to what is not there any more do not.
    """
    earlier = known.model(view)
    fields = _columns(view, names, known, earlier)
    if earlier is not None:
        arities = {each.name: each.arity for each in earlier.fields}
        fields = [_with_arity(each, arities.get(each.name)) for each in fields]
    relations = [each for each in earlier.relations if _leads_to(each, names)] if earlier else []
    return Model(
        names.models[view.schema, view.name],
        view.name,
        view.schema if schemas else None,
        _in_order([*fields, *relations], earlier),
        earlier.primary_key if earlier else None,
        earlier.indexes if earlier else (),
        is_view=True,
        ignored=earlier is not None and earlier.ignored,
        documentation=earlier.documentation if earlier else "",
        span=earlier.span if earlier else NOWHERE,
    )


def is_nameless(table: Table, names: Names, known: Known) -> bool:
    """Whether no key of required columns, with types that clients know, identifies the rows of a table.

    A list is never required.
    """
    if not table.columns:
        return False
    usable = {
        each.name
        for each in table.columns
        if not each.nullable
        and not each.type.array
        and not isinstance(field_type(each.type, names.enums, known.home)[0], Unsupported)
    }
    return not any(usable.issuperset(each) for each in _unique_keys(table))


def _unique_keys(table: Table) -> Iterator[Collection[str]]:
    if table.primary_key is not None:
        yield table.primary_key.columns
    for each in table.indexes:
        written = written_index(each)
        if each.unique and not each.where and written is not None:
            yield [key.name for key in written.columns]


def _columns(of: Table | View, names: Names, known: Known, earlier: Model | None) -> list[Field]:
    place = (of.schema, of.name)
    before = {each.column: each for each in earlier.columns} if earlier else {}
    return [column_field(each, place, names, known, before.get(each.name)) for each in of.columns]


def _of_no_column(earlier: Model | None, names: Names, known: Known) -> Iterator[Field]:
    """Relations that the database knows nothing of: without foreign keys, from and to views."""
    for each in earlier.relations if earlier else ():
        other = known.schema.model(each.type.name) if isinstance(each.type, ModelRef) else None
        if other is not None and (other.is_view or not known.has_foreign_keys) and _leads_to(each, names):
            yield each


def _leads_to(relation: Field, names: Names) -> bool:
    """Whether the other end of a relation is still there."""
    return isinstance(relation.type, ModelRef) and relation.type.name in names.models.values()


def _in_order(fields: Sequence[Field], earlier: Model | None) -> tuple[Field, ...]:
    """Fields as an earlier schema orders them, new columns behind its columns and new relations at the end."""
    if earlier is None:
        return tuple(fields)
    order = {each.name: number for number, each in enumerate(earlier.fields)}
    last = max((order[each.name] for each in earlier.columns), default=-1)
    return tuple(sorted(fields, key=lambda each: order.get(each.name, len(order) if each.is_relation else last + 0.5)))


def _indexes_in_order(model: Model, earlier: Model) -> tuple[Index, ...]:
    order = {each.span.start: number for number, each in enumerate(earlier.indexes)}
    known = sorted((each for each in model.indexes if each.span != NOWHERE), key=lambda each: order[each.span.start])
    return (*known, *(each for each in model.indexes if each.span == NOWHERE))


def _with_arity(field: Field, arity: Arity | None) -> Field:
    """A view's column never says that it is required; a person may know."""
    return replace(field, arity=arity) if arity is Arity.REQUIRED and field.arity is Arity.OPTIONAL else field
