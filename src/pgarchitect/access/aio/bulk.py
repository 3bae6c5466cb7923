"""Reads of many rows as Arrow, in a thread: the loop goes on meanwhile.

What reads them is loaded with the first of them, since not everybody has it installed.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from pgarchitect.access.bulk import Bulk
from pgarchitect.access.reading import ReadPlan
from pgarchitect.access.shapes import Tables

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

    from pgarchitect.access.adbc import Fetch


async def fetched(bulk: Bulk, tables: Tables, read: ReadPlan) -> "pa.Table":
    """The rows; a caller that leaves ends the statement.

    Raises:
        ExtraMissing: pyarrow or ADBC is not installed.
    """
    fetch = await asyncio.to_thread(_fetch, bulk, tables, read)
    work = asyncio.ensure_future(asyncio.to_thread(fetch.run))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        fetch.cancel()
        work.add_done_callback(_ignored)
        await asyncio.wait([work])
        raise


def _fetch(bulk: Bulk, tables: Tables, read: ReadPlan) -> "Fetch":
    from pgarchitect.access.adbc import Fetch  # noqa: PLC0415  # see above

    return Fetch(bulk, tables, read)


def _ignored(work: "asyncio.Future[Any]") -> None:
    if not work.cancelled():
        work.exception()
