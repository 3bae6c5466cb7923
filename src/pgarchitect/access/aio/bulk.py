"""Reads of many rows as Arrow, in a thread: the loop goes on meanwhile."""

import asyncio
from typing import TYPE_CHECKING

from pgarchitect.access.bulk import Bulk, Fetch
from pgarchitect.access.reading import ReadPlan
from pgarchitect.access.shapes import Tables

if TYPE_CHECKING:
    import pyarrow as pa


async def fetched(bulk: Bulk, tables: Tables, read: ReadPlan) -> "pa.Table":
    """The rows; a caller that leaves ends the statement."""
    fetch = Fetch(bulk, tables, read)
    work = asyncio.ensure_future(asyncio.to_thread(fetch.run))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        fetch.cancel()
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([work])
        raise
