"""SELECTs of SQLAlchemy Core as text and parameters for the data layer's drivers: pure, nothing here waits.

A statement's structure is compiled once; the next statement of the same structure, with other values, only binds them.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import LRUCache

from pgarchitect.access.analytics_dialect import DIALECT
from pgarchitect.access.analytics_rows import maker
from pgarchitect.access.failures import InvalidCondition, InvalidValue
from pgarchitect.access.statement import Statement

Selected = sa.SelectBase | sa.TextClause
"""What analytics take: SELECT, WITH, UNION, or text with ``:name`` parameters."""

_compiled: Final[LRUCache[Any, "Analysis"]] = LRUCache(500)
_cursors = count(1)


class Analysis:
    """A compiled statement.

    Attributes:
        names: of the result's columns, in order; empty where the statement is text without columns.
    """

    __slots__ = ("_compiled", "_makers", "_processors", "names")

    def __init__(self, compiled: SQLCompiler) -> None:
        self._compiled = compiled
        entries = compiled._result_columns  # noqa: SLF001  # SQLAlchemy has no public way
        self.names = tuple(each.keyname for each in entries)
        made = [each.type.dialect_impl(DIALECT).result_processor(DIALECT, None) for each in entries]
        self._processors = [(number, each) for number, each in enumerate(made) if each is not None]
        self._makers: dict[type[Any], Callable[[Sequence[Any]], Any]] = {}

    def bound(self, key: CacheKey | None) -> Statement:
        """The text, and the values of the statement that ``key`` belongs to."""
        compiled = self._compiled
        values = compiled.construct_params(
            extracted_parameters=key.bindparams if key else None,
            escape_names=False,
            _no_postcompile=True,
            _collected_params=key.params if key else None,
        )
        processors: Mapping[str, Any] = compiled._bind_processors  # noqa: SLF001  # no public way either
        text, names = compiled.string, compiled.positiontup or []
        if compiled.post_compile_params or compiled.literal_execute_params:
            expanded = compiled._process_parameters_for_postcompile(values)  # noqa: SLF001  # likewise
            text, values, names = expanded.statement, dict(expanded.parameters), list(expanded.positiontup or ())
            processors = {**processors, **expanded.processors}
        return Statement(text, tuple(_processed(processors.get(name), values[name]) for name in names))

    def rows(self, records: Sequence[Any], into: type[Any] | None) -> list[Any]:
        """Records of the driver as tuples, or as objects of a type.

        Raises:
            InvalidCondition: the columns do not fit the type's fields.
        """
        ready: Sequence[Any] = records
        if self._processors:
            ready = [self._result(each) for each in records]
        if into is None:
            return [tuple(each) for each in ready]
        make = self._makers.get(into)
        if make is None:
            make = self._makers[into] = maker(into, self.names)
        return [make(each) for each in ready]

    def _result(self, record: Sequence[Any]) -> list[Any]:
        values = list(record)
        for number, process in self._processors:
            values[number] = process(values[number])
        return values


def _processed(process: Callable[[Any], Any] | None, value: object) -> object:
    return value if process is None else process(value)


def analysis(statement: Selected) -> tuple[Analysis, Statement]:
    """How a statement is read, and what is sent for it.

    Raises:
        InvalidCondition: it is none that analytics take, or SQLAlchemy cannot make PostgreSQL of it.
        InvalidValue: one of its values does not fit.
    """
    if not isinstance(statement, Selected):
        raise InvalidCondition(
            f"Analytics read: they take select(…), a union or text(…), not {type(statement).__name__}; write with the"
            " operations on tables."
        )
    try:
        return _analysed(statement)
    except sa.exc.SQLAlchemyError as error:
        raise InvalidCondition(f"SQLAlchemy cannot compile the statement ({_told(error)}); correct it.") from error
    except (LookupError, ValueError, TypeError, ArithmeticError) as error:
        raise InvalidValue(f"A value of the statement does not fit ({_told(error)}); correct it.") from error


def _analysed(statement: Selected) -> tuple[Analysis, Statement]:
    key = statement._generate_cache_key()  # noqa: SLF001  # the documented way of caching needs an engine
    found = None if key is None else _compiled.get(key.key)
    if found is None:
        found = Analysis(statement.compile(dialect=DIALECT, cache_key=key))
        if key is not None:
            _compiled[key.key] = found
    return found, found.bound(key)


def _told(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")[:300]


def explained(statement: Statement, *, analyze: bool, as_json: bool) -> Statement:
    """The statement that asks for the plan of another."""
    words = [*(["ANALYZE", "BUFFERS"] if analyze else []), *(["FORMAT JSON"] if as_json else [])]
    options = f" ({', '.join(words)})" if words else ""
    return Statement(f"EXPLAIN{options} {statement.text}", statement.parameters)


def declared(statement: Statement, batch: int) -> tuple[Statement, str, str]:
    """Of reading in parts: what opens a cursor, what reads the next part, what closes it.

    Each cursor has a name of its own: the driver keeps what it knows of a statement's columns by its text.
    """
    name = f"pgarchitect_{next(_cursors)}"
    opening = Statement(f"DECLARE {name} NO SCROLL CURSOR FOR {statement.text}", statement.parameters)
    return opening, f"FETCH FORWARD {int(batch)} FROM {name}", f"CLOSE {name}"
