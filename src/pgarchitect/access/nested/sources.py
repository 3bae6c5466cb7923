"""Many values of a statement as a table of its own, ``unnest($1, $2, …) AS u``: one text, however many there are."""

from collections.abc import Sequence
from typing import Any

from pgarchitect.access.shapes import ColumnShape
from pgarchitect.access.statement import Parameters, in_database
from pgarchitect.access.writing import array


class Source:
    """Columns of values that a statement joins with.

    Args:
        parameters: of the statement.
        alias: by which the statement calls them.
    """

    __slots__ = ("_arrays", "_parameters", "alias")

    def __init__(self, parameters: Parameters, alias: str = "u") -> None:
        self._parameters = parameters
        self._arrays: list[str] = []
        self.alias = alias

    def column(self, column: ColumnShape, values: Sequence[Any]) -> str:
        """Add a column of values, one a row; what stands for it in the statement."""
        made = [in_database(column, each) for each in values]
        self._arrays.append(array(self._parameters, column, made))
        return in_source(column, len(self._arrays) - 1, self.alias)

    def sql(self) -> str:
        """It, as FROM takes it; ``n`` is the number of the row, from 1."""
        names = [f"c{number}" for number in range(len(self._arrays))]
        return f"unnest({', '.join(self._arrays)}) WITH ORDINALITY AS {self.alias}({', '.join(names)}, n)"


def in_source(column: ColumnShape, number: int, alias: str = "u") -> str:
    """What stands for a column of values; arrays of arrays have one length, so lists travel as texts of arrays."""
    return f"{alias}.c{number}::{column.type}[]" if column.is_list else f"{alias}.c{number}"


class Recorder(Parameters):
    """Stands for the parameters of one row of many: it keeps values and columns, and answers with their place."""

    __slots__ = ("columns", "first")

    def __init__(self, first: int) -> None:
        super().__init__()
        self.first = first
        self.columns: list[ColumnShape] = []

    def add(self, column: ColumnShape, value: object) -> str:
        """One value of a column."""
        self.values.append(value)
        self.columns.append(column)
        return in_source(column, self.first + len(self.columns) - 1)
