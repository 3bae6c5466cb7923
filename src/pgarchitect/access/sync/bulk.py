"""Reads of many rows as Arrow, in the thread of the caller.

What reads them is loaded with the first of them, since not everybody has it installed.
"""

from typing import TYPE_CHECKING

from pgarchitect.access.bulk import Bulk
from pgarchitect.access.reading import ReadPlan
from pgarchitect.access.shapes import Tables

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]


def fetched(bulk: Bulk, tables: Tables, read: ReadPlan) -> "pa.Table":
    """The rows.

    Raises:
        ExtraMissing: pyarrow or ADBC is not installed.
    """
    from pgarchitect.access.adbc import Fetch  # noqa: PLC0415  # see above

    return Fetch(bulk, tables, read).run()
