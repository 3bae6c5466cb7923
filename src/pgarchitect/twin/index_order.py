"""Order of creation of indexes: the planner keeps the older of two indexes whose plans cost the same."""

import re
from collections.abc import Sequence
from typing import Final

_HEAD: Final = re.compile(
    rb"^--\n-- (?:Statistics for )?Name: (?P<name>.*); Type: (?P<type>[A-Z ]+);"
    rb" Schema: (?P<schema>.*); Owner: .*\n--\n",
    re.MULTILINE,
)
_KINDS: Final = frozenset({b"INDEX", b"CONSTRAINT"})

IndexName = tuple[str, str, str]
"""Schema, table and name of an index."""


def in_creation_order(script: bytes, indexes: Sequence[IndexName]) -> bytes:
    """A dump's script that creates the indexes of each table in the given order; all else stays where it is.

    pg_dump writes them by name, primary keys first.

    Args:
        script: as pg_dump wrote it.
        indexes: in the order of their creation on the source.
    """
    known = _spellings(indexes)
    heads = list(_HEAD.finditer(script))
    if not heads:
        return script
    blocks = [script[: heads[0].start()]]
    blocks += [
        script[a.start() : b] for a, b in zip(heads, [*(h.start() for h in heads[1:]), len(script)], strict=True)
    ]
    slots: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for place, head in enumerate(heads, start=1):
        found = known.get((head["schema"], head["name"])) if head["type"] in _KINDS else None
        if found is not None:
            position, table = found
            slots.setdefault(table, []).append((place, position))
    ordered = list(blocks)
    for places in slots.values():
        by_age = sorted(places, key=lambda slot: slot[1])
        for (place, _), (origin, _) in zip(places, by_age, strict=True):
            ordered[place] = blocks[origin]
    return b"".join(ordered)


def _spellings(indexes: Sequence[IndexName]) -> dict[tuple[bytes, bytes], tuple[int, tuple[str, str]]]:
    """How a dump's comments name each index: as an index by itself, as a constraint after its table."""
    found = {}
    for position, (schema, table, name) in enumerate(indexes):
        for spelled in (name, f"{table} {name}"):
            key = (_plain(schema), _plain(spelled))
            found[key] = (position, (schema, table))
    return found


def _plain(name: str) -> bytes:
    return re.sub(r"[\r\n]", " ", name).encode()
