"""Reads of many rows as Arrow, in the thread of the caller."""

from typing import TYPE_CHECKING

from pgarchitect.access.bulk import Bulk, Fetch
from pgarchitect.access.reading import ReadPlan
from pgarchitect.access.shapes import Tables

if TYPE_CHECKING:
    import pyarrow as pa


def fetched(bulk: Bulk, tables: Tables, read: ReadPlan) -> "pa.Table":
    """The rows."""
    return Fetch(bulk, tables, read).run()
