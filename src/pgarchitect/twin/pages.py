"""Pages of heaps and B-trees, byte by byte.

The layouts are PostgreSQL's own, unchanged from 14 to 18: ``storage/bufpage.h``, ``storage/itemid.h``,
``access/itup.h``, ``access/htup_details.h``, ``access/visibilitymap.h`` and ``access/nbtree.h`` of its source.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

BLOCK: Final = 8192
"""Bytes of a page in a stock build."""

_HEADER: Final = 24
_ITEM: Final = 4
_LAYOUT_VERSION: Final = 4
_IN_USE: Final = 1 << 15
_LENGTH: Final = 17
"""Bits of a line pointer: 15 of the offset, two of its state, the rest of the length."""

_BTREE_SPECIAL: Final = 16
_LEAF, _ROOT = 1, 2
_PIVOT: Final = 8
"""A pivot tuple without keys, which stands for minus infinity: its header alone."""
_ALTERNATIVE_TID: Final = 0x2000

_KEY_HEADER: Final = 8
_KEY_HEADER_WITH_NULLS: Final = 16
_HAS_NULLS, _HAS_VARYING, _KEY_BYTES = 0x8000, 0x4000, 0x1FFF
_FIRST_PRESENT: Final = 0b1
"""Bitmap of a tuple whose first attribute has a value, and no other."""

_ROW: Final = struct.Struct("<IIIHHHHHBx")
_NOT_DELETED: Final = 0x0800
_LATER: Final = 1 << 30
"""A transaction far ahead of those that a twin will see."""

_SEEN: Final = 0b01
"""VISIBILITYMAP_ALL_VISIBLE, for the first of the pages that a byte tells about."""


@dataclass(frozen=True, slots=True)
class Key:
    """The first value of an index tuple, as it lies on the page.

    Attributes:
        content: its bytes, filled up to a multiple of eight.
        varies: whether its type has values of different lengths.
    """

    content: bytes
    varies: bool


def page(items: Sequence[bytes], special: bytes = b"") -> bytes:
    """A page that holds ``items``, each a multiple of eight bytes long, and ends with ``special``."""
    made = bytearray(BLOCK)
    end = upper = BLOCK - len(special)
    made[end:] = special
    for number, item in enumerate(items):
        upper -= len(item)
        made[upper : upper + len(item)] = item
        struct.pack_into("<I", made, _HEADER + _ITEM * number, upper | _IN_USE | (len(item) << _LENGTH))
    lower = _HEADER + _ITEM * len(items)
    struct.pack_into("<QHHHHHHI", made, 0, 0, 0, 0, lower, upper, end, BLOCK | _LAYOUT_VERSION, 0)
    return bytes(made)


def tree_page(*, level: int, child: int, root: bool, keys: Sequence[bytes] = ()) -> bytes:
    """The only page of its level in a B-tree: a leaf with ``keys``, or the way down to the page ``child``."""
    flags = (0 if level else _LEAF) | (_ROOT if root else 0)
    pivot = struct.pack("<HHHH", child >> 16, child & 0xFFFF, 0, _PIVOT | _ALTERNATIVE_TID)
    return page([pivot] if level else keys, struct.pack("<IIIHH", 0, 0, level, flags, 0))


def index_tuple(key: Key, place: int, attributes: int) -> bytes:
    """An index tuple with a first value and no others, for the row at ``place`` of a heap's first page."""
    alone = attributes == 1
    size = (_KEY_HEADER if alone else _KEY_HEADER_WITH_NULLS) + len(key.content)
    info = size | (0 if alone else _HAS_NULLS) | (_HAS_VARYING if key.varies else 0)
    header = struct.pack("<HHHH", 0, 0, place, info)
    bitmap = b"" if alone else struct.pack("<Ixxxx", _FIRST_PRESENT)
    return header + bitmap + key.content


def keys_of(tree: bytes) -> Iterator[tuple[tuple[int, int], Key]]:
    """Block and place of the row, and the key, of every tuple in the leaves of a B-tree with one column.

    Args:
        tree: its file; equal keys must not share a tuple.
    """
    for start in range(BLOCK, len(tree), BLOCK):
        leaf = tree[start : start + BLOCK]
        _, following, _, flags, _ = struct.unpack_from("<IIIHH", leaf, BLOCK - _BTREE_SPECIAL)
        if flags & _LEAF:
            for item in _items(leaf)[1 if following else 0 :]:  # the first is a bound, but on the last page
                high, low, place, info = struct.unpack_from("<HHHH", item)
                if not info & _HAS_NULLS:
                    content = item[_KEY_HEADER : info & _KEY_BYTES]
                    yield (high << 16 | low, place), Key(content, bool(info & _HAS_VARYING))


def _items(made: bytes) -> list[bytes]:
    (lower,) = struct.unpack_from("<H", made, 12)
    pointers = (struct.unpack_from("<I", made, place)[0] for place in range(_HEADER, lower, _ITEM))
    return [made[(it & (_IN_USE - 1)) : (it & (_IN_USE - 1)) + (it >> _LENGTH)] for it in pointers]


def unborn_rows(number: int) -> bytes:
    """A heap's page with rows that no statement sees, and that are not dead either.

    They come from a transaction that has not begun. The planner, which looks for the ends of an index, takes any row
    that VACUUM would have to keep (``get_actual_variable_endpoint`` of selfuncs.c); a query's snapshot does not.
    """
    return page([_ROW.pack(_LATER, 0, 0, 0, 0, place, 0, _NOT_DELETED, _ROW.size) for place in range(1, number + 1)])


def all_visible() -> bytes:
    """A page of a visibility map that says of a heap's first page that everybody sees its rows."""
    made = bytearray(page([]))
    made[_HEADER] = _SEEN
    return bytes(made)
