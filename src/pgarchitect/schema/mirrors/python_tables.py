"""``tables.py``: each table as a SQLAlchemy Core ``Table`` whose columns are typed.

Columns have the keys that the database has (``users.c.password_hash``): who writes analytics thinks in its names, and
what SQLAlchemy prints is what is written.
"""

from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Final

from pgarchitect.schema.database_schema import Column, Table
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.header import header
from pgarchitect.schema.mirrors.mirrored import Mirrored
from pgarchitect.schema.mirrors.names import each_once, snake
from pgarchitect.schema.mirrors.python_code import (
    Node,
    annotated,
    call,
    cut,
    docstring,
    has,
    keyword,
    statement,
    string,
)
from pgarchitect.schema.mirrors.python_types import annotation, python_type
from pgarchitect.schema.mirrors.source import MirrorSource
from pgarchitect.schema.mirrors.sqlalchemy_columns import (
    MAKERS,
    RUNNING,
    ColumnContext,
    column_text,
    own_sequence_ddl,
    sql_text,
)
from pgarchitect.schema.mirrors.sqlalchemy_constraints import constraint_texts, dotted_keys
from pgarchitect.schema.mirrors.sqlalchemy_types import ADDRESSES, OTHER_TYPE, VECTOR_TYPE, enum_type

_TAKEN: Final = frozenset({"dt", "event", "metadata", "pg", "sa", "uuid", "view_metadata"})
_OF_COLLECTIONS: Final = frozenset(
    [
        "Any",
        "Decimal",
        "UUID",
        "builtins",
        "dt",
        "pg",
        "sa",
        "add",
        "as_readonly",
        "clear",
        "compare",
        "contains_column",
        "corresponding_column",
        "extend",
        "get",
        "items",
        "keys",
        "remove",
        "update",
        "values",
    ]
)
"""Methods of a collection of columns, and what annotations name: such a column is reached by ``.c["get"]``."""
_VIEWS: Final = '''
view_metadata = sa.MetaData()
"""Of views: to be read, and not among the tables that ``metadata.create_all`` makes."""'''
_LONGEST_NAME: Final = 48
"""Columns of a variable: it, its type and an opening parenthesis must fit into a line."""
_LONGEST_TYPE: Final = 29
_OF_SQLALCHEMY: Final = {
    "daterange": "pg.Range[dt.date]",
    "hstore": "dict[str, str | None]",
    "int4range": "pg.Range[int]",
    "int8range": "pg.Range[int]",
    "numrange": "pg.Range[Decimal]",
    "tsrange": "pg.Range[dt.datetime]",
    "tstzrange": "pg.Range[dt.datetime]",
}
"""Values for which SQLAlchemy has types of its own; the data layer has texts."""
Place = tuple[str, str]
"""Namespace and name."""


def table_names(source: MirrorSource) -> Mapping[Place, str]:
    """Namespace and name of a table → its variable: the table's own name, with the namespace where two are alike."""
    tables = [*(each.as_table for each in source.tables), *source.pairs]
    places = [(each.schema, each.name) for each in tables]
    short = [snake(name) for _, name in places]
    wanted = [
        snake(name) if short.count(snake(name)) == 1 or schema == source.default_schema else snake(f"{schema}_{name}")
        for schema, name in places
    ]
    made = each_once(
        [(repr(place), cut(name, _LONGEST_NAME)) for place, name in zip(places, wanted, strict=True)], _TAKEN
    )
    return {place: made[repr(place)] for place in places}


def tables_module(source: MirrorSource) -> str:
    """The text of ``tables.py``."""
    names = table_names(source)
    types = each_once([(name, _type_name(name)) for name in names.values()], suffix="X")
    beside: list[tuple[Table, Mirrored | None]] = [(each.as_table, each) for each in source.tables]
    beside += [(each, None) for each in source.pairs]
    texts = [_TableText(source, names, types, table, mirrored) for table, mirrored in beside]
    body = "\n".join([*_unused_enums(source), *(line for each in texts for line in each.definition())])
    behind = "\n".join(line for each in texts for line in each.behind())
    typed = "\n".join(line for each in texts for line in each.types())
    helpers = "\n\n\n".join(_helpers(body + behind))
    types_of = "\n".join(_typed(typed, [f"    {types[name]} = sa.Table" for name in names.values()]))
    head = "\n".join(_head(source, body, typed + helpers))
    holders = "\nmetadata = sa.MetaData()" + (_VIEWS if any(each.model.is_view for each in source.tables) else "")
    opening = f"{head}\n\n\n{helpers}\n\n" if helpers else f"{head}\n"
    return "\n".join(filter(None, [opening, types_of, holders, body, behind])).rstrip() + "\n"


def _unused_enums(source: MirrorSource) -> Iterator[str]:
    """Enum types that no column has; they are created with the tables as well."""
    tables = [*(each.table for each in source.tables if each.table), *source.pairs]
    used = {(column.type.schema, column.type.name) for each in tables for column in each.columns}
    for place, enum in source.enums.items():
        if place not in used:
            yield statement("", enum_type(place, [each.label for each in enum.values], source.default_schema))


def _type_name(name: str) -> str:
    """A name that only type checkers see."""
    made = "".join(each[:1].upper() + each[1:] for each in name.split("_"))
    return cut(made, _LONGEST_TYPE) + "Table"


def _head(source: MirrorSource, body: str, typed: str) -> Iterator[str]:
    yield header(source.digest, "#") + '"""Tables of the database, for SQLAlchemy Core."""'
    yield ""
    if "builtins." in typed:
        yield "import builtins"
    if has("dt.", typed):
        yield "import datetime as dt"
    if has("uuid.", body + typed):
        yield "import uuid"
    if "Callable[" in typed:
        yield "from collections.abc import Callable"
    if "Decimal" in typed:
        yield "from decimal import Decimal"
    yield "from typing import TYPE_CHECKING, Any"
    if has("UUID", typed):
        yield "from uuid import UUID"
    yield ""
    yield "import sqlalchemy as sa"
    if "Callable[" in typed:
        yield "from sqlalchemy import event"
    if has("pg.", body + typed):
        yield "from sqlalchemy.dialects import postgresql as pg"


def _helpers(body: str) -> Iterator[str]:
    """Types and functions that the tables name."""
    if "OtherType(" in body:
        yield OTHER_TYPE
    for name, text in ADDRESSES.items():
        if has(name, body):
            yield text
    if "Vector(" in body:
        yield VECTOR_TYPE
    if "_running(" in body:
        yield RUNNING
    for name, text in MAKERS.items():
        if has(name, body):
            yield text


def _typed(typed: str, aliases: list[str]) -> Iterator[str]:
    """What type checkers see; at run time each table is a plain ``sa.Table``."""
    if not aliases:
        return
    yield "if TYPE_CHECKING:"
    yield "    from sqlalchemy.sql.base import ReadOnlyColumnCollection"
    yield typed.rstrip()
    yield ""
    yield "else:"
    yield from aliases


class _TableText:
    """Writes one table.

    Args:
        source: all of the schema.
        names: variables of all tables.
        types: variable → type of the table.
        table: which.
        mirrored: it with its model; None: a table of pairs.
    """

    __slots__ = ("_context", "_fields", "_mirrored", "_name", "_names", "_source", "_table", "_type")

    def __init__(
        self,
        source: MirrorSource,
        names: Mapping[Place, str],
        types: Mapping[str, str],
        table: Table,
        mirrored: Mirrored | None,
    ) -> None:
        self._source = source
        self._names = names
        self._table = table
        self._mirrored = mirrored
        self._fields = {column.name: field for field, column in mirrored.columns} if mirrored else {}
        self._name = names[table.schema, table.name]
        self._type = types[self._name]
        labels = {place: tuple(value.label for value in each.values) for place, each in source.enums.items()}
        self._context = ColumnContext(labels, source.default_schema)

    def types(self) -> Iterator[str]:
        """Its columns for type checkers, and its type."""
        columns = f"{self._type.removesuffix('Table')}Columns"
        shown = [(name, each) for each in self._table.columns if (name := _attribute(each.name))]
        bases = ("ReadOnlyColumnCollection[str, sa.Column[Any]]",)
        yield ""
        yield statement(f"class {columns}(", Node("", bases, "):"), 4)
        if shown:
            taken = [name for name, _ in shown]
            for name, each in shown:
                yield annotated(name, f"sa.Column[{annotation(_python(each), taken)}]", 8)
        else:
            yield "        pass"
        yield ""
        yield f"    class {self._type}(sa.Table):"
        yield "        @property"
        yield f"        def c(self) -> {columns}: ..."

    def definition(self) -> Iterator[str]:
        """The assignment, and what the model's documentation says."""
        home = self._source.default_schema
        table = self._table
        is_view = self._mirrored is not None and self._mirrored.model.is_view
        parts: list[Node | str] = [string(table.name), "view_metadata" if is_view else "metadata"]
        parts += [column_text(table, each, self._fields.get(each.name), self._context) for each in table.columns]
        parts += constraint_texts(table, home)
        if table.schema != home:
            parts.append(keyword("schema", string(table.schema)))
        yield statement(f"{self._name} = ", call(self._type, *parts))
        prose = annotations(self._mirrored.model.documentation).prose if self._mirrored else ""
        if prose:
            yield docstring(prose)

    def behind(self) -> Iterator[str]:
        """What needs the tables: foreign keys that name something with a dot in it, and sequences of columns."""
        for text in dotted_keys(self._table, self._names):
            yield statement("", call(f"{self._name}.append_constraint", text))
        for column in self._table.columns:
            for moment, sql in own_sequence_ddl(self._table, column, self._source.default_schema):
                listener = call("_running", sql_text(sql))
                yield statement("", call("event.listen", self._name, string(moment), listener))


def _attribute(column: str) -> str:
    """The attribute of a collection of columns by which type checkers know a column; empty: only by its key."""
    usable = column.isidentifier() and not column.startswith("_") and column not in _OF_COLLECTIONS
    return column if usable and not iskeyword(column) else ""


def _python(column: Column) -> str:
    kind = python_type(column.type)
    one = _OF_SQLALCHEMY.get(column.type.name, "Any" if kind.name == "JsonValue" else kind.name)
    several = f"list[{one}]" if column.type.array else one
    return f"{several} | None" if column.nullable else several
