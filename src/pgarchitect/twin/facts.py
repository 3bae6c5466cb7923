"""What the twin's catalog and planner say of tables, each asked once: while indexes are made, none of it changes."""

from typing import Any

from pgarchitect.postgres.attempt import Attempt
from pgarchitect.postgres.connection import Connection


class Facts:
    """Answers of one twin, remembered; for as long as nobody migrates it or writes statistics of its tables.

    Statistics of a hypothetical index's expressions must be written before they are asked for.
    """

    def __init__(self, connection: Connection) -> None:
        """Nothing is known yet."""
        self.connection = connection
        self._rows: dict[tuple[str, str], list[tuple[Any, ...]]] = {}

    def rows(self, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:  # noqa: ANN401  # psycopg's
        """The answer to a query."""
        key = (query, repr(parameters))
        if key not in self._rows:
            self._rows[key] = self.connection.execute(query.encode(), parameters).fetchall()
        return self._rows[key]

    def readable(self, query: str, parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # psycopg's
        """The same; nothing where the server refuses the query."""
        if (query, repr(parameters)) in self._rows:
            return self._rows[query, repr(parameters)]
        with Attempt(self.connection):
            return self.rows(query, parameters)
        self._rows[query, repr(parameters)] = []
        return []

    def one(self, query: str, parameters: Any) -> Any:  # noqa: ANN401  # what the query says
        """The first value of the answer; None when it has no row."""
        rows = self.rows(query, parameters)
        return rows[0][0] if rows else None

    def planned(self, query: str) -> tuple[float, float]:
        """Rows and width of a query's result, as the planner sees them."""
        plan: dict[str, Any] = self.one(f"EXPLAIN (FORMAT JSON) {query}", None)[0]["Plan"]
        return float(plan["Plan Rows"]), float(plan["Plan Width"])
