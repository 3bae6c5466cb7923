# Written by scripts/sync_from_async.py from ../aio/routed.py: change that one.
"""Tables and transactions of a service: they have the operations of the client, each by the path that is chosen."""

from collections.abc import Iterator
from typing import Any

from pgarchitect.access.router import Call, Way
from pgarchitect.access.sync.routing import Routing


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

    def find_unique(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # as the client's tables have it
        """See the client's table."""
        return self._read("find_unique", given, asked)

    def get(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("get", given, asked)

    def find_unique_or_raise(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("find_unique_or_raise", given, asked)

    def find_first(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("find_first", (), asked)

    def find_first_or_raise(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("find_first_or_raise", (), asked)

    def find_many(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("find_many", (), asked)

    def count(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("count", (), asked)

    def aggregate(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("aggregate", (), asked)

    def group_by(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._read("group_by", given, asked)

    def insert(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("insert", given, asked)

    def insert_many(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("insert_many", given, asked)

    def insert_many_returning(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("insert_many_returning", given, asked)

    def upsert(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("upsert", (), asked, by_question=True)

    def upsert_many(self, *given: Any, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("upsert_many", given, asked)

    def update(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("update", (), asked, by_question=True)

    def update_many(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("update_many", (), asked, by_question=True)

    def update_many_returning(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("update_many_returning", (), asked)

    def delete(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("delete", (), asked, by_question=True)

    def delete_many(self, **asked: Any) -> Any:  # noqa: ANN401  # likewise
        """See the client's table."""
        return self._write("delete_many", (), asked, by_question=True)

    def stream(self, **asked: Any) -> Iterator[Any]:  # noqa: ANN401  # likewise
        """See the client's table; all pages by one path, which is neither timed nor compared."""
        call = Call(self._name, "stream", (), asked)
        table = self._routing.table(call, self._routing.way(call, by_question=True))
        for row in call.on(table):
            yield row

    def _read(self, operation: str, given: tuple[Any, ...], asked: dict[str, Any]) -> Any:  # noqa: ANN401
        return self._routing.read(Call(self._name, operation, given, asked))

    def _write(
        self, operation: str, given: tuple[Any, ...], asked: dict[str, Any], *, by_question: bool = False
    ) -> Any:  # noqa: ANN401  # what the operation returns
        return self._routing.write(Call(self._name, operation, given, asked), by_question=by_question)
