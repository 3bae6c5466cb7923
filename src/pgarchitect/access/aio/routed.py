"""Tables and transactions of a service: they have the operations of the client, each by the path that is chosen."""

from collections.abc import AsyncIterator
from typing import Any

from pgarchitect.access.aio.routing import Routing
from pgarchitect.access.router import Call, Way


class RoutedTable:
    """A table whose operations take either path.

    Args:
        name: in Python.
        routing: chooses and runs.
    """

    __slots__ = ("_name", "_routing")

    def __init__(self, name: str, routing: Routing) -> None:
        self._name = name
        self._routing = routing

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # of the client's table
        """What there is on the fast path alone."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._routing.table(Call(self._name, name), Way.FAST), name)

    async def find_unique(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # as the client's tables have it
        """See the client's table."""
        return await self._read("find_unique", given, asked)

    async def get(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("get", given, asked)

    async def find_unique_or_raise(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("find_unique_or_raise", given, asked)

    async def find_first(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("find_first", (), asked)

    async def find_first_or_raise(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("find_first_or_raise", (), asked)

    async def find_many(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("find_many", (), asked)

    async def count(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("count", (), asked)

    async def aggregate(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("aggregate", (), asked)

    async def group_by(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._read("group_by", given, asked)

    async def insert(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("insert", given, asked)

    async def insert_many(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("insert_many", given, asked)

    async def insert_many_returning(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("insert_many_returning", given, asked)

    async def upsert(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("upsert", (), asked, by_question=True)

    async def upsert_many(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("upsert_many", given, asked)

    async def update(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("update", (), asked, by_question=True)

    async def update_many(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("update_many", (), asked, by_question=True)

    async def update_many_returning(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("update_many_returning", (), asked)

    async def delete(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("delete", (), asked, by_question=True)

    async def delete_many(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return await self._write("delete_many", (), asked, by_question=True)

    async def stream(self, **asked: Any) -> AsyncIterator[Any]:  # noqa: ANN401  # likewise
        """See the client's table; all pages by one path, which is neither timed nor compared."""
        call = Call(self._name, "stream", (), asked)
        table = self._routing.table(call, self._routing.way(call, by_question=True))
        async for row in call.on(table):
            yield row

    async def _read(self, operation: str, given: tuple[Any, ...], asked: dict[str, Any]) -> Any:  # noqa: ANN401
        return await self._routing.read(Call(self._name, operation, given, asked))

    async def _write(
        self, operation: str, given: tuple[Any, ...], asked: dict[str, Any], *, by_question: bool = False
    ) -> Any:  # noqa: ANN401  # what the operation returns
        return await self._routing.write(Call(self._name, operation, given, asked), by_question=by_question)
