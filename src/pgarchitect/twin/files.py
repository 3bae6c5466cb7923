"""Files of relations, patched so that the planner believes them: lengths without contents, heights without rows.

The layouts of metapages are PostgreSQL's own, unchanged from 14 to 18: ``access/nbtree.h``, ``access/brin_page.h`` and
``access/ginblock.h`` of its source.
"""

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pgarchitect.twin.pages import BLOCK, all_visible, tree_page, unborn_rows

SEGMENT: Final = 131_072
"""Pages of a segment file (1 GB) in a stock build."""

_META: Final = 24
"""Offset of a metapage's contents: behind the page's header."""
_BTREE_MAGIC: Final = 0x053162
_BRIN_MAGIC: Final = 0xA8109CFA
_BRIN_LAST_MAP_PAGE: Final = _META + 12
_GIN_COUNTS: Final = _META + 24
"""Offsets in ``BrinMetaPageData`` and ``GinMetaPageData``."""
_ENDS: Final = 2
"""Rows that a tree can name: for its least key and for its greatest."""

Own = Callable[[Path], None]
"""Hands a file that was created over to the server's account."""


@dataclass(frozen=True, slots=True)
class GinCounts:
    """What the metapage of a GIN index counts."""

    entry_pages: int
    data_pages: int
    entries: int
    pending_pages: int = 0


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What the planner looks up in an index's file.

    Attributes:
        method: name of its access method.
        pages: length of its main fork.
        height: of a B-tree: levels above the leaves.
        map_pages: of a BRIN index: pages of its map.
        gin: counts of a GIN index.
        keys: tuples of a B-tree's leaf, in its order: the least and the greatest key, where they are known.
    """

    method: str
    pages: int
    height: int | None = None
    map_pages: int = 0
    gin: GinCounts | None = None
    keys: tuple[bytes, ...] = ()


def shape(path: Path, file: IndexFile, own: Own) -> None:
    """Make an index's file that was built without rows look like ``file``; it is never made shorter.

    Raises:
        OSError: the file is not there or cannot be written.
        ValueError: it is of another method.
    """
    if file.height is not None:
        set_btree_height(path, file.height, file.keys)
    if file.map_pages > 1:
        _set_brin_map(path, file.map_pages)
    if file.gin is not None:
        _set_gin_counts(path, file.gin, file.pages)
    if file.pages * BLOCK > path.stat().st_size:
        resize(path, file.pages, own)


def _set_brin_map(path: Path, map_pages: int) -> None:
    with path.open("r+b") as opened:
        if struct.unpack_from("<I", opened.read(BLOCK), _META)[0] != _BRIN_MAGIC:
            raise ValueError(f"{path} is not a BRIN index")
        opened.seek(_BRIN_LAST_MAP_PAGE)
        opened.write(struct.pack("<I", map_pages))


def _set_gin_counts(path: Path, counts: GinCounts, pages: int) -> None:
    with path.open("r+b") as opened:
        opened.seek(_META + 12)
        opened.write(struct.pack("<I", counts.pending_pages))
        opened.seek(_GIN_COUNTS)
        opened.write(struct.pack("<IIIxxxxq", pages, counts.entry_pages, counts.data_pages, counts.entries))


def resize(path: Path, pages: int, own: Own) -> None:
    """Make a relation's main fork ``pages`` long, in segments, as sparse files: no disk is used for what is added."""
    segment, left = 0, pages
    while True:
        file = path if segment == 0 else path.with_name(f"{path.name}.{segment}")
        if segment and not left:
            _forget_from(path, segment)
            return
        here = min(left, SEGMENT)
        _truncate(file, here * BLOCK, own)
        left -= here
        segment += 1


def _truncate(file: Path, length: int, own: Own) -> None:
    created = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(descriptor, length)
    finally:
        os.close(descriptor)
    if created:
        own(file)


def _forget_from(path: Path, segment: int) -> None:
    while (file := path.with_name(f"{path.name}.{segment}")).exists():
        file.unlink()
        segment += 1


def set_unborn_rows(path: Path) -> None:
    """Put the rows that the keys in trees name into the first page of a table's file.

    They are not there for any statement, and are what the planner needs to believe in the keys.

    Raises:
        OSError: the file is not there or cannot be written.
    """
    with path.open("r+b") as opened:
        opened.write(unborn_rows(_ENDS))


def refill(path: Path, pages: int, own: Own) -> None:
    """Make a table's file ``pages`` long, empty or not, with the rows in its first page that keys in trees name.

    Raises:
        OSError: the file cannot be written.
    """
    resize(path, pages, own)
    _end_emptiness(path, pages)


def _end_emptiness(path: Path, pages: int) -> None:
    if pages:
        set_unborn_rows(path)
    _map(path).unlink(missing_ok=True)


def empty(path: Path, own: Own) -> None:
    """Let a table look empty, so that nothing is read; ``refill`` ends that.

    The rows that keys in trees name go too. Lest the planner misses them, a visibility map tells that it need not look.

    Raises:
        OSError: the file is not there or cannot be written.
    """
    _map(path).write_bytes(all_visible())
    own(_map(path))
    os.truncate(path, 0)


@contextmanager
def emptied(path: Path, own: Own) -> Iterator[None]:
    """A table looks empty while the block runs; it gets its length back in any case."""
    length = path.stat().st_size
    try:
        empty(path, own)
        yield
    finally:
        os.truncate(path, length)
        _end_emptiness(path, length // BLOCK)


def _map(path: Path) -> Path:
    return path.with_name(f"{path.name}_vm")


def set_btree_height(path: Path, height: int, keys: Sequence[bytes] = ()) -> None:
    """Give an empty B-tree the metapage of one that has ``height`` levels above its leaves.

    The pages from the root down to a leaf are real, since the planner descends to the ends of an index for the least
    and greatest value; where it finds no key there it takes the histogram's ends.

    Raises:
        ValueError: the file is not a B-tree.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        meta = bytearray(os.pread(descriptor, BLOCK, 0))
        if len(meta) < BLOCK or struct.unpack_from("<I", meta, _META)[0] != _BTREE_MAGIC:
            raise ValueError(f"{path} is not a B-tree")
        height = max(height, 0)
        if not height and not keys:
            return
        for step in range(height + 1):
            level = height - step
            page = tree_page(level=level, child=step + 2, root=step == 0, keys=keys)
            os.pwrite(descriptor, page, (step + 1) * BLOCK)
        struct.pack_into("<IIII", meta, _META + 8, 1, height, 1, height)  # root, its level, fast root, its level
        os.pwrite(descriptor, bytes(meta), 0)
    finally:
        os.close(descriptor)


def set_btree_keys(path: Path, keys: Sequence[bytes]) -> None:
    """Let the leaf of a B-tree that ``set_btree_height`` made hold other keys.

    Raises:
        ValueError: the file is not a B-tree.
    """
    with path.open("r+b") as opened:
        meta = opened.read(BLOCK)
        magic, _, root, level = struct.unpack_from("<IIII", meta, _META)
        if magic != _BTREE_MAGIC:
            raise ValueError(f"{path} is not a B-tree")
        if root:
            opened.seek((level + 1) * BLOCK)
            opened.write(tree_page(level=0, child=0, root=level == 0, keys=keys))
    if not root:
        set_btree_height(path, 0, keys)
