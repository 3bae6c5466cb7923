"""Which rows a copy holds: all of them, or a sample in which every foreign key holds and fan-outs stay true.

Every table that is small is copied whole. Of a big one a part is taken, by a hash: a row goes with the row that its
*anchor* refers to, the reference to its largest sampled parent, and so with the root of a tree of tables. So a parent
that was drawn keeps all of its children, and their children, which a join costs as much for as on the source. Rows that
are referred to by other references are fetched afterwards (``closure``).

That tables share the hash of the key that joins them is correlated sampling (Vengerov et al., "Join Size Estimation
Subject to Filter Conditions", VLDB 2015); that whatever is referred to is kept, at little cost since the hashes agree,
are linked synopses (Gemulla, Rösch and Lehner, "Linked Bernoulli Synopses", SSDBM 2008). Following a tree of several
levels from its root, so that fan-outs stay true on all of them, is ours.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pgarchitect.errors import UsageError
from pgarchitect.sandbox.tables import Reference, Table, Tables, Unit

SMALL: Final = 0.01
"""A table of at most this part of the wanted size is copied whole."""
SMALL_TOGETHER: Final = 0.25
"""Small tables take no more than this part of the wanted size together; else fewer of them are small."""
AIM: Final = 0.9
"""Part of the wanted size that is aimed at, since hashes scatter and a few parents may have most of the children."""
MANY: Final = 1_000
"""A table copied whole is an anchor only when so many of its rows are referred to: fewer hashes are too coarse."""
HASHES: Final = 2**31
"""Values of the hash; a row is taken when its hash is below ``share * HASHES``."""
MOSTLY_SET: Final = 0.5
"""A reference is no anchor where a larger part of the rows refers to nothing."""
LEAST_ROWS: Final = 1_000
"""So many rows of the largest table a sample must draw: fewer say nothing of plans."""
_STEPS: Final = 40
_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken.

    Attributes:
        share: of the roots' rows; 1 when everything is copied.
        sampled: oids of the units of which a part is taken.
        anchors: oid of a sampled unit → the reference that its rows follow.
        keys: oid of a unit → columns whose hash decides, where nothing is followed; none: where the row is stored.
        expected_bytes: of the copy, with what is referred to.
    """

    share: float
    sampled: frozenset[int]
    anchors: Mapping[int, Reference]
    keys: Mapping[int, tuple[str, ...]]
    expected_bytes: int

    @property
    def is_whole(self) -> bool:
        """Whether everything is copied."""
        return not self.sampled

    @property
    def limit(self) -> int:
        """Hashes below it are taken."""
        return max(1, round(self.share * HASHES))


def choose(tables: Tables, wanted_bytes: int) -> Choice:
    """Choose so that the copy takes about ``wanted_bytes`` at most.

    Raises:
        UsageError: no sample is that small.
    """
    if tables.size_bytes <= wanted_bytes:
        return Choice(1.0, frozenset(), {}, {}, tables.size_bytes)
    units = tables.units
    sampled = frozenset(units) - _small(tables, wanted_bytes)
    anchors = _anchors(tables, units, sampled)
    model = _Model(tables, units, sampled, anchors)
    share = _share(model, AIM * wanted_bytes)
    largest = max(units.values(), key=lambda unit: unit.rows)
    if share is None or share * largest.rows < min(LEAST_ROWS, largest.rows):
        raise UsageError(
            f"A consistent sample of that size would hold fewer than {LEAST_ROWS:,} rows of {largest.table.spelled},"
            " since tables refer to rows of each other; raise --max-size."
        )
    return Choice(share, sampled, anchors, _keys(units, sampled, anchors), round(model.size(share)))


def _small(tables: Tables, wanted_bytes: int) -> frozenset[int]:
    """Units that are copied whole: those up to a limit that all of them together keep, and what must be whole."""
    units = tables.units
    whole = {each.root for each in tables.by_oid.values() if each.oid in _indivisible(tables)}
    room = SMALL_TOGETHER * wanted_bytes
    for root, unit in sorted(units.items(), key=lambda item: (item[1].size_bytes, item[1].table.spelled)):
        room -= unit.size_bytes
        if unit.size_bytes > SMALL * wanted_bytes or room < 0:
            break
        whole.add(root)
    return frozenset(whole)


def _indivisible(tables: Tables) -> set[int]:
    """Tables that temporal references need: which of their rows make up a period is not asked."""
    return {each.parent for each in tables.references if each.temporal}


def _anchors(tables: Tables, units: Mapping[int, Unit], sampled: frozenset[int]) -> dict[int, Reference]:
    """Of each sampled unit the reference that its rows follow: to its largest sampled parent, else to a whole one."""
    anchors: dict[int, Reference] = {}
    for child in sorted(sampled, key=lambda root: (-units[root].size_bytes, units[root].table.spelled)):
        for reference in _candidates(tables, units, sampled, child):
            if not _leads_to(anchors, reference.parent, child):
                anchors[child] = reference
                break
    return anchors


def _candidates(tables: Tables, units: Mapping[int, Unit], sampled: frozenset[int], child: int) -> Iterator[Reference]:
    def rank(each: Reference) -> tuple[bool, float, str]:
        return each.parent not in sampled, -units[each.parent].rows, each.name

    found = [
        each
        for each in tables.references
        if each.child == child
        and each.parent in units
        and each.parent != child
        and not each.temporal
        and each.nulls <= MOSTLY_SET
    ]
    yield from (each for each in sorted(found, key=rank) if each.parent in sampled or each.distinct >= MANY)


def _leads_to(anchors: Mapping[int, Reference], start: int, end: int) -> bool:
    while start in anchors:
        start = anchors[start].parent
        if start == end:
            return True
    return False


def _keys(
    units: Mapping[int, Unit], sampled: frozenset[int], anchors: Mapping[int, Reference]
) -> dict[int, tuple[str, ...]]:
    """The columns whose hash decides for a row that follows no other: those that its largest child refers to."""
    keys = {root: units[root].table.key for root in sampled}
    children = sorted(anchors, key=lambda root: (units[root].size_bytes, units[root].table.spelled))
    return keys | {anchors[child].parent: anchors[child].parent_columns for child in children}


class _Model:
    """How large a sample becomes: what is drawn, and what is referred to by that.

    Of ``d`` rows that ``n`` others refer to at random, ``d * (1 - exp(-n/d))`` are referred to at least once.
    """

    def __init__(
        self, tables: Tables, units: Mapping[int, Unit], sampled: frozenset[int], anchors: Mapping[int, Reference]
    ) -> None:
        self._units = units
        self._sampled = sampled
        roots = {table.oid: table.root for table in tables.by_oid.values()}
        self._edges = [
            (roots[each.child], roots[each.parent], each, anchors.get(roots[each.child]) is each)
            for each in tables.references
            if roots[each.parent] in sampled
        ]

    def size(self, share: float) -> float:
        """Bytes of the copy when ``share`` of the roots is drawn."""
        kept = self._kept(share)
        return math.fsum(unit.size_bytes * kept[root] for root, unit in self._units.items())

    def _kept(self, share: float) -> dict[int, float]:
        kept = {root: share if root in self._sampled else 1.0 for root in self._units}
        for _ in range(_ROUNDS):
            left = dict.fromkeys(self._sampled, 1 - share)
            for child, parent, reference, followed in self._edges:
                drawn = kept[child] - (share if followed else 0.0)
                left[parent] *= 1 - self._touched(child, parent, reference, drawn)
            now = kept | {root: 1 - rest for root, rest in left.items()}
            if all(abs(now[root] - kept[root]) < 1e-6 for root in now):
                break
            kept = now
        return kept

    def _touched(self, child: int, parent: int, reference: Reference, drawn: float) -> float:
        """Part of the parent's rows to which that part of the child's rows refers."""
        referring = self._units[child].rows * (1 - reference.nulls) * max(0.0, drawn)
        rows = max(1.0, self._units[parent].rows)
        return min(1.0, reference.distinct * -math.expm1(-referring / reference.distinct) / rows)


def _share(model: _Model, aim: float) -> float | None:
    """The largest share whose copy is no larger than ``aim``; None when there is none."""
    low, high = 1 / HASHES, 1.0
    if model.size(low) > aim:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if model.size(middle) <= aim else (low, middle)
    return low


def top(tables: Tables, table: Table) -> Table:
    """The partitioned table that a table is a part of in the end, or itself."""
    return tables.by_oid.get(table.root, table)
