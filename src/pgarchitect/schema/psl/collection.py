"""Python's garbage collector, held back while a syntax tree grows.

A tree is many small objects, none of which is garbage before the end; the collector would look at all of them again
and again, a third of the time that reading takes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_held() -> Iterator[None]:
    """Collect no garbage within the block, if garbage was collected before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
