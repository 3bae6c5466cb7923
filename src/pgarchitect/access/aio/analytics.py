"""Analytics: SELECTs of SQLAlchemy Core, compiled once and run on the pool of the data layer."""

from collections.abc import AsyncIterator
from typing import Any, TypeVar, TypeVarTuple, overload

from sqlalchemy.sql.selectable import TypedReturnsRows

from pgarchitect.access.aio.executor import Executor
from pgarchitect.access.aio.held import held, undone
from pgarchitect.access.analytics import Selected, analysis, declared, explained
from pgarchitect.access.failures import InvalidCondition
from pgarchitect.access.statement import Statement

_Into = TypeVar("_Into")
_Columns = TypeVarTuple("_Columns")


class Analytics:
    """Runs SELECTs of SQLAlchemy Core.

    Args:
        executor: where they run.
    """

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @overload
    async def fetch(self, statement: TypedReturnsRows[*_Columns]) -> list[tuple[*_Columns]]: ...
    @overload
    async def fetch(self, statement: Selected) -> list[tuple[Any, ...]]: ...
    @overload
    async def fetch(self, statement: Any, into: type[_Into]) -> list[_Into]: ...  # noqa: ANN401  # either of the above
    async def fetch(self, statement: Any, into: type[Any] | None = None) -> list[Any]:
        """All rows of a statement.

        Args:
            statement: ``select(…)``, a union, or ``text(…)``.
            into: a msgspec.Struct, a dataclass, a NamedTuple or dict, whose fields have the names of the columns;
                None: rows are tuples.

        Raises:
            InvalidCondition: it cannot be compiled, or its columns do not fit ``into``.
            InvalidValue: one of its values does not fit.
        """
        read, sent = analysis(statement)
        return read.rows(await self._executor.rows(sent.text, sent.parameters), into)

    async def value(self, statement: Selected) -> Any:  # noqa: ANN401  # of the first column
        """The first column of the first row; None without one."""
        read, sent = analysis(statement)
        record = await self._executor.row(sent.text, sent.parameters)
        return None if record is None else read.rows([record], None)[0][0]

    @overload
    def stream(
        self, statement: TypedReturnsRows[*_Columns], *, batch: int = 1_000
    ) -> AsyncIterator[tuple[*_Columns]]: ...
    @overload
    def stream(self, statement: Selected, *, batch: int = 1_000) -> AsyncIterator[tuple[Any, ...]]: ...
    @overload
    def stream(self, statement: Any, into: type[_Into], *, batch: int = 1_000) -> AsyncIterator[_Into]: ...  # noqa: ANN401
    async def stream(self, statement: Any, into: type[Any] | None = None, *, batch: int = 1_000) -> AsyncIterator[Any]:
        """The rows of a statement one by one, of one moment; no more than ``batch`` are held at once.

        A connection is held until the last row was read or the iterator is closed.
        """
        if batch < 1:
            raise InvalidCondition(f"batch is {batch}; it must be at least 1.")
        read, sent = analysis(statement)
        opening, reading, closing = declared(sent, batch)
        async with held(self._executor) as connection:
            await connection.affected(opening.text, opening.parameters)
            while records := await connection.rows(reading, ()):
                for row in read.rows(records, into):
                    yield row
                if len(records) < batch:
                    break
            await connection.affected(closing, ())

    async def explain(self, statement: Selected, *, analyze: bool = False) -> str:
        """The plan of a statement as text; ``analyze`` really runs it, and what it writes is taken back."""
        return "\n".join(each[0] for each in await self._plan(statement, analyze=analyze, as_json=False))

    async def plan(self, statement: Selected, *, analyze: bool = False) -> dict[str, Any]:
        """The plan of a statement as PostgreSQL's JSON has it: ``{"Plan": {"Node Type": …}}``."""
        [[[found]]] = await self._plan(statement, analyze=analyze, as_json=True)
        made: dict[str, Any] = found
        return made

    def sent(self, statement: Selected) -> Statement:
        """What is sent to the server for a statement: text and parameters."""
        return analysis(statement)[1]

    async def _plan(self, statement: Selected, *, analyze: bool, as_json: bool) -> list[Any]:
        asked = explained(analysis(statement)[1], analyze=analyze, as_json=as_json)
        async with undone(self._executor) as connection:
            return await connection.rows(asked.text, asked.parameters)
